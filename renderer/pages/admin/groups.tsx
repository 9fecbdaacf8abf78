// Groups of people in a workspace, to whom repositories can be shared at once.
import { ActionIcon, Badge, Button, Group as Line, Paper, Select, Stack, Text, TextInput } from '@mantine/core'
import { XIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { Group } from '../../../server/contract/gitstead.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { listQuery, useChange } from '../../parts/own.ts'
import { PersonInput } from '../../parts/person-input.tsx'
import { Submit } from '../../parts/save.tsx'
import { Empty, Failure, FormFailure, Waiting } from '../../parts/states.tsx'
import { PageTitle } from '../../parts/title.tsx'
import { workspacesQuery } from '../../queries.ts'

export function Groups() {
  return <GroupList />
}

/** The groups of one workspace, or of all that one may see. */
export function GroupList({ workspace }: { workspace?: string }) {
  const query = workspace === undefined ? '' : `?workspace=${encodeURIComponent(workspace)}`
  const { data, error, refetch } = useQuery(listQuery<Group>(`groups${query}`))
  return (
    <>
      <PageTitle title="Groups" />
      <Stack>
        <Text size="sm" c="dimmed">
          A repository can be shared with a group at once, on its settings page under Access.
        </Text>
        {workspace === undefined ? <NewGroup /> : <NewGroupForm workspace={workspace} />}
        {error && <Failure error={error} retry={refetch} />}
        {!data && !error && <Waiting />}
        {data?.length === 0 && (
          <Paper className="card">
            <Empty title="No group yet" />
          </Paper>
        )}
        {data?.map((group) => (
          <GroupCard key={group.uuid} group={group} />
        ))}
      </Stack>
    </>
  )
}

function NewGroup() {
  const workspaces = useQuery(workspacesQuery).data?.filter(({ role }) => role === 'owner') ?? []
  const [chosen, setChosen] = useState<string | null>(null)
  const workspace = chosen ?? workspaces[0]?.slug ?? null
  return (
    <NewGroupForm workspace={workspace}>
      <Select
        label="Workspace"
        data={workspaces.map(({ slug }) => slug)}
        value={workspace}
        allowDeselect={false}
        onChange={setChosen}
      />
    </NewGroupForm>
  )
}

function NewGroupForm({ workspace, children }: { workspace: string | null; children?: ReactNode }) {
  const [name, setName] = useState('')
  const create = useChange('groups')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        create.mutate({ method: 'POST', body: { workspace, name } }, { onSuccess: () => setName('') })
      }}
    >
      <Stack gap="xs">
        <Line align="flex-end" gap="xs">
          {children}
          <TextInput
            label="New group"
            required
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            style={{ flex: 1, minWidth: 140 }}
          />
          <Submit busy={create.isPending}>Create</Submit>
        </Line>
        <FormFailure error={create.error} />
      </Stack>
    </form>
  )
}

function GroupCard({ group }: { group: Group }) {
  const change = useChange('groups')
  const [name, setName] = useState('')
  const [leaving, setLeaving] = useState(false)
  const [taken, setTaken] = useState<Group['members'][number]>()
  const root = `/${encodeURIComponent(group.uuid)}`
  return (
    <Paper className="card" p="md" component="section" aria-label={group.name}>
      <Stack gap="sm">
        <Line justify="space-between">
          <Text fw={600}>
            {group.name}{' '}
            <Text span c="dimmed">
              in {group.workspace}
            </Text>
          </Text>
          <Button variant="subtle" color="red" size="xs" onClick={() => setLeaving(true)}>
            Delete
          </Button>
        </Line>
        <Line gap="xs">
          {group.members.length === 0 && <Text size="sm">Nobody is in it.</Text>}
          {group.members.map(({ username, display_name }) => (
            <Badge
              key={username}
              variant="light"
              tt="none"
              rightSection={
                <ActionIcon
                  size="xs"
                  variant="transparent"
                  aria-label={`Take ${username} out of ${group.name}`}
                  onClick={() => setTaken({ username, display_name })}
                >
                  <XIcon size={12} />
                </ActionIcon>
              }
            >
              {display_name}
            </Badge>
          ))}
        </Line>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            const path = `${root}/members/${encodeURIComponent(name.trim().toLowerCase())}`
            change.mutate({ method: 'PUT', path }, { onSuccess: () => setName('') })
          }}
        >
          <Line gap="xs">
            <PersonInput
              label={`Person to add to ${group.name}`}
              hideLabel
              value={name}
              onChange={setName}
              without={group.members.map(({ username }) => username)}
            />
            <Submit variant="default" busy={change.isPending}>
              Add
            </Submit>
          </Line>
        </form>
        <FormFailure error={change.error} />
      </Stack>
      <Confirm
        opened={leaving}
        title={`Delete the group ${group.name}?`}
        button="Delete"
        busy={change.isPending}
        error={change.error}
        onConfirm={() => change.mutate({ method: 'DELETE', path: root })}
        onClose={() => setLeaving(false)}
      >
        What the group was granted ends with it.
      </Confirm>
      <Confirm
        opened={taken !== undefined}
        title={`Take ${taken?.display_name ?? ''} out of ${group.name}?`}
        button="Take out"
        busy={change.isPending}
        error={change.error}
        onConfirm={() =>
          change.mutate(
            { method: 'DELETE', path: `${root}/members/${taken?.username ?? ''}` },
            { onSuccess: () => setTaken(undefined) },
          )
        }
        onClose={() => setTaken(undefined)}
      >
        What they may do by this group ends at once.
      </Confirm>
    </Paper>
  )
}
