// Making and deleting branches and tags; what was deleted can be had back at once.
import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../../api.ts'
import { Confirm } from '../../../parts/confirm.tsx'
import { Submit } from '../../../parts/save.tsx'
import { fieldError, FormFailure, reasonOf } from '../../../parts/states.tsx'
import { apiOf, encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { type Kind, putBack } from './data.ts'

function useRefresh(): () => Promise<void> {
  const { id } = useRepository()
  const client = useQueryClient()
  return async () => {
    await client.invalidateQueries({ queryKey: ['refs', id.workspace, id.repo] })
    await client.invalidateQueries({ queryKey: ['kept', id.workspace, id.repo] })
  }
}

export function NewRef({ kind, opened, onClose }: { kind: Kind; opened: boolean; onClose: () => void }) {
  const { id, repository } = useRepository()
  const [name, setName] = useState('')
  const [from, setFrom] = useState(repository.main_branch)
  const refresh = useRefresh()
  const create = useMutation({
    mutationFn: () => call('POST', `${apiOf(id)}/refs/${kind}`, { name, target: { hash: from } }),
    onSuccess: async () => {
      await refresh()
      setName('')
      onClose()
    },
  })
  const noun = kind === 'branches' ? 'branch' : 'tag'
  return (
    <Modal opened={opened} onClose={onClose} title={`New ${noun}`} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate()
        }}
      >
        <Stack>
          <TextInput
            label="Name"
            required
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={fieldError(create.error, 'name')}
          />
          <TextInput
            label="From"
            description="A branch, a tag or a commit id."
            required
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
            error={fieldError(create.error, 'target')}
          />
          <FormFailure error={create.error} />
          <Submit busy={create.isPending}>Create {noun}</Submit>
        </Stack>
      </form>
    </Modal>
  )
}

interface DeleteProps {
  kind: Kind
  name: string | undefined
  onDeleted: (name: string) => void
  onClose: () => void
}

export function DeleteRef({ kind, name, onDeleted, onClose }: DeleteProps) {
  const { id } = useRepository()
  const refresh = useRefresh()
  const remove = useMutation({
    mutationFn: (named: string) => call('DELETE', `${apiOf(id)}/refs/${kind}/${encoded(named)}`),
    onSuccess: async (_done, named) => {
      await refresh()
      onDeleted(named)
      onClose()
    },
  })
  return (
    <Confirm
      opened={name !== undefined}
      title={`Delete ${name ?? ''}?`}
      button="Delete"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(name ?? '')}
      onClose={onClose}
    >
      The commits that only it leads to are no longer shown. Its last commit is kept and can be restored below, under
      “Deleted and overwritten”.
    </Confirm>
  )
}

export interface Deleted {
  kind: Kind
  name: string
}

/** Says what is gone, and brings it back. */
export function Undo({ deleted, onClose }: { deleted: Deleted; onClose: () => void }) {
  const { id } = useRepository()
  const refresh = useRefresh()
  const back = useMutation({
    mutationFn: () => putBack(id, deleted.kind, deleted.name),
    onSuccess: refresh,
  })
  const said = back.isSuccess ? `${deleted.name} is back.` : `${deleted.name} was deleted.`
  return (
    <Alert role="status" withCloseButton closeButtonLabel="Close" onClose={onClose} mb="sm" color="pine">
      <Group gap="sm">
        <Text size="sm">{said}</Text>
        {!back.isSuccess && (
          <Button size="compact-sm" variant="default" loading={back.isPending} onClick={() => back.mutate()}>
            Undo
          </Button>
        )}
        {back.error && (
          <Text size="sm" c="var(--broken)">
            {reasonOf(back.error)}
          </Text>
        )}
      </Group>
    </Alert>
  )
}
