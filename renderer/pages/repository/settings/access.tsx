// Who may do what in a repository: people and groups with none, read, write or admin.
import { ActionIcon, Group, Paper, Select, Stack, Text } from '@mantine/core'
import { XIcon } from '@primer/octicons-react'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Permission } from '../../../../server/contract/names.ts'
import type { Group as GroupEntry } from '../../../../server/contract/gitstead.ts'
import { ApiError, call, callAll } from '../../../api.ts'
import { Confirm } from '../../../parts/confirm.tsx'
import { listQuery } from '../../../parts/own.ts'
import { PersonInput } from '../../../parts/person-input.tsx'
import { Saved, Submit } from '../../../parts/save.tsx'
import { Failure, FormFailure, reasonOf, Waiting } from '../../../parts/states.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { workspaceQuery } from '../../../queries.ts'
import { apiOf, type Id } from '../data.ts'
import { useRepository } from '../layout.tsx'

interface UserGrant {
  permission: Permission
  user: { uuid: string; username: string; display_name: string }
}

interface GroupGrant {
  permission: Permission
  group: { slug: string; name: string }
}

interface Row {
  kind: 'users' | 'groups'
  key: string
  label: string
  username?: string
  permission: Permission
}

const LEVELS: { value: Permission; label: string }[] = [
  { value: 'none', label: 'none: shut out' },
  { value: 'read', label: 'read' },
  { value: 'write', label: 'write' },
  { value: 'admin', label: 'admin' },
]

/** What holds for members of whom nothing is said here, as their workspace's owners chose it. */
const MEMBERS: Record<Permission | 'unknown', string> = {
  none: 'Its members may do nothing unless it is said here.',
  read: 'Its members may read unless it is said otherwise here.',
  write: 'Its members may write unless it is said otherwise here.',
  admin: 'Its members may administer unless it is said otherwise here.',
  unknown: 'What its members may do is a setting of the workspace, unless it is said otherwise here.',
}

const accessQuery = (id: Id) =>
  queryOptions({
    queryKey: ['access', id.workspace, id.repo],
    queryFn: async ({ signal }): Promise<Row[]> => {
      const root = `${apiOf(id)}/permissions-config`
      const [users, groups] = await Promise.all([
        callAll<UserGrant>(`${root}/users`, 500, signal),
        callAll<GroupGrant>(`${root}/groups`, 500, signal),
      ])
      return [
        ...users.map(({ permission, user }): Row => ({
          kind: 'users',
          key: user.uuid,
          label: `${user.display_name} (${user.username})`,
          username: user.username,
          permission,
        })),
        ...groups.map(({ permission, group }): Row => ({
          kind: 'groups',
          key: group.slug,
          label: `Group ${group.name}`,
          permission,
        })),
      ]
    },
  })

function useGrant() {
  const { id } = useRepository()
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ kind, key, permission }: { kind: Row['kind']; key: string; permission: Permission | null }) => {
      const path = `${apiOf(id)}/permissions-config/${kind}/${encodeURIComponent(key)}`
      return permission === null ? call('DELETE', path) : call('PUT', path, { permission })
    },
    onSuccess: () => client.invalidateQueries(accessQuery(id)),
  })
}

export function Access() {
  return (
    <>
      <PageTitle title="Access" />
      <Paper className="card" p="lg">
        <Grants />
      </Paper>
    </>
  )
}

function Grants() {
  const { id } = useRepository()
  const { data, error, refetch } = useQuery(accessQuery(id))
  const workspace = useQuery(workspaceQuery(id.workspace)).data
  const grant = useGrant()
  const [leaving, setLeaving] = useState<Row>()
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        Owners of the workspace may do everything. {MEMBERS[workspace?.member_permission ?? 'unknown']}
      </Text>
      {error && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting rows={2} />}
      {data?.length === 0 && <Text size="sm">Nobody has an access of their own yet.</Text>}
      {data?.map((row) => (
        <Line
          key={row.kind + row.key}
          row={row}
          saved={grant.isSuccess && grant.variables.key === row.key && grant.variables.kind === row.kind}
          onChange={(permission) => grant.mutate({ ...row, permission })}
          onRemove={() => setLeaving(row)}
        />
      ))}
      <FormFailure error={grant.error} />
      <AddAccess present={data ?? []} />
      <RemoveAccess row={leaving} onClose={() => setLeaving(undefined)} />
    </Stack>
  )
}

/** No row: nothing is asked. */
function RemoveAccess({ row, onClose }: { row: Row | undefined; onClose: () => void }) {
  const remove = useGrant()
  const close = (): void => {
    onClose()
    remove.reset()
  }
  return (
    <Confirm
      opened={row !== undefined}
      title={`Remove the access of ${row?.label ?? ''}?`}
      button="Remove"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => row && remove.mutate({ ...row, permission: null }, { onSuccess: close })}
      onClose={close}
    >
      It ends at once. What the workspace, another group or the visibility of the repository allows stays.
    </Confirm>
  )
}

interface LineProps {
  row: Row
  saved: boolean
  onChange: (permission: Permission) => void
  onRemove: () => void
}

function Line({ row, saved, onChange, onRemove }: LineProps) {
  return (
    <Group gap="xs" justify="flex-end">
      <Text style={{ flex: '1 1 140px' }}>{row.label}</Text>
      {saved && <Saved />}
      <Group wrap="nowrap" gap="xs">
        <Select
          aria-label={`Access of ${row.label}`}
          w={150}
          data={LEVELS}
          value={row.permission}
          allowDeselect={false}
          onChange={(value) => value !== null && value !== row.permission && onChange(value)}
        />
        <ActionIcon variant="subtle" color="red" aria-label={`Remove the access of ${row.label}`} onClick={onRemove}>
          <XIcon />
        </ActionIcon>
      </Group>
    </Group>
  )
}

function AddAccess({ present }: { present: Row[] }) {
  const [kind, setKind] = useState<Row['kind']>('users')
  const [name, setName] = useState('')
  const [permission, setPermission] = useState<Permission>('read')
  const grant = useGrant()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    grant.mutate({ kind, key: name.trim().toLowerCase(), permission }, { onSuccess: () => setName('') })
  }
  return (
    <form onSubmit={submit} aria-label="Give access">
      <Group align="flex-end" gap="xs">
        <Select
          label="Give access to"
          w={130}
          data={[
            { value: 'users', label: 'A person' },
            { value: 'groups', label: 'A group' },
          ]}
          value={kind}
          allowDeselect={false}
          onChange={(value) => {
            setKind(value ?? 'users')
            setName('')
            grant.reset()
          }}
        />
        {kind === 'users' ? (
          <PersonInput
            label="Person"
            value={name}
            onChange={setName}
            without={present.flatMap(({ username }) => username ?? [])}
          />
        ) : (
          <GroupChoice value={name} onChange={setName} present={present} />
        )}
        <Select
          label="Permission"
          w={150}
          data={LEVELS}
          value={permission}
          allowDeselect={false}
          onChange={(value) => setPermission(value ?? 'read')}
        />
        <Submit busy={grant.isPending}>Add</Submit>
      </Group>
      {grant.error && (
        <Text c="red" size="sm" mt="xs" role="alert">
          {grant.error instanceof ApiError && grant.error.status === 404
            ? `There is no ${kind === 'users' ? 'account' : 'group'} ${name.trim()} here. Choose one of the list.`
            : reasonOf(grant.error)}
        </Text>
      )}
    </form>
  )
}

interface GroupChoiceProps {
  value: string
  onChange: (slug: string) => void
  present: Row[]
}

function GroupChoice({ value, onChange, present }: GroupChoiceProps) {
  const { repository } = useRepository()
  const workspace = repository.workspace.slug
  const { data = [] } = useQuery(listQuery<GroupEntry>(`groups?workspace=${encodeURIComponent(workspace)}`))
  const taken = new Set(present.filter(({ kind }) => kind === 'groups').map(({ key }) => key))
  return (
    <Select
      label="Group"
      required
      searchable
      placeholder={data.length === 0 ? 'No group in this workspace' : 'Choose a group'}
      nothingFoundMessage="No such group"
      data={data.filter(({ slug }) => !taken.has(slug)).map(({ slug, name }) => ({ value: slug, label: name }))}
      value={value === '' ? null : value}
      onChange={(slug) => onChange(slug ?? '')}
      style={{ flex: '1 1 200px' }}
    />
  )
}
