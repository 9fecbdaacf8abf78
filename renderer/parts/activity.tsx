// What happened, the newest first: of a repository, of a workspace, of a person.
import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { Activity, ActivityList } from '../../server/contract/events.ts'
import { call, OWN } from '../api.ts'
import { TextLink } from './link.tsx'
import { Picture } from './person.tsx'
import { Empty, Failure, Waiting } from './states.tsx'
import { Time } from './time.tsx'

interface Props {
  /** Below our own API, encoded, for example `/repositories/ada/shop/activity`. */
  at: string
  showRepository?: boolean
  empty: string
}

export function ActivityFeed({ at, showRepository = true, empty }: Props) {
  const found = useInfiniteQuery({
    queryKey: ['activity', at],
    queryFn: ({ pageParam, signal }) =>
      call<ActivityList>('GET', `${OWN}${at}${pageParam === '' ? '' : `?before=${pageParam}`}`, undefined, signal),
    initialPageParam: '',
    getNextPageParam: (page: ActivityList) => page.next,
  })
  if (found.error && !found.data) return <Failure error={found.error} retry={found.refetch} />
  if (!found.data) return <Waiting rows={6} />
  const values = found.data.pages.flatMap((page) => page.values)
  return (
    <Stack gap="sm" align="flex-start">
      <Paper className="card" w="100%">
        {values.length === 0 && <Empty title={found.hasNextPage ? 'Nothing here that you may see yet' : empty} />}
        {values.map((one) => (
          <Row key={one.id} one={one} showRepository={showRepository} />
        ))}
      </Paper>
      {found.isFetchNextPageError && <Failure error={found.error} retry={found.fetchNextPage} />}
      {found.hasNextPage && (
        <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          Look further back
        </Button>
      )}
    </Stack>
  )
}

function Row({ one, showRepository }: { one: Activity; showRepository: boolean }) {
  const { actor, machine, words, repository, created_on, changes } = one
  return (
    <Group className="row" px="md" py="sm" gap="sm" wrap="nowrap" align="flex-start">
      <Picture name={actor?.username ?? 'git'} />
      <Stack gap={2} style={{ flex: 1, minWidth: 0 }}>
        <Text size="sm">
          {actor ? (
            <TextLink to="/people/$username" params={{ username: actor.username }} c="inherit" fw={650}>
              {actor.display_name}
            </TextLink>
          ) : (
            <b>{machine ?? 'Somebody'}</b>
          )}{' '}
          {words}
          {showRepository && <Where words={words} place={repository} />}
        </Text>
        <Text size="xs" c="dimmed">
          <Time iso={created_on} />
          <Tips repository={repository} changes={changes} />
        </Text>
      </Stack>
    </Group>
  )
}

/** "pushed to main in ada/shop", "made the repository ada/shop". */
export function Where({ words, place, gone = false }: { words: string; place: string; gone?: boolean }) {
  return (
    <>
      {/the (repository|workspace)$/.test(words) ? ' ' : ' in '}
      {gone ? place : <TextLink to={`/${place}`}>{place}</TextLink>}
    </>
  )
}

const SHOWN = 3

function Tips({ repository, changes }: Pick<Activity, 'repository' | 'changes'>) {
  const branches = changes.filter((change) => change.new !== null && change.ref.startsWith('refs/heads/'))
  const tips = new Set(branches.map((change) => change.new ?? ''))
  return [...tips].slice(0, SHOWN).map((tip) => (
    <span key={tip}>
      {' · '}
      <TextLink to={`/${repository}/commit/${tip}`} className="mono" size="xs">
        {tip.slice(0, 10)}
      </TextLink>
    </span>
  ))
}
