// The files of a branch, a tag or a commit as one archive to download.
import { Button, Menu } from '@mantine/core'
import { DownloadIcon, FileZipIcon } from '@primer/octicons-react'

export function archiveAddress(fullName: string, refName: string, format: 'zip' | 'tar.gz'): string {
  return `/${fullName}/get/${refName.split('/').map(encodeURIComponent).join('/')}.${format}`
}

export function Download({ fullName, refName }: { fullName: string; refName: string }) {
  return (
    <Menu position="bottom-end" width={220} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button variant="default" size="sm" leftSection={<DownloadIcon />}>
          Download
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Files at {refName}</Menu.Label>
        <ArchiveItem href={archiveAddress(fullName, refName, 'zip')} label="as .zip" />
        <ArchiveItem href={archiveAddress(fullName, refName, 'tar.gz')} label="as .tar.gz" />
      </Menu.Dropdown>
    </Menu>
  )
}

export function ArchiveItem({ href, label }: { href: string; label: string }) {
  return (
    <Menu.Item component="a" href={href} download leftSection={<FileZipIcon />}>
      {label}
    </Menu.Item>
  )
}
