// Inviting a person: workspace, role, repositories; then the link that works once, for a day.
import { Button, Modal, MultiSelect, Select, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { CreatedInvitation } from '../../server/contract/gitstead.ts'
import { repositoriesQuery, workspaceQuery, workspacesQuery } from '../queries.ts'
import { mailAddressQuery } from './mail.ts'
import { useChange } from './own.ts'
import { ShownOnce } from './secret.tsx'
import { Submit } from './save.tsx'
import { fieldError, FormFailure } from './states.tsx'

const ROLES = [
  { value: 'collaborator', label: 'Collaborator: only what is shared' },
  { value: 'member', label: 'Member: may create repositories' },
  { value: 'owner', label: 'Owner: administers the workspace' },
]

const LEVELS = ['read', 'write', 'admin']

export function InviteButton({ workspace }: { workspace?: string }) {
  const [opened, setOpened] = useState(false)
  return (
    <>
      <Button size="sm" variant="default" onClick={() => setOpened(true)}>
        Invite
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title="Invite a teammate" centered>
        {opened && <InviteForm {...(workspace === undefined ? {} : { workspace })} />}
      </Modal>
    </>
  )
}

interface Place {
  /** Workspaces to choose from. */
  slugs: string[]
  place: string
  roles: typeof ROLES
}

function usePlace(workspace: string | null): Place {
  const own = useQuery(workspacesQuery).data?.filter(({ role }) => role !== 'collaborator') ?? []
  const slugs = own.map(({ slug }) => slug)
  const place = workspace ?? slugs[0] ?? ''
  const mine = useQuery({ ...workspaceQuery(place), enabled: place !== '' }).data
  // Members invite collaborators; the other roles are the owners' to give.
  const roles = mine?.role === 'owner' ? ROLES : ROLES.slice(0, 1)
  return { slugs: place === '' || slugs.includes(place) ? slugs : [place, ...slugs], place, roles }
}

function InviteForm({ workspace: given }: { workspace?: string }) {
  const repositories = useQuery(repositoriesQuery()).data ?? []
  const [workspace, setWorkspace] = useState<string | null>(given ?? null)
  const { slugs, place, roles } = usePlace(workspace)
  const [wanted, setRole] = useState('member')
  // A choice that is not theirs to give falls back to what is.
  const role = roles.some(({ value }) => value === wanted) ? wanted : 'collaborator'
  const [chosen, setChosen] = useState<string[]>([])
  const [permission, setPermission] = useState('write')
  const [note, setNote] = useState('')
  const [email, setEmail] = useState('')
  const sendsMail = useQuery(mailAddressQuery).data?.server_sends === true
  const invite = useChange<CreatedInvitation>('invitations')
  if (invite.data) {
    return (
      <ShownOnce title="The invitation" secret={invite.data.url}>
        <Text size="sm">
          {email === '' ? 'Send it to your teammate.' : `It was mailed to ${email}.`} It works once, for 24 hours.
        </Text>
      </ShownOnce>
    )
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const grants = chosen.map((repository) => ({ repository, permission }))
        invite.mutate({
          method: 'POST',
          body: { workspace: place, role, note, grants, ...(email === '' ? {} : { email }) },
        })
      }}
    >
      <Stack>
        <Select
          label="Workspace"
          data={slugs}
          value={place}
          allowDeselect={false}
          onChange={(value) => {
            setWorkspace(value)
            setRole('member')
          }}
          error={fieldError(invite.error, 'workspace')}
        />
        <Select
          label="Role"
          data={roles}
          value={role}
          allowDeselect={false}
          onChange={(value) => setRole(value ?? role)}
        />
        <MultiSelect
          label="Repositories"
          description={
            role === 'collaborator' && chosen.length === 0
              ? 'A collaborator sees nothing until something is shared with them. Choose what they need.'
              : 'Shared with them by name. You can leave this empty.'
          }
          placeholder={chosen.length === 0 ? 'Find a repository' : ''}
          nothingFoundMessage="No such repository of which you are an admin"
          searchable
          data={repositories.filter((one) => one.permission === 'admin').map(({ full_name }) => full_name)}
          value={chosen}
          onChange={setChosen}
          error={fieldError(invite.error, 'repository')}
        />
        {chosen.length > 0 && (
          <Select
            label="Permission on them"
            data={LEVELS}
            value={permission}
            allowDeselect={false}
            onChange={(value) => setPermission(value ?? 'read')}
          />
        )}
        <TextInput
          label="Note to yourself"
          placeholder="For Bob"
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {sendsMail && (
          <TextInput
            type="email"
            label="Mail it to"
            description="You can leave this empty and send the link yourself."
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            error={fieldError(invite.error, 'email')}
          />
        )}
        <FormFailure error={invite.error} />
        <Submit busy={invite.isPending} disabled={place === ''}>
          Make the link
        </Submit>
      </Stack>
    </form>
  )
}
