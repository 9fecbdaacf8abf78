// The dashboard: repositories with search, workspaces, and what was pushed lately.
import { Badge, Button, Grid, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { PlusIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { InviteButton } from '../parts/invite.tsx'
import { ButtonLink, TextLink } from '../parts/link.tsx'
import { Picture } from '../parts/person.tsx'
import { PushList } from '../parts/push-list.tsx'
import { RepositoryList } from '../parts/repository-list.tsx'
import { Empty, Failure, Waiting } from '../parts/states.tsx'
import { PageTitle } from '../parts/title.tsx'
import { pushesQuery, repositoriesQuery, workspacesQuery } from '../queries.ts'

export function Dashboard() {
  return (
    <>
      <PageTitle title="Repositories" actions={<InviteButton />} />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Repositories />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="lg">
            <Workspaces />
            <Pushes />
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  )
}

function Repositories() {
  const { q = '' } = useSearch({ from: '/' })
  const navigate = useNavigate({ from: '/' })
  const { data, error, refetch } = useQuery(repositoriesQuery())
  if (error) return <Failure error={error} retry={refetch} />
  if (!data) return <Waiting rows={6} height={56} />
  return (
    <RepositoryList
      repositories={data}
      q={q}
      onSearch={(text) => void navigate({ search: text === '' ? {} : { q: text }, replace: true })}
      empty={<FirstSteps />}
    />
  )
}

function FirstSteps() {
  return (
    <Empty title="No repository yet">
      <Text c="dimmed" ta="center">
        Make the first one, push to it, and invite your team.
      </Text>
      <ButtonLink to="/new" leftSection={<PlusIcon />}>
        New repository
      </ButtonLink>
    </Empty>
  )
}

const SHOWN = 6

function Workspaces() {
  const { data, error, refetch } = useQuery(workspacesQuery)
  const [all, setAll] = useState(false)
  return (
    <section aria-labelledby="workspaces">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4" id="workspaces">
          Workspaces
        </Title>
        <ButtonLink to="/new-workspace" variant="subtle" size="compact-sm" leftSection={<PlusIcon />}>
          New workspace
        </ButtonLink>
      </Group>
      {error && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting rows={2} />}
      {data && (
        <Paper className="card">
          {data.slice(0, all ? undefined : SHOWN).map(({ slug, name, role }) => (
            <Group key={slug} className="row" px="md" py="xs" gap="sm" wrap="nowrap">
              <Picture name={slug} />
              <TextLink to="/$workspace" params={{ workspace: slug }} fw={600} style={{ flex: 1 }}>
                {name}
              </TextLink>
              <Badge size="sm" variant="default" tt="none">
                {role}
              </Badge>
            </Group>
          ))}
          {!all && data.length > SHOWN && (
            <Button variant="subtle" size="compact-sm" m="xs" onClick={() => setAll(true)}>
              Show all {data.length}
            </Button>
          )}
        </Paper>
      )}
    </section>
  )
}

function Pushes() {
  const { data, error, refetch } = useQuery(pushesQuery())
  return (
    <section aria-labelledby="pushes">
      <Title order={2} size="h4" id="pushes" mb="sm">
        Recent pushes
      </Title>
      {error ? (
        <Failure error={error} retry={refetch} />
      ) : data ? (
        <Paper className="card">
          {data.length === 0 ? <Empty title="Nothing was pushed yet." /> : <PushList pushes={data} />}
        </Paper>
      ) : (
        <Waiting rows={4} />
      )}
    </section>
  )
}
