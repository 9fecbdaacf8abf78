// Importing a repository from elsewhere, with progress and cancel.
import { Alert, Button, Group, Paper, PasswordInput, Progress, Select, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Import } from '../../server/contract/gitstead.ts'
import type { Visibility } from '../../server/contract/names.ts'
import { ButtonLink } from '../parts/link.tsx'
import { listQuery, useChange } from '../parts/own.ts'
import { Submit } from '../parts/save.tsx'
import { fieldError, FormFailure } from '../parts/states.tsx'
import { PageTitle } from '../parts/title.tsx'
import { useSession, workspacesQuery } from '../queries.ts'
import { VisibilityChoice } from './new-repository.tsx'

const POLL_MS = 1000

function runs({ state }: Import): boolean {
  return state === 'waiting' || state === 'running'
}

export function ImportPage() {
  const { data = [] } = useQuery({
    ...listQuery<Import>('imports'),
    refetchInterval: ({ state }) => (state.data?.some(runs) ? POLL_MS : false),
  })
  return (
    <>
      <PageTitle title="Import a repository" />
      <Stack maw={640}>
        <ImportForm />
        {data.slice(0, 10).map((one) => (
          <Running key={one.id} one={one} />
        ))}
      </Stack>
    </>
  )
}

function Running({ one }: { one: Import }) {
  const change = useChange('imports')
  if (runs(one)) {
    return (
      <Paper className="card" p="md">
        <Stack gap="xs">
          <Text fw={600}>{one.url}</Text>
          <Progress value={one.percent ?? 3} animated aria-label="Progress of the import" />
          <Group justify="space-between">
            <Text size="sm" c="dimmed" role="status">
              {one.progress || 'Waiting …'}
            </Text>
            <Button
              size="xs"
              variant="default"
              loading={change.isPending}
              onClick={() => change.mutate({ method: 'DELETE', path: `/${one.id}` })}
            >
              Cancel
            </Button>
          </Group>
        </Stack>
      </Paper>
    )
  }
  if (one.state === 'done' && one.repository !== '') {
    return (
      <Alert color="pine" title={`${one.repository} is here`}>
        <ButtonLink to={`/${one.repository}`} size="xs">
          Open it
        </ButtonLink>
      </Alert>
    )
  }
  if (one.state === 'done') return null
  return (
    <Alert color={one.state === 'failed' ? 'red' : 'gray'} title={one.url}>
      {one.state === 'failed' ? one.error : 'Cancelled. Nothing was kept.'}
    </Alert>
  )
}

function ImportForm() {
  const session = useSession()
  const workspaces = useQuery(workspacesQuery).data?.filter(({ role }) => role !== 'collaborator') ?? []
  const [workspace, setWorkspace] = useState(session?.user?.username ?? '')
  const [url, setUrl] = useState('')
  const [name, setName] = useState('')
  const [visibility, setVisibility] = useState<Visibility>('private')
  const [login, setLogin] = useState({ username: '', password: '' })
  const start = useChange<Import>('imports')
  const guess = /([^/]+?)(\.git)?\/?$/.exec(url)?.[1] ?? ''
  return (
    <Paper
      className="card"
      p="lg"
      component="form"
      onSubmit={(event) => {
        event.preventDefault()
        const credentials = login.username === '' && login.password === '' ? {} : login
        start.mutate({ method: 'POST', body: { url, workspace, name: name || guess, visibility, ...credentials } })
      }}
    >
      <Stack>
        <TextInput
          label="Address"
          placeholder="https://example.com/team/project.git"
          required
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          error={fieldError(start.error, 'url')}
        />
        <Select
          label="Workspace"
          data={workspaces.map(({ slug }) => slug)}
          value={workspace}
          allowDeselect={false}
          onChange={(value) => setWorkspace(value ?? '')}
          error={fieldError(start.error, 'workspace')}
        />
        <TextInput
          label="Name"
          placeholder={guess}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(start.error, 'name')}
        />
        <Group grow align="flex-start">
          <TextInput
            label="User name there"
            description="Only if it is needed."
            autoComplete="off"
            value={login.username}
            onChange={(event) => setLogin({ ...login, username: event.currentTarget.value })}
          />
          <PasswordInput
            label="Password there"
            description="Not stored."
            autoComplete="off"
            value={login.password}
            onChange={(event) => setLogin({ ...login, password: event.currentTarget.value })}
          />
        </Group>
        <VisibilityChoice value={visibility} onChange={setVisibility} />
        <FormFailure error={start.error} />
        <Group>
          <Submit busy={start.isPending}>Import</Submit>
        </Group>
      </Stack>
    </Paper>
  )
}
