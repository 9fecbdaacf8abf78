// A workspace: its repositories and the people in it.
import { Badge, Grid, Group, Paper, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { callAll, path } from '../api.ts'
import { InviteButton } from '../parts/invite.tsx'
import { ButtonLink } from '../parts/link.tsx'
import { Picture } from '../parts/person.tsx'
import { RepositoryRow } from '../parts/repository-row.tsx'
import { Empty, Waiting } from '../parts/states.tsx'
import { PageTitle } from '../parts/title.tsx'
import { repositoriesQuery, type Workspace, workspacesQuery } from '../queries.ts'
import { NotFound } from './not-found.tsx'

function mayCreate(mine: Workspace | undefined): boolean {
  return mine?.role === 'owner' || mine?.role === 'member'
}

interface Member {
  permission: string
  user: { uuid: string; username: string; display_name: string }
}

export function WorkspacePage() {
  const { workspace = '' } = useParams({ strict: false })
  const repositories = useQuery(repositoriesQuery(workspace))
  const mine = useQuery(workspacesQuery).data?.find(({ slug }) => slug === workspace)
  if (repositories.error) return <NotFound />
  if (!repositories.data) return <Waiting rows={6} />
  return (
    <>
      <PageTitle
        title={mine?.name ?? workspace}
        actions={
          mayCreate(mine) && (
            <>
              <InviteButton workspace={workspace} />
              <ButtonLink to="/new" search={{ workspace }} size="sm">
                New repository
              </ButtonLink>
            </>
          )
        }
      />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Paper className="card">
            {repositories.data.length === 0 && <Empty title="No repository here yet." />}
            {repositories.data.map((repository) => (
              <RepositoryRow key={repository.uuid} repository={repository} />
            ))}
          </Paper>
        </Grid.Col>
        {mine && <Members workspace={workspace} />}
      </Grid>
    </>
  )
}

function Members({ workspace }: { workspace: string }) {
  const { data } = useQuery({
    queryKey: ['members', workspace],
    queryFn: ({ signal }) => callAll<Member>(path('2.0', 'workspaces', workspace, 'members'), 500, signal),
  })
  return (
    <Grid.Col span={{ base: 12, md: 4 }}>
      <Title order={2} size="h4" mb="sm">
        People
      </Title>
      <Paper className="card">
        {!data && <Waiting rows={2} />}
        {data?.map(({ user, permission }) => (
          <Group key={user.uuid} className="row" px="md" py="xs" gap="sm">
            <Picture name={user.username} />
            <Text style={{ flex: 1 }}>{user.display_name}</Text>
            <Badge size="sm" variant="default" tt="none">
              {permission}
            </Badge>
          </Group>
        ))}
      </Paper>
    </Grid.Col>
  )
}
