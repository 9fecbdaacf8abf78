// The people of a workspace and their roles; its owners add, change and remove them.
import { Badge, Button, Group, Paper, Select, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { WorkspaceRole } from '../../../server/contract/names.ts'
import { OWN, path } from '../../api.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { InviteButton } from '../../parts/invite.tsx'
import { PersonInput } from '../../parts/person-input.tsx'
import { Picture } from '../../parts/person.tsx'
import { Saved, Submit } from '../../parts/save.tsx'
import { Failure, FormFailure, Waiting } from '../../parts/states.tsx'
import { PageTitle } from '../../parts/title.tsx'
import { type Member, membersQuery, useSession } from '../../queries.ts'
import { useWorkspace, useWorkspaceChange } from './layout.tsx'

const ROLES: { value: WorkspaceRole; label: string }[] = [
  { value: 'owner', label: 'Owner' },
  { value: 'member', label: 'Member' },
  { value: 'collaborator', label: 'Collaborator' },
]

function memberPath(workspace: string, username: string): string {
  return `${OWN}${path('workspaces', workspace, 'members', username)}`
}

export function Members() {
  const workspace = useWorkspace()
  const { data, error, refetch } = useQuery(membersQuery(workspace.slug))
  const owner = workspace.role === 'owner'
  return (
    <>
      <PageTitle
        title="People"
        actions={workspace.role !== 'collaborator' && <InviteButton workspace={workspace.slug} />}
      />
      <Stack>
        <Text size="sm" c="dimmed">
          Owners administer the workspace. Members may create repositories in it. Collaborators see only what is shared
          with them.
        </Text>
        {error && <Failure error={error} retry={refetch} />}
        {!data && !error && <Waiting rows={3} />}
        {data && owner && <AddMember present={data.map(({ user }) => user.username)} />}
        {data && <MemberList members={data} />}
      </Stack>
    </>
  )
}

function AddMember({ present }: { present: string[] }) {
  const { slug } = useWorkspace()
  const [username, setUsername] = useState('')
  const [role, setRole] = useState<WorkspaceRole>('member')
  const change = useWorkspaceChange()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const wanted = memberPath(slug, username.trim().toLowerCase())
    change.mutate({ method: 'PUT', path: wanted, body: { role } }, { onSuccess: () => setUsername('') })
  }
  return (
    <Paper className="card" p="md" component="form" onSubmit={submit} aria-label="Add a person">
      <Stack gap="sm">
        <Group align="flex-end" gap="xs">
          <PersonInput label="Add a person" value={username} onChange={setUsername} without={present} />
          <Select
            label="Role"
            w={150}
            data={ROLES}
            value={role}
            allowDeselect={false}
            onChange={(value) => setRole(value ?? 'member')}
          />
          <Submit busy={change.isPending}>Add</Submit>
        </Group>
        <FormFailure error={change.error} />
        <Text size="sm" c="dimmed">
          Somebody without an account here comes in by an invitation.
        </Text>
      </Stack>
    </Paper>
  )
}

function MemberList({ members }: { members: Member[] }) {
  const { slug, name } = useWorkspace()
  const me = useSession()?.user?.username
  const navigate = useNavigate()
  const [leaving, setLeaving] = useState<Member['user']>()
  const change = useWorkspaceChange()
  const remove = useWorkspaceChange(({ path }) => path === memberPath(slug, me ?? '') && navigate({ to: '/' }))
  const owners = members.filter(({ permission }) => permission === 'owner').length
  return (
    <>
      <FormFailure error={change.error} />
      <Paper className="card">
        {members.map((member) => (
          <Row
            key={member.user.uuid}
            member={member}
            lastOwner={member.permission === 'owner' && owners === 1}
            busy={change.isPending}
            saved={change.isSuccess && change.variables.path === memberPath(slug, member.user.username)}
            onRole={(role) =>
              change.mutate({ method: 'PUT', path: memberPath(slug, member.user.username), body: { role } })
            }
            onRemove={() => setLeaving(member.user)}
          />
        ))}
      </Paper>
      <Confirm
        opened={leaving !== undefined}
        title={`Remove ${leaving?.display_name ?? ''}?`}
        button="Remove"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() =>
          remove.mutate(
            { method: 'DELETE', path: memberPath(slug, leaving?.username ?? '') },
            { onSuccess: () => setLeaving(undefined) },
          )
        }
        onClose={() => {
          setLeaving(undefined)
          remove.reset()
        }}
      >
        {leaving?.username === me ? 'You lose' : 'They lose'} the access to the private repositories of {name}, and
        leave its groups. What was pushed stays.
      </Confirm>
    </>
  )
}

interface RowProps {
  member: Member
  lastOwner: boolean
  busy: boolean
  saved: boolean
  onRole: (role: WorkspaceRole) => void
  onRemove: () => void
}

function Row({ member: { user, permission }, lastOwner, busy, saved, onRole, onRemove }: RowProps) {
  const mayChange = useWorkspace().role === 'owner'
  return (
    <Group className="row" px="md" py="sm" gap="sm" justify="space-between">
      <Group gap="sm" wrap="nowrap" style={{ flex: '1 1 180px', minWidth: 0 }}>
        <Picture name={user.username} size={32} />
        <Stack gap={0} style={{ minWidth: 0 }}>
          <Text fw={600}>{user.display_name}</Text>
          <Text size="sm" c="dimmed">
            {user.username}
            {lastOwner && mayChange && ' · the only owner'}
          </Text>
        </Stack>
      </Group>
      {mayChange ? (
        <Group gap="xs" wrap="nowrap">
          {saved && <Saved />}
          <Select
            aria-label={`Role of ${user.display_name}`}
            size="xs"
            w={130}
            data={ROLES}
            value={permission}
            allowDeselect={false}
            disabled={lastOwner || busy}
            onChange={(value) => value !== null && value !== permission && onRole(value)}
          />
          <Button
            variant="subtle"
            color="red"
            size="xs"
            disabled={lastOwner}
            onClick={onRemove}
            aria-label={`Remove ${user.display_name}`}
          >
            Remove
          </Button>
        </Group>
      ) : (
        <Badge variant="default" tt="none">
          {permission}
        </Badge>
      )}
    </Group>
  )
}
