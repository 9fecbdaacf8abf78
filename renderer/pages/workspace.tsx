// A workspace: its repositories and the people in it.
import { Badge, Grid, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { GearIcon, PlusIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { ApiError } from '../api.ts'
import { InviteButton } from '../parts/invite.tsx'
import { ButtonLink, TextLink } from '../parts/link.tsx'
import { Picture } from '../parts/person.tsx'
import { RepositoryList } from '../parts/repository-list.tsx'
import { Empty, Failure, Waiting } from '../parts/states.tsx'
import { PageTitle } from '../parts/title.tsx'
import { membersQuery, type Repository, repositoriesQuery, type Workspace, workspaceQuery } from '../queries.ts'
import { NotFound } from './not-found.tsx'

function mayCreate({ role }: Workspace): boolean {
  return role === 'owner' || role === 'member'
}

export function WorkspacePage() {
  const { workspace } = useParams({ from: '/$workspace' })
  const repositories = useQuery(repositoriesQuery(workspace))
  // Refused for those who only see a repository in it.
  const mine = useQuery(workspaceQuery(workspace)).data
  const { error } = repositories
  if (error instanceof ApiError && error.status === 404) return <NotFound />
  if (error) return <Failure error={error} retry={repositories.refetch} />
  if (!repositories.data) return <Waiting rows={6} />
  return (
    <>
      <PageTitle title={mine?.name ?? workspace} actions={mine && <Actions workspace={mine} />} />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: mine ? 8 : 12 }}>
          <Repositories repositories={repositories.data} mayCreate={mine !== undefined && mayCreate(mine)} />
        </Grid.Col>
        {mine && (
          <Grid.Col span={{ base: 12, md: 4 }}>
            <People workspace={workspace} />
          </Grid.Col>
        )}
      </Grid>
    </>
  )
}

function Actions({ workspace }: { workspace: Workspace }) {
  const { slug, role } = workspace
  return (
    <>
      {role === 'owner' && (
        <ButtonLink
          to="/workspaces/$workspace/settings"
          params={{ workspace: slug }}
          variant="default"
          size="sm"
          leftSection={<GearIcon />}
        >
          Settings
        </ButtonLink>
      )}
      {mayCreate(workspace) && (
        <>
          <InviteButton workspace={slug} />
          <ButtonLink to="/new" search={{ workspace: slug }} size="sm" leftSection={<PlusIcon />}>
            New repository
          </ButtonLink>
        </>
      )}
    </>
  )
}

function Repositories({ repositories, mayCreate }: { repositories: Repository[]; mayCreate: boolean }) {
  const { q = '', project } = useSearch({ from: '/$workspace' })
  const { workspace } = useParams({ from: '/$workspace' })
  const navigate = useNavigate({ from: '/$workspace' })
  const inProject = project === undefined ? repositories : repositories.filter((one) => one.project.key === project)
  const empty = (
    <Empty title={project === undefined ? 'No repository here yet' : 'No repository in this project yet'}>
      {mayCreate && (
        <ButtonLink to="/new" search={{ workspace }} leftSection={<PlusIcon />}>
          New repository
        </ButtonLink>
      )}
    </Empty>
  )
  return (
    <Stack gap="sm">
      {project !== undefined && (
        <Text size="sm">
          Project {project}.{' '}
          <TextLink to="/$workspace" params={{ workspace }} search={{}}>
            Show all repositories
          </TextLink>
        </Text>
      )}
      <RepositoryList
        repositories={inProject}
        q={q}
        onSearch={(text) =>
          void navigate({
            search: { ...(project === undefined ? {} : { project }), ...(text === '' ? {} : { q: text }) },
            replace: true,
          })
        }
        empty={empty}
      />
    </Stack>
  )
}

const SHOWN = 10

function People({ workspace }: { workspace: string }) {
  const { data, error, refetch } = useQuery(membersQuery(workspace))
  return (
    <section aria-labelledby="people">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4" id="people">
          People
        </Title>
        <Group gap="md">
          <TextLink to="/workspaces/$workspace/activity" params={{ workspace }} size="sm">
            Activity
          </TextLink>
          <TextLink to="/workspaces/$workspace/members" params={{ workspace }} size="sm">
            {data && data.length > SHOWN ? `All ${data.length} people` : 'People and projects'}
          </TextLink>
        </Group>
      </Group>
      {error && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting rows={2} />}
      {data && (
        <Paper className="card">
          {data.slice(0, SHOWN).map(({ user, permission }) => (
            <Group key={user.uuid} className="row" px="md" py="xs" gap="sm" wrap="nowrap">
              <Picture name={user.username} />
              <TextLink to="/people/$username" params={{ username: user.username }} c="inherit" style={{ flex: 1 }}>
                {user.display_name}
              </TextLink>
              <Badge size="sm" variant="default" tt="none" style={{ flexShrink: 0 }}>
                {permission}
              </Badge>
            </Group>
          ))}
        </Paper>
      )}
    </section>
  )
}
