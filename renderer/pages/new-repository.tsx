// A new repository: workspace, project, name, description, who may see it.
import { Group, Paper, Radio, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { Visibility } from '../../server/contract/names.ts'
import { call, path } from '../api.ts'
import { addressOf } from '../parts/address.ts'
import { TextLink } from '../parts/link.tsx'
import { Submit } from '../parts/save.tsx'
import { Failure, fieldError, FormFailure, Waiting } from '../parts/states.tsx'
import { PageTitle } from '../parts/title.tsx'
import { projectsQuery, type Repository, useSession, type Workspace, workspacesQuery } from '../queries.ts'

export const VISIBILITIES: { value: Visibility; label: string; description: string }[] = [
  { value: 'private', label: 'Private', description: 'Only people and groups that were given access.' },
  { value: 'internal', label: 'Internal', description: 'Everybody with an account on this server may read it.' },
  {
    value: 'public',
    label: 'Public',
    description: 'Everybody who reaches this server may read it, without an account.',
  },
]

export function NewRepository() {
  const workspaces = useQuery(workspacesQuery)
  return (
    <>
      <PageTitle title="New repository" />
      {workspaces.error && <Failure error={workspaces.error} retry={workspaces.refetch} />}
      {workspaces.isPending && <Waiting />}
      {workspaces.data && (
        <NewRepositoryForm workspaces={workspaces.data.filter(({ role }) => role !== 'collaborator')} />
      )}
    </>
  )
}

function NewRepositoryForm({ workspaces }: { workspaces: Workspace[] }) {
  const session = useSession()
  const asked = useSearch({ from: '/new' }).workspace
  const [workspace, setWorkspace] = useState(asked ?? session?.user?.username ?? workspaces[0]?.slug ?? '')
  const [project, setProject] = useState<string | null>(null)
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [visibility, setVisibility] = useState<Visibility>('private')
  const client = useQueryClient()
  const navigate = useNavigate()
  const create = useMutation({
    mutationFn: () => {
      const body = { name, description, visibility, ...(project ? { project: { key: project } } : {}) }
      return call<Repository>('POST', path('2.0', 'repositories', workspace, addressOf(name)), body)
    },
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ['repositories'] })
      await navigate({ to: `/${made.full_name}` })
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <Paper className="card" p="lg" maw={640}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Place
            workspaces={workspaces}
            workspace={workspace}
            project={project}
            onChange={(place) => {
              setWorkspace(place.workspace)
              setProject(place.project)
            }}
            error={fieldError(create.error, 'project')}
          />
          <TextInput
            label="Name"
            required
            autoFocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            description={
              addressOf(name) === '' ? 'Its address is made of it.' : `Address: ${workspace}/${addressOf(name)}`
            }
            error={fieldError(create.error, 'name') ?? nameProblem(name)}
          />
          <Textarea
            label="Description"
            autosize
            minRows={2}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
            error={fieldError(create.error, 'description')}
          />
          <VisibilityChoice value={visibility} onChange={setVisibility} />
          <FormFailure error={create.error} />
          <Group justify="space-between">
            <Submit busy={create.isPending} disabled={addressOf(name) === ''}>
              Create repository
            </Submit>
            <TextLink to="/import" size="sm">
              Import one from elsewhere
            </TextLink>
          </Group>
        </Stack>
      </form>
    </Paper>
  )
}

/** A name of signs alone leaves nothing for an address. */
function nameProblem(name: string): string | undefined {
  return name.trim() !== '' && addressOf(name) === '' ? 'It needs a letter from a to z, or a digit.' : undefined
}

interface PlaceProps {
  workspaces: Workspace[]
  workspace: string
  project: string | null
  error: string | undefined
  onChange: (place: { workspace: string; project: string | null }) => void
}

/** Workspace and project; without a choice the first project of the workspace takes it. */
function Place({ workspaces, workspace, project, error, onChange }: PlaceProps) {
  const projects = useQuery(projectsQuery(workspace)).data ?? []
  return (
    <Group grow align="flex-start" preventGrowOverflow={false}>
      <Select
        label="Workspace"
        data={workspaces.map(({ slug, name }) => ({ value: slug, label: name === slug ? slug : `${name} (${slug})` }))}
        value={workspace}
        allowDeselect={false}
        onChange={(value) => onChange({ workspace: value ?? '', project: null })}
      />
      <Select
        label="Project"
        data={projects.map(({ key, name }) => ({ value: key, label: name }))}
        value={project ?? projects[0]?.key ?? null}
        allowDeselect={false}
        onChange={(value) => onChange({ workspace, project: value })}
        error={error}
      />
    </Group>
  )
}

export function VisibilityChoice({ value, onChange }: { value: Visibility; onChange: (value: Visibility) => void }) {
  return (
    <Radio.Group label="Who may see it" value={value} onChange={(chosen) => onChange(chosen)}>
      <Stack gap="xs" mt="xs">
        {VISIBILITIES.map((choice) => (
          <Radio key={choice.value} {...choice} />
        ))}
      </Stack>
    </Radio.Group>
  )
}
