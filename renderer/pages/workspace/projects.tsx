// The projects of a workspace: shelves for its repositories.
import { Badge, Button, Group, Modal, Paper, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { PlusIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { path } from '../../api.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { TextLink } from '../../parts/link.tsx'
import { Submit } from '../../parts/save.tsx'
import { Failure, fieldError, FormFailure, Waiting } from '../../parts/states.tsx'
import { PageTitle } from '../../parts/title.tsx'
import { type Project, projectsQuery, repositoriesQuery } from '../../queries.ts'
import { useWorkspace, useWorkspaceChange } from './layout.tsx'

function projectsPath(workspace: string, ...key: string[]): string {
  return path('2.0', 'workspaces', workspace, 'projects', ...key)
}

/** The key that stands in addresses and queries, made of the name while it is typed. */
function keyOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[\u0300-\u036F]/g, '')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^[^A-Z]+|_$/g, '')
    .slice(0, 32)
}

export function Projects() {
  const { slug, role } = useWorkspace()
  const { data, error, refetch } = useQuery(projectsQuery(slug))
  const repositories = useQuery(repositoriesQuery(slug)).data
  const [editing, setEditing] = useState<Project | 'new'>()
  const mayWrite = role === 'owner' || role === 'member'
  return (
    <>
      <PageTitle
        title="Projects"
        actions={
          mayWrite && (
            <Button size="sm" leftSection={<PlusIcon />} onClick={() => setEditing('new')}>
              New project
            </Button>
          )
        }
      />
      {error && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting rows={3} />}
      {data && (
        <Paper className="card">
          {data.map((project) => (
            <Row
              key={project.key}
              project={project}
              holds={repositories?.filter((one) => one.project.key === project.key).length}
              last={data.length === 1}
              {...(mayWrite ? { onEdit: () => setEditing(project) } : {})}
            />
          ))}
        </Paper>
      )}
      <Modal
        opened={editing !== undefined}
        onClose={() => setEditing(undefined)}
        title={editing === 'new' ? 'New project' : 'Edit the project'}
        centered
      >
        {editing !== undefined && (
          <Form {...(editing === 'new' ? {} : { stored: editing })} onDone={() => setEditing(undefined)} />
        )}
      </Modal>
    </>
  )
}

interface RowProps {
  project: Project
  /** How many repositories lie in it; undefined while that is not known. */
  holds: number | undefined
  last: boolean
  onEdit?: () => void
}

function Row({ project, holds, last, onEdit }: RowProps) {
  const { slug, role } = useWorkspace()
  return (
    <Group className="row" px="md" py="sm" gap="sm" justify="space-between">
      <Stack gap={2} style={{ flex: '1 1 200px', minWidth: 0 }}>
        <Group gap="xs">
          <TextLink to="/$workspace" params={{ workspace: slug }} search={{ project: project.key }} fw={600}>
            {project.name}
          </TextLink>
          <Badge size="sm" variant="default" tt="none" className="mono">
            {project.key}
          </Badge>
        </Group>
        {project.description !== '' && <Text size="sm">{project.description}</Text>}
        {holds !== undefined && (
          <Text size="sm" c="dimmed">
            {holds === 0 ? 'No repository' : holds === 1 ? '1 repository' : `${holds} repositories`}
          </Text>
        )}
      </Stack>
      <Group gap={4} wrap="nowrap">
        {onEdit && (
          <Button variant="default" size="xs" onClick={onEdit} aria-label={`Edit ${project.name}`}>
            Edit
          </Button>
        )}
        {role === 'owner' && holds === 0 && !last && <Delete project={project} />}
      </Group>
    </Group>
  )
}

function Delete({ project }: { project: Project }) {
  const { slug } = useWorkspace()
  const [asking, setAsking] = useState(false)
  const change = useWorkspaceChange()
  return (
    <>
      <Button
        variant="subtle"
        color="red"
        size="xs"
        onClick={() => setAsking(true)}
        aria-label={`Delete ${project.name}`}
      >
        Delete
      </Button>
      <Confirm
        opened={asking}
        title={`Delete the project ${project.name}?`}
        button="Delete"
        busy={change.isPending}
        error={change.error}
        onConfirm={() => change.mutate({ method: 'DELETE', path: projectsPath(slug, project.key) })}
        onClose={() => setAsking(false)}
      >
        It is empty: no repository goes with it.
      </Confirm>
    </>
  )
}

function Form({ stored, onDone }: { stored?: Project; onDone: () => void }) {
  const { slug } = useWorkspace()
  const [name, setName] = useState(stored?.name ?? '')
  const [typed, setTyped] = useState(stored?.key)
  const [description, setDescription] = useState(stored?.description ?? '')
  const change = useWorkspaceChange()
  const key = typed ?? keyOf(name)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const body = { key, name, description }
    const wanted = stored
      ? ({ method: 'PUT', path: projectsPath(slug, stored.key), body } as const)
      : ({ method: 'POST', path: projectsPath(slug), body } as const)
    change.mutate(wanted, { onSuccess: onDone })
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label="Name"
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(change.error, 'name')}
        />
        <TextInput
          label="Key"
          description="Capital letters, digits and underscore; a short name for addresses and queries."
          required
          value={key}
          onChange={(event) => {
            const text = event.currentTarget.value.toUpperCase()
            setTyped(text === '' && !stored ? undefined : text)
          }}
          error={fieldError(change.error, 'key')}
        />
        <Textarea
          label="Description"
          autosize
          minRows={2}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={fieldError(change.error, 'description')}
        />
        <FormFailure error={change.error} />
        <Submit busy={change.isPending}>{stored ? 'Save' : 'Create project'}</Submit>
      </Stack>
    </form>
  )
}
