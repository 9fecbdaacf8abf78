// Commits by day, older ones on demand: with the lines between them where the list has no holes, and the refs at them.
import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { FileDirectoryIcon } from '@primer/octicons-react'
import { useInfiniteQuery, useQueries } from '@tanstack/react-query'
import type { RefsOfCommit } from '../../../../server/contract/changes.ts'
import { CopyButton } from '../../../parts/copy.tsx'
import { TextLink } from '../../../parts/link.tsx'
import { Empty, Failure, Waiting } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import type { Commit, Id } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { RefLabel } from './commit.tsx'
import { commitsQuery, type Filters, labelsQuery } from './data.ts'
import { GraphPause, GraphRow, graphWidth } from './graph.tsx'
import { type LaneRow, lanesOf } from './lanes.ts'
import { personOf, splitSubject } from './message.ts'
import './commits.css'

const ROW = 58
const DAY = 40
const ROOM = '(min-width: 48em)'

interface Props {
  range: { of: string; without?: string }
  filters?: Filters
  /** Lines are drawn only where every commit is in the list. */
  graph: boolean
  empty: string
}

export function CommitList({ range, filters, graph, empty }: Props) {
  const { id } = useRepository()
  const query = useInfiniteQuery(commitsQuery(id, range, filters))
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = query
  if (error && !data) return <Failure error={error} retry={refetch} />
  if (!data) return <Waiting rows={8} />
  const pages = data.pages.map(({ values }) => values)
  if (pages.every((values) => values.length === 0)) return <Empty title={empty} />
  return (
    <>
      <Days pages={pages} graph={graph} />
      {error && <Failure error={error} retry={fetchNextPage} />}
      {hasNextPage && !error && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Older commits
        </Button>
      )}
    </>
  )
}

type AllLabels = Record<string, RefsOfCommit>

/** Page by page, as the commits came. */
function useLabels(id: Id, pages: readonly (readonly Commit[])[]): AllLabels {
  return useQueries({
    queries: pages.map((commits) =>
      labelsQuery(
        id,
        commits.map(({ hash }) => hash),
      ),
    ),
    combine: (found) => Object.assign({}, ...found.map(({ data }) => data)) as AllLabels,
  })
}

function dayOf({ date }: Commit): string {
  return new Date(date).toLocaleDateString('en', { dateStyle: 'long' })
}

/** Each run of one day, in the order of the list: dates may run backwards. */
function runsOf(commits: readonly Commit[]): { day: string; from: number; commits: Commit[] }[] {
  const runs: { day: string; from: number; commits: Commit[] }[] = []
  for (const [at, commit] of commits.entries()) {
    const day = dayOf(commit)
    const last = runs.at(-1)
    if (last?.day === day) last.commits.push(commit)
    else runs.push({ day, from: at, commits: [commit] })
  }
  return runs
}

function Days({ pages, graph }: { pages: readonly (readonly Commit[])[]; graph: boolean }) {
  const { id } = useRepository()
  const labels = useLabels(id, pages)
  const roomy = useMediaQuery(ROOM) ?? true
  const commits = pages.flat()
  const lanes = graph && roomy ? lanesOf(commits) : []
  const width = graphWidth(lanes)
  const drawn = lanes.length > 0
  return (
    <Paper className="card" mb="md" pb={4}>
      {runsOf(commits).map(({ day, from, commits: list }) => (
        <section key={`${day} ${from}`} aria-label={day}>
          <Group className="commit-day" px="md" gap="sm" wrap="nowrap" style={{ height: DAY }}>
            {drawn && (
              <GraphPause lanes={from === 0 ? [] : (lanes[from - 1]?.below ?? [])} width={width} height={DAY} />
            )}
            <Text component="h2" size="sm" fw={650} c="dimmed" m={0}>
              {day}
            </Text>
          </Group>
          {list.map((commit, i) => (
            <CommitRow
              key={commit.hash}
              commit={commit}
              lane={lanes[from + i]}
              width={width}
              labels={labels[commit.hash]}
            />
          ))}
        </section>
      ))}
    </Paper>
  )
}

interface RowProps {
  commit: Commit
  lane: LaneRow | undefined
  width: number
  labels: RefsOfCommit | undefined
}

function CommitRow({ commit, lane, width, labels }: RowProps) {
  const { repository } = useRepository()
  const base = `/${repository.full_name}`
  const { subject, body } = splitSubject(commit.message)
  return (
    <Group
      className="commit-row"
      px="md"
      wrap="nowrap"
      gap="sm"
      style={lane ? { height: ROW } : { padding: '8px 16px' }}
    >
      {lane && <GraphRow row={lane} width={width} height={ROW} />}
      <Stack gap={1} style={{ flex: 1, minWidth: 0 }}>
        <Group gap={8} wrap="nowrap" className={lane ? 'commit-line' : 'commit-line loose'}>
          <TextLink to={`${base}/commit/${commit.hash}`} fw={600} c="inherit" title={body === '' ? undefined : body}>
            {subject || 'No message'}
          </TextLink>
          {labels && <RowLabels labels={labels} base={base} />}
        </Group>
        <Text size="sm" c="dimmed" truncate={lane !== undefined}>
          {personOf(commit.author.raw).name} · <Time iso={commit.date} />
        </Text>
      </Stack>
      <Group gap={2} wrap="nowrap">
        <TextLink to={`${base}/commit/${commit.hash}`} className="mono" visibleFrom="xs">
          {commit.hash.slice(0, 8)}
        </TextLink>
        <CopyButton text={commit.hash} label="Copy the commit id" />
        <TextLink
          to={`${base}/src/${commit.hash}`}
          aria-label={`Browse files at ${commit.hash.slice(0, 8)}`}
          title="Browse files here"
          visibleFrom="xs"
          lh={1}
        >
          <FileDirectoryIcon />
        </TextLink>
      </Group>
    </Group>
  )
}

function RowLabels({ labels: { branches, tags }, base }: { labels: RefsOfCommit; base: string }) {
  const names = [
    ...branches.names.map((name) => ['branch', name] as const),
    ...tags.names.map((name) => ['tag', name] as const),
  ]
  const more = branches.size + tags.size - names.length
  return (
    <Group gap={4} className="commit-labels">
      {names.map(([kind, name]) => (
        <RefLabel key={`${kind} ${name}`} kind={kind} name={name} base={base} />
      ))}
      {more > 0 && (
        <Text span size="xs" c="dimmed">
          +{more}
        </Text>
      )}
    </Group>
  )
}
