// Deleting a file: asked once, with what the commit says and where it goes.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Confirm } from '../../../parts/confirm.tsx'
import { useSession } from '../../../queries.ts'
import { encoded, type Entry, type Id } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { branchFor, CommitFields, newTarget } from './commit-fields.tsx'
import { commitTexts, isThere, useCommitted } from './data.ts'

interface Props {
  entry: Entry
  branch: string
  opened: boolean
  onClose: () => void
}

export function DeleteFile({ entry, branch, opened, onClose }: Props) {
  const { id, repository } = useRepository()
  const user = useSession()?.user?.username ?? ''
  const client = useQueryClient()
  const navigate = useNavigate()
  const committed = useCommitted()
  const [target, setTarget] = useState(() => newTarget(user, `delete ${entry.path}`))
  const usual = `Delete ${entry.path}`
  const remove = useMutation({
    mutationFn: async () => {
      const onto = await branchFor(client, id, branch, target)
      const message = target.message.trim() === '' ? usual : target.message
      const { hash } = await commitTexts(
        id,
        { message, branch: onto, parent: entry.commit.hash },
        { remove: [entry.path] },
      )
      return `${encoded(onto)}${await folderLeft(id, hash, entry.path)}`
    },
    onSuccess: async (place) => {
      onClose()
      await navigate({ to: `/${repository.full_name}/src/${place}` })
      await committed(id)
    },
  })
  return (
    <Confirm
      opened={opened}
      title={`Delete ${entry.path.split('/').at(-1)}?`}
      button="Delete"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={remove.mutate}
      onClose={onClose}
    >
      <Stack gap="sm">
        <Text size="sm">{entry.path} goes with this commit. The commits before it keep it.</Text>
        <CommitFields branch={branch} target={target} onChange={setTarget} usual={usual} error={remove.error} />
      </Stack>
    </Confirm>
  )
}

/** The nearest folder above that is still there: an empty one goes with its last file. */
async function folderLeft(id: Id, commit: string, path: string): Promise<string> {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const folder = path.slice(0, at)
    if (await isThere(id, commit, folder)) return `/${encoded(folder)}`
  }
  return ''
}
