// Commits of a branch, a tag or a commit, by day, older ones on demand.
import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { CopyButton } from '../../../parts/copy.tsx'
import { TextLink } from '../../../parts/link.tsx'
import { Empty, Failure, Waiting } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { type Commit, encoded } from '../data.ts'
import { commitsQuery } from './data.ts'
import { useNamed, useRepository } from '../layout.tsx'
import { RefPicker } from '../ref-picker.tsx'

export function Commits() {
  const { repository, id } = useRepository()
  const revision = useNamed()
  const navigate = useNavigate()
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    commitsQuery(id, revision),
  )
  const commits = data?.pages.flatMap(({ values }) => values)
  return (
    <>
      <PageTitle
        title="Commits"
        actions={
          <RefPicker
            refName={revision}
            onPick={(name) => void navigate({ to: `/${repository.full_name}/commits/${encoded(name)}` })}
          />
        }
      />
      {error && <Failure error={error} retry={refetch} />}
      {!commits && !error && <Waiting rows={8} />}
      {commits?.length === 0 && <Empty title="There are no commits here." />}
      {byDay(commits ?? []).map(([day, list]) => (
        <Stack key={day} gap="xs" mb="lg">
          <Title order={2} size="h5" c="dimmed">
            {day}
          </Title>
          <Paper className="card">
            {list.map((commit) => (
              <CommitRow key={commit.hash} commit={commit} />
            ))}
          </Paper>
        </Stack>
      ))}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Older commits
        </Button>
      )}
    </>
  )
}

function byDay(commits: Commit[]): [string, Commit[]][] {
  const days = new Map<string, Commit[]>()
  for (const commit of commits) {
    const day = new Date(commit.date).toLocaleDateString('en', { dateStyle: 'long' })
    days.set(day, [...(days.get(day) ?? []), commit])
  }
  return [...days]
}

function CommitRow({ commit }: { commit: Commit }) {
  const { repository } = useRepository()
  return (
    <Group className="row" px="md" py="sm" wrap="nowrap" gap="sm">
      <Stack gap={0} style={{ flex: 1, minWidth: 0 }}>
        <TextLink to={`/${repository.full_name}/commit/${commit.hash}`} fw={600} c="inherit">
          {commit.message.split('\n')[0] || 'No message'}
        </TextLink>
        <Text size="sm" c="dimmed">
          {commit.author.raw.replace(/ <.*/, '')} · <Time iso={commit.date} />
        </Text>
      </Stack>
      <Group gap={2} wrap="nowrap">
        <Text span className="mono" visibleFrom="xs">
          {commit.hash.slice(0, 8)}
        </Text>
        <CopyButton text={commit.hash} label="Copy the commit id" />
      </Group>
    </Group>
  )
}
