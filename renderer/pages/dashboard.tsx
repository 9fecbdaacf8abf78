// The dashboard: repositories with search, and what was pushed lately.
import { Grid, Paper, Text, TextInput, Title } from '@mantine/core'
import { PlusIcon, SearchIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { InviteButton } from '../parts/invite.tsx'
import { ButtonLink } from '../parts/link.tsx'
import { PushList } from '../parts/push-list.tsx'
import { RepositoryRow } from '../parts/repository-row.tsx'
import { Empty, Failure, Waiting } from '../parts/states.tsx'
import { PageTitle } from '../parts/title.tsx'
import { pushesQuery, repositoriesQuery } from '../queries.ts'

export function Dashboard() {
  return (
    <>
      <PageTitle title="Repositories" actions={<InviteButton />} />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Repositories />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Pushes />
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
  if (data.length === 0) return <FirstSteps />
  const wanted = q.toLowerCase()
  const found = data.filter((one) => `${one.full_name} ${one.description}`.toLowerCase().includes(wanted))
  return (
    <>
      <TextInput
        aria-label="Find a repository"
        placeholder="Find a repository"
        leftSection={<SearchIcon />}
        mb="sm"
        value={q}
        onChange={(event) => {
          const text = event.currentTarget.value
          void navigate({ search: text === '' ? {} : { q: text }, replace: true })
        }}
      />
      <Paper className="card">
        {found.map((repository) => (
          <RepositoryRow key={repository.uuid} repository={repository} />
        ))}
        {found.length === 0 && <Empty title={`No repository matches “${q}”.`} />}
      </Paper>
    </>
  )
}

function FirstSteps() {
  return (
    <Paper className="card">
      <Empty title="No repository yet">
        <Text c="dimmed" ta="center">
          Make the first one, push to it, and invite your team.
        </Text>
        <ButtonLink to="/new" leftSection={<PlusIcon />}>
          New repository
        </ButtonLink>
      </Empty>
    </Paper>
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
