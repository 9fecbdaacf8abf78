// Insights: who contributed to the main branch and when, and the repository in figures.
import { Group, Paper, Progress, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Figures, Insights } from '../../../../server/contract/insights.ts'
import { ApiError } from '../../../api.ts'
import { Bars, Week } from '../../../parts/bars.tsx'
import { type Fact, Facts } from '../../../parts/facts.tsx'
import { TextLink } from '../../../parts/link.tsx'
import { sizeText } from '../../../parts/size.ts'
import { Empty, Failure, Waiting } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { useRepository } from '../layout.tsx'
import { insightsQuery } from './data.ts'

export function InsightsPage() {
  const { id } = useRepository()
  const { data, error, refetch } = useQuery(insightsQuery(id))
  return (
    <>
      <PageTitle title="Insights" />
      {error && <Unknown error={error} retry={refetch} />}
      {!data && !error && <Waiting rows={4} height={120} />}
      {data && (
        <Stack gap="lg">
          {data.counting && <Counting counting={data.counting} first={data.figures === null} />}
          {data.figures && <Shown figures={data.figures} insights={data} />}
        </Stack>
      )}
    </>
  )
}

function Unknown({ error, retry }: { error: Error; retry: () => unknown }) {
  const { repository } = useRepository()
  if (!(error instanceof ApiError && error.status === 404)) return <Failure error={error} retry={retry} />
  return (
    <Paper className="card">
      <Empty title={`The branch ${repository.main_branch} was not pushed yet.`}>
        <Text c="dimmed">Figures are those of the main branch.</Text>
      </Empty>
    </Paper>
  )
}

function Counting({ counting, first }: { counting: NonNullable<Insights['counting']>; first: boolean }) {
  const { done, total } = counting
  return (
    <Paper className="card" p="md">
      <Text mb="xs" role="status">
        {first ? 'The history is being counted for the first time' : 'New commits are being counted'}
        {total > 0 && `: ${done.toLocaleString('en')} of ${total.toLocaleString('en')}`}
      </Text>
      <Progress value={total === 0 ? 0 : (done / total) * 100} aria-label="Counted" />
    </Paper>
  )
}

const commitsText = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'commit' : 'commits'}`
const MONTH = new Intl.DateTimeFormat('en', { month: 'short', year: 'numeric', timeZone: 'UTC' })
const DAY = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' })

function Shown({ figures, insights }: { figures: Figures; insights: Insights }) {
  const { repository } = useRepository()
  const facts: Fact[] = [
    ['Commits', figures.commits.toLocaleString('en')],
    ['Contributors', figures.contributors.toLocaleString('en')],
    ['Branches', insights.branches.toLocaleString('en')],
    ['Tags', insights.tags.toLocaleString('en')],
    ['Size on disk', sizeText(repository.size)],
  ]
  const ends = [0, 52, 103].map((i) => MONTH.format(Date.parse(figures.weeks[i]?.from ?? '')))
  return (
    <>
      <Paper className="card" p="md">
        <Facts facts={facts} />
        <Text size="sm" c="dimmed" mt="sm">
          Of {repository.main_branch} at{' '}
          <TextLink to={`/${repository.full_name}/commit/${figures.commit}`} className="mono">
            {figures.commit.slice(0, 8)}
          </TextLink>
          .
        </Text>
      </Paper>
      <Bars
        title="Commits by week"
        bars={figures.weeks.map(({ from, commits }) => ({
          label: `Week of ${DAY.format(Date.parse(from))}`,
          value: commits,
        }))}
        say={commitsText}
        marks={ends}
      />
      <Week title="Commits by hour of the week" hours={figures.hours} say={commitsText} />
      <Contributors figures={figures} />
    </>
  )
}

function Contributors({ figures }: { figures: Figures }) {
  const most = figures.people[0]?.commits ?? 1
  return (
    <section aria-labelledby="contributors">
      <Group justify="space-between" mb="xs" align="baseline">
        <Title order={2} size="h4" id="contributors">
          Contributors
        </Title>
        {figures.contributors > figures.people.length && (
          <Text size="sm" c="dimmed">
            the first {figures.people.length} of {figures.contributors.toLocaleString('en')}
          </Text>
        )}
      </Group>
      <Paper className="card">
        <Table.ScrollContainer minWidth={300} type="native">
          <Table className="counts" aria-labelledby="contributors">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th ta="right">Commits</Table.Th>
                <Table.Th visibleFrom="sm">First</Table.Th>
                <Table.Th>Last</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {figures.people.map((person) => (
                <Table.Tr key={`${person.name} ${person.email}`}>
                  <Table.Td style={{ whiteSpace: 'normal', width: '50%' }}>
                    <Text size="sm" fw={600}>
                      {person.name}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {person.email}
                    </Text>
                    <Share part={person.commits / most} />
                  </Table.Td>
                  <Table.Td ta="right">{person.commits.toLocaleString('en')}</Table.Td>
                  <Table.Td visibleFrom="sm">
                    <Time iso={person.first_on} />
                  </Table.Td>
                  <Table.Td>
                    <Time iso={person.last_on} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Paper>
    </section>
  )
}

function Share({ part }: { part: number }) {
  return (
    <div style={{ height: 4, borderRadius: 2, background: 'var(--soft)', marginTop: 4 }} aria-hidden="true">
      <div style={{ height: 4, borderRadius: 2, background: 'var(--chart-1)', width: `${Math.max(1, part * 100)}%` }} />
    </div>
  )
}
