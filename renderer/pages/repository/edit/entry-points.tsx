// The ways into the editor, where files and folders are shown: for those who may write, and on branches only.
import { Button, Group, Menu } from '@mantine/core'
import { PencilIcon, PlusIcon, TrashIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { pathProblem } from '../../../../server/contract/paths.ts'
import { ButtonLink } from '../../../parts/link.tsx'
import { encoded, type Entry } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { textQuery } from '../source/data.ts'
import { branchQuery, LARGEST_EDITED } from './data.ts'
import { DeleteFile } from './delete-file.tsx'
import { isPointer } from './text.ts'

/** Whether files can be changed here by whoever looks at them. */
function useWritable(refName: string): boolean {
  const { id, repository } = useRepository()
  const may = (repository.permission === 'write' || repository.permission === 'admin') && !repository.quarantine
  const { data } = useQuery({ ...branchQuery(id, refName), enabled: may })
  return may && typeof data === 'string'
}

export function EditActions({ entry, refName }: { entry: Entry; refName: string }) {
  const { repository } = useRepository()
  const writable = useWritable(refName)
  const [deleting, setDeleting] = useState(false)
  const editable = useEditable(entry, refName, writable)
  if (!writable || entry.attributes?.includes('subrepository') || pathProblem(entry.path) !== undefined) return null
  const address = `${encoded(refName)}/${encoded(entry.path)}`
  return (
    <Group gap="xs" wrap="nowrap">
      {editable && (
        <ButtonLink
          to={`/${repository.full_name}/edit/${address}`}
          variant="default"
          size="xs"
          leftSection={<PencilIcon />}
        >
          Edit
        </ButtonLink>
      )}
      <Button variant="default" size="xs" leftSection={<TrashIcon />} onClick={() => setDeleting(true)}>
        Delete
      </Button>
      <DeleteFile entry={entry} branch={refName} opened={deleting} onClose={() => setDeleting(false)} />
    </Group>
  )
}

/** Text in UTF-8 that is not too large, and no pointer of LFS; the page has it in hand already. */
function useEditable({ path, mimetype, attributes = [], size = 0 }: Entry, refName: string, wanted: boolean): boolean {
  const { id } = useRepository()
  const plain = mimetype?.startsWith('text/') === true && size <= LARGEST_EDITED && !attributes.includes('link')
  const { data } = useQuery({ ...textQuery(id, `${refName}/${path}`), enabled: wanted && plain })
  return data !== undefined && !/[\0\ufffd]/.test(data) && !isPointer(data)
}

/** `path`: of the folder, empty for the root. */
export function FolderActions({ path, refName }: { path: string; refName: string }) {
  const { repository } = useRepository()
  const writable = useWritable(refName)
  if (!writable) return null
  const address = path === '' ? encoded(refName) : `${encoded(refName)}/${encoded(path)}`
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <Button variant="default" leftSection={<PlusIcon />}>
          Add file
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to={`/${repository.full_name}/new-file/${address}`}>
          Create a file
        </Menu.Item>
        <Menu.Item component={Link} to={`/${repository.full_name}/upload/${address}`}>
          Upload files
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** In a repository without commits, where there is no branch yet. */
export function FirstFile() {
  const { repository } = useRepository()
  const may = repository.permission === 'write' || repository.permission === 'admin'
  if (!may || repository.quarantine) return null
  const branch = encoded(repository.main_branch)
  return (
    <Group gap="xs">
      <ButtonLink to={`/${repository.full_name}/new-file/${branch}`} variant="default" size="sm">
        Create a file here
      </ButtonLink>
      <ButtonLink to={`/${repository.full_name}/upload/${branch}`} variant="default" size="sm">
        Upload files
      </ButtonLink>
    </Group>
  )
}
