// Settings of a workspace: its name, what its members may do, and its end.
import { Button, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { OWN, path } from '../../api.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { MemberPermission } from '../../parts/member-permission.tsx'
import { fieldError, FormFailure } from '../../parts/states.tsx'
import { PageTitle } from '../../parts/title.tsx'
import { repositoriesQuery } from '../../queries.ts'
import { useWorkspace, useWorkspaceChange } from './layout.tsx'
import { Save } from '../../parts/save.tsx'

export function General() {
  const workspace = useWorkspace()
  return (
    <>
      <PageTitle title="Settings" />
      <Stack gap="lg">
        <Form key={workspace.uuid} />
        {!workspace.is_personal && <Delete />}
      </Stack>
    </>
  )
}

function Form() {
  const workspace = useWorkspace()
  const [name, setName] = useState(workspace.name)
  const [permission, setPermission] = useState(workspace.member_permission)
  const save = useWorkspaceChange()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const body = { name, member_permission: permission }
    save.mutate({ method: 'PATCH', path: `${OWN}${path('workspaces', workspace.slug)}`, body })
  }
  return (
    <Paper className="card" p="lg" component="form" onSubmit={submit}>
      <Stack>
        <TextInput
          label="Name"
          description={`The address stays ${workspace.slug}, so that every clone goes on to work.`}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(save.error, 'name')}
        />
        <MemberPermission
          value={permission}
          onChange={setPermission}
          error={fieldError(save.error, 'member_permission')}
        />
        <FormFailure error={save.error} />
        <Save save={save} />
      </Stack>
    </Paper>
  )
}

function Delete() {
  const { slug, name } = useWorkspace()
  const holds = useQuery(repositoriesQuery(slug)).data?.length
  const [asking, setAsking] = useState(false)
  const navigate = useNavigate()
  const remove = useWorkspaceChange(() => navigate({ to: '/' }))
  return (
    <Paper className="card" p="lg" component="section" aria-label="Delete">
      <Stack align="flex-start" gap="sm">
        <Title order={2} size="h4">
          Delete
        </Title>
        <Text size="sm" c="dimmed">
          {holds === 0
            ? 'The workspace is empty. Its groups, projects and open invitations go with it.'
            : 'A workspace can be deleted when it holds no repository any more.'}
        </Text>
        <Button color="red" variant="outline" disabled={holds !== 0} onClick={() => setAsking(true)}>
          Delete this workspace
        </Button>
      </Stack>
      <Confirm
        opened={asking}
        title={`Delete the workspace ${name}?`}
        button="Delete for good"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ method: 'DELETE', path: `${OWN}${path('workspaces', slug)}` })}
        onClose={() => setAsking(false)}
      >
        Its people keep their accounts. The address {slug} is free again.
      </Confirm>
    </Paper>
  )
}
