// Files: a folder as a list with its README, or one file; the address is ref and path.
import { Group, Paper, Stack, Text } from '@mantine/core'
import { FileDirectoryFillIcon, FileIcon, FileSubmoduleIcon, FileSymlinkFileIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ApiError } from '../../../api.ts'
import { CloneBox } from '../../../parts/clone-box.tsx'
import { Download } from '../../../parts/download.tsx'
import { TextLink } from '../../../parts/link.tsx'
import { Empty, Failure, Waiting } from '../../../parts/states.tsx'
import { sizeText } from '../../../parts/size.ts'
import { Time } from '../../../parts/time.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { type Entry, encoded, lastCommitQuery } from '../data.ts'
import { FolderActions } from '../edit/entry-points.tsx'
import { folderQuery, metaQuery, textQuery } from './data.ts'
import { EmptyRepository } from './empty.tsx'
import { FileView } from './file.tsx'
import { useNamed, useRepository } from '../layout.tsx'
import { Missing } from './missing.tsx'
import { RefPicker } from '../ref-picker.tsx'

export function Source() {
  const { repository } = useRepository()
  const address = useNamed()
  if (repository.is_empty) return <EmptyRepository />
  return <Place address={address} />
}

/** The server says where the name of the ref ends and the path begins: names of refs may hold slashes. */
function Place({ address }: { address: string }) {
  const { id, repository } = useRepository()
  const { data, error, refetch } = useQuery(metaQuery(id, address))
  if (error && isMissing(error)) return <Missing address={address} />
  if (error) return <Failure error={error} retry={refetch} />
  if (!data) return <Waiting rows={8} />
  const ref = data.path === '' ? address.replace(/\/$/, '') : address.slice(0, address.lastIndexOf(data.path) - 1)
  return (
    <>
      <PageTitle title={data.path === '' ? repository.full_name : `${data.path} at ${ref}`}>
        <Crumbs refName={ref} path={data.path} />
      </PageTitle>
      {data.type === 'commit_file' ? <FileView entry={data} refName={ref} /> : <Folder entry={data} refName={ref} />}
    </>
  )
}

function isMissing(error: Error): boolean {
  return error instanceof ApiError && error.status === 404
}

function Crumbs({ refName, path }: { refName: string; path: string }) {
  const { repository } = useRepository()
  const parts = path === '' ? [] : path.split('/')
  const start = `/${repository.full_name}/src/${encoded(refName)}`
  return (
    <Text span size="lg" fw={600}>
      <TextLink to={start}>{repository.slug}</TextLink>
      {parts.map((part, i) => (
        <span key={parts.slice(0, i + 1).join('/')}>
          {' / '}
          {i === parts.length - 1 ? (
            part
          ) : (
            <TextLink to={`${start}/${encoded(parts.slice(0, i + 1).join('/'))}`}>{part}</TextLink>
          )}
        </span>
      ))}
    </Text>
  )
}

function Folder({ entry, refName }: { entry: Entry; refName: string }) {
  const { id, repository } = useRepository()
  const navigate = useNavigate()
  const address = `${refName}/${entry.path}`
  const { data, error, refetch } = useQuery(folderQuery(id, entry.path === '' ? `${refName}/` : address))
  const readme = data?.find(
    ({ type, path }) => type === 'commit_file' && /^readme(\.\w+)?$/i.test(path.split('/').at(-1) ?? ''),
  )
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <RefPicker
            refName={refName}
            onPick={(name) => void navigate({ to: `/${repository.full_name}/src/${encoded(name)}` })}
          />
          <FolderActions path={entry.path} refName={refName} />
        </Group>
        <div style={{ flex: '1 1 300px', maxWidth: 560 }}>
          <CloneBox fullName={repository.full_name} />
        </div>
        <Download fullName={repository.full_name} refName={refName} />
      </Group>
      <Paper className="card">
        <LastCommit revision={refName} />
        {error && <Failure error={error} retry={refetch} />}
        {!data && !error && <Waiting rows={6} height={30} />}
        {data?.map((child) => (
          <EntryRow key={child.path} entry={child} refName={refName} />
        ))}
        {data?.length === 0 && <Empty title="This folder is empty." />}
      </Paper>
      {readme && <Readme address={`${refName}/${readme.path}`} name={readme.path.split('/').at(-1) ?? ''} />}
    </Stack>
  )
}

function LastCommit({ revision }: { revision: string }) {
  const { id, repository } = useRepository()
  const { data } = useQuery(lastCommitQuery(id, revision))
  if (!data) return null
  return (
    <Group
      className="row"
      px="md"
      py="xs"
      gap="xs"
      wrap="nowrap"
      style={{ background: 'var(--soft)', borderRadius: '10px 10px 0 0' }}
    >
      <Text size="sm" truncate style={{ flex: 1 }}>
        <b>{data.author.raw.replace(/ <.*/, '')}</b> {data.message.split('\n')[0]}
      </Text>
      <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        <TextLink to={`/${repository.full_name}/commit/${data.hash}`} className="mono">
          {data.hash.slice(0, 8)}
        </TextLink>{' '}
        <Time iso={data.date} />
      </Text>
    </Group>
  )
}

function EntryIcon({ entry: { type, attributes } }: { entry: Entry }) {
  if (type === 'commit_directory') return <FileDirectoryFillIcon />
  if (attributes?.includes('link')) return <FileSymlinkFileIcon />
  return attributes?.includes('subrepository') ? <FileSubmoduleIcon /> : <FileIcon />
}

function EntryRow({ entry, refName }: { entry: Entry; refName: string }) {
  const { repository } = useRepository()
  const name = entry.path.split('/').at(-1) ?? ''
  return (
    <Group className="row" px="md" py={8} gap="sm" wrap="nowrap">
      <Text span c={entry.type === 'commit_directory' ? 'pine' : 'dimmed'} lh={1}>
        <EntryIcon entry={entry} />
      </Text>
      <TextLink
        to={`/${repository.full_name}/src/${encoded(refName)}/${encoded(entry.path)}`}
        style={{ flex: 1 }}
        c="inherit"
      >
        {name}
      </TextLink>
      {entry.type === 'commit_file' && (
        <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          {sizeText(entry.size ?? 0)}
        </Text>
      )}
    </Group>
  )
}

function Readme({ address, name }: { address: string; name: string }) {
  const { id } = useRepository()
  const { data } = useQuery(textQuery(id, address))
  if (data === undefined) return null
  return (
    <Paper className="card" component="section" aria-label={name}>
      <Text className="row" px="md" py="xs" fw={600} size="sm">
        {name}
      </Text>
      <Text px="md" py="md" className="mono" component="pre" m={0} style={{ whiteSpace: 'pre-wrap' }}>
        {data}
      </Text>
    </Paper>
  )
}
