// A new workspace for a team: its name, its address, what its members may do.
import { Group, Paper, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { Permission } from '../../server/contract/names.ts'
import { call, OWN } from '../api.ts'
import { addressOf } from '../parts/address.ts'
import { MemberPermission } from '../parts/member-permission.tsx'
import { Submit } from '../parts/save.tsx'
import { fieldError, FormFailure } from '../parts/states.tsx'
import { PageTitle } from '../parts/title.tsx'
import { useSession, type Workspace } from '../queries.ts'

export function NewWorkspace() {
  return (
    <>
      <PageTitle title="New workspace" />
      <Text c="dimmed" mb="md" maw={640}>
        It holds the repositories of a team and the people who work on them.
      </Text>
      <Form />
    </>
  )
}

function Form() {
  const base = useSession()?.base_url ?? ''
  const [name, setName] = useState('')
  const [typed, setTyped] = useState<string>()
  const [permission, setPermission] = useState<Permission>('write')
  const client = useQueryClient()
  const navigate = useNavigate()
  const slug = typed ?? addressOf(name)
  const create = useMutation({
    mutationFn: () => call<Workspace>('POST', `${OWN}/workspaces`, { name, slug, member_permission: permission }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ['workspaces'] })
      await navigate({ to: '/workspaces/$workspace/members', params: { workspace: made.slug } })
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <Paper className="card" p="lg" maw={640} component="form" onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          placeholder="Web team"
          required
          autoFocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(create.error, 'name')}
        />
        <TextInput
          label="Address"
          description={`Repositories will be at ${base}/${slug === '' ? 'address' : slug}/… This cannot be changed later.`}
          required
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          value={slug}
          onChange={(event) => setTyped(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
          error={fieldError(create.error, 'slug')}
        />
        <MemberPermission
          value={permission}
          onChange={setPermission}
          error={fieldError(create.error, 'member_permission')}
        />
        <FormFailure error={create.error} />
        <Group>
          <Submit busy={create.isPending}>Create workspace</Submit>
        </Group>
      </Stack>
    </Paper>
  )
}
