// Branches and tags: find, create, delete.
import { Badge, Button, Group, Modal, Paper, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { PlusIcon, SearchIcon } from '@primer/octicons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../../api.ts'
import { Confirm } from '../../../parts/confirm.tsx'
import { TextLink } from '../../../parts/link.tsx'
import { Empty, Failure, fieldError, FormFailure, Waiting } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { apiOf, encoded, type NamedRef, refsQuery } from '../data.ts'
import { KeptTips } from './kept.tsx'
import { useRepository } from '../layout.tsx'

type Kind = 'branches' | 'tags'

export function Branches() {
  const { repository } = useRepository()
  const { tab = 'branches' }: { tab?: Kind } = useSearch({ strict: false })
  const navigate = useNavigate()
  const [wanted, setWanted] = useState('')
  const [adding, setAdding] = useState(false)
  const [leaving, setLeaving] = useState<string>()
  const mayWrite = repository.permission === 'write' || repository.permission === 'admin'
  const noun = tab === 'branches' ? 'branch' : 'tag'
  return (
    <>
      <PageTitle
        title="Branches and tags"
        actions={
          mayWrite && (
            <Button size="sm" leftSection={<PlusIcon />} onClick={() => setAdding(true)}>
              New {noun}
            </Button>
          )
        }
      />
      <Group mb="sm">
        <SegmentedControl
          value={tab}
          onChange={(value) =>
            void navigate({ to: '.', search: value === 'tags' ? { tab: 'tags' } : {}, replace: true })
          }
          data={[
            { value: 'branches', label: 'Branches' },
            { value: 'tags', label: 'Tags' },
          ]}
        />
        <TextInput
          aria-label={`Find a ${noun}`}
          placeholder={`Find a ${noun}`}
          leftSection={<SearchIcon />}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
          style={{ flex: 1 }}
        />
      </Group>
      <RefList kind={tab} wanted={wanted} {...(mayWrite && { onDelete: setLeaving })} />
      {mayWrite && <KeptTips />}
      <NewRef kind={tab} opened={adding} onClose={() => setAdding(false)} />
      <DeleteRef kind={tab} name={leaving} onClose={() => setLeaving(undefined)} />
    </>
  )
}

interface RefListProps {
  kind: Kind
  wanted: string
  onDelete?: (name: string) => void
}

function RefList({ kind, wanted, onDelete }: RefListProps) {
  const { id, repository } = useRepository()
  const { data, error, refetch } = useQuery(refsQuery(id, kind))
  const found = data?.filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()))
  const noun = kind === 'branches' ? 'branch' : 'tag'
  if (!found) return error ? <Failure error={error} retry={refetch} /> : <Waiting />
  return (
    <Paper className="card">
      {found.map((ref) => (
        <RefRow
          key={ref.name}
          named={ref}
          main={kind === 'branches' && ref.name === repository.main_branch}
          {...(onDelete && { onDelete: () => onDelete(ref.name) })}
        />
      ))}
      {found.length === 0 && (
        <Empty title={wanted === '' ? `There is no ${noun} yet.` : `No ${noun} matches “${wanted}”.`} />
      )}
    </Paper>
  )
}

function RefRow({ named, main, onDelete }: { named: NamedRef; main: boolean; onDelete?: () => void }) {
  const { repository } = useRepository()
  return (
    <Group className="row" px="md" py="sm" gap="sm" wrap="nowrap">
      <Stack gap={0} style={{ flex: 1, minWidth: 0 }}>
        <Group gap="xs">
          <TextLink to={`/${repository.full_name}/src/${encoded(named.name)}`} className="mono">
            {named.name}
          </TextLink>
          {main && (
            <Badge size="sm" variant="light" tt="none">
              main branch
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed" truncate>
          {named.target.message.split('\n')[0]} · <Time iso={named.target.date} />
        </Text>
      </Stack>
      {onDelete && !main && (
        <Button variant="subtle" color="red" size="xs" onClick={onDelete} aria-label={`Delete ${named.name}`}>
          Delete
        </Button>
      )}
    </Group>
  )
}

function useRefresh(): () => Promise<void> {
  const { id } = useRepository()
  const client = useQueryClient()
  return async () => {
    await client.invalidateQueries({ queryKey: ['refs', id.workspace, id.repo] })
    await client.invalidateQueries({ queryKey: ['kept', id.workspace, id.repo] })
  }
}

function NewRef({ kind, opened, onClose }: { kind: Kind; opened: boolean; onClose: () => void }) {
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
          <Button type="submit" loading={create.isPending}>
            Create {noun}
          </Button>
        </Stack>
      </form>
    </Modal>
  )
}

function DeleteRef({ kind, name, onClose }: { kind: Kind; name: string | undefined; onClose: () => void }) {
  const { id } = useRepository()
  const refresh = useRefresh()
  const remove = useMutation({
    mutationFn: () => call('DELETE', `${apiOf(id)}/refs/${kind}/${encoded(name ?? '')}`),
    onSuccess: async () => {
      await refresh()
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
      onConfirm={remove.mutate}
      onClose={onClose}
    >
      The commits that only it leads to are no longer shown. Its last commit is kept and can be restored below, under
      “Deleted and overwritten”.
    </Confirm>
  )
}
