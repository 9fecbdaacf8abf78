// The inbox: what happened that concerns this person, unread or all, and what leads to it.
import { Button, Group, Paper, SegmentedControl, Stack, Text } from '@mantine/core'
import { CheckIcon, DotFillIcon, GearIcon } from '@primer/octicons-react'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Notice, NoticeList } from '../../server/contract/notices.ts'
import { call, OWN } from '../api.ts'
import { ButtonLink, TextLink } from '../parts/link.tsx'
import { Picture } from '../parts/person.tsx'
import { Empty, Failure, FormFailure, Waiting } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { PageTitle } from '../parts/title.tsx'

const KEY = ['own', 'notices']

function useNoticeChange() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ method, path, body }: { method: 'POST' | 'DELETE'; path: string; body?: unknown }) =>
      call(method, `${OWN}/notices${path}`, body),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  })
}

export function Notifications() {
  const all = useSearch({ from: '/notifications' }).all === true
  const change = useNoticeChange()
  const found = useInfiniteQuery({
    queryKey: [...KEY, all ? 'all' : 'unread'],
    queryFn: ({ pageParam, signal }) => {
      const before = pageParam === '' ? '' : `&before=${pageParam}`
      return call<NoticeList>('GET', `${OWN}/notices?unread=${!all}${before}`, undefined, signal)
    },
    initialPageParam: '',
    getNextPageParam: (page: NoticeList) => page.next,
  })
  const [first] = found.data?.pages ?? []
  return (
    <>
      <PageTitle title="Notifications" actions={<Actions first={first} change={change} />} />
      <Stack gap="md">
        <Which all={all} unread={first?.unread ?? 0} />
        <FormFailure error={change.error} />
        {found.data ? (
          <List notices={found.data.pages.flatMap(({ values }) => values)} all={all} change={change} />
        ) : found.error ? (
          <Failure error={found.error} retry={found.refetch} />
        ) : (
          <Waiting rows={5} />
        )}
        {found.hasNextPage && (
          <Button
            variant="default"
            style={{ alignSelf: 'flex-start' }}
            loading={found.isFetchingNextPage}
            onClick={() => void found.fetchNextPage()}
          >
            Show older ones
          </Button>
        )}
      </Stack>
    </>
  )
}

type Change = ReturnType<typeof useNoticeChange>

/** What came after the newest that is shown was not seen, and stays unread. */
function Actions({ first, change }: { first: NoticeList | undefined; change: Change }) {
  const newest = first?.values[0]
  return (
    <>
      <Button
        variant="default"
        size="sm"
        leftSection={<CheckIcon />}
        disabled={!newest || first?.unread === 0}
        loading={change.isPending && change.variables.path === '/read'}
        onClick={() => newest && change.mutate({ method: 'POST', path: '/read', body: { up_to: newest.id } })}
      >
        Mark all as read
      </Button>
      <ButtonLink to="/account/notifications" variant="default" size="sm" leftSection={<GearIcon />}>
        Choose
      </ButtonLink>
    </>
  )
}

function Which({ all, unread }: { all: boolean; unread: number }) {
  const navigate = useNavigate({ from: '/notifications' })
  return (
    <SegmentedControl
      aria-label="Which notifications"
      style={{ alignSelf: 'flex-start' }}
      data={[
        { value: 'unread', label: unread > 0 ? `Unread (${unread})` : 'Unread' },
        { value: 'all', label: 'All' },
      ]}
      value={all ? 'all' : 'unread'}
      onChange={(value) => void navigate({ search: value === 'all' ? { all: true } : {} })}
    />
  )
}

interface ListProps {
  notices: Notice[]
  all: boolean
  change: Change
}

function List({ notices, all, change }: ListProps) {
  if (notices.length === 0) {
    return (
      <Paper className="card">
        <Empty title={all ? 'No notifications yet' : 'You have read everything'}>
          <Text c="dimmed" ta="center">
            Pushes by others to repositories that you watch, commits that mention you, and what you are given show here.
          </Text>
        </Empty>
      </Paper>
    )
  }
  return (
    <Paper className="card">
      {notices.map((notice) => (
        <Row
          key={notice.id}
          notice={notice}
          onRead={() => change.mutate({ method: notice.read ? 'DELETE' : 'POST', path: `/${notice.id}/read` })}
          onOpen={() => !notice.read && change.mutate({ method: 'POST', path: `/${notice.id}/read` })}
        />
      ))}
    </Paper>
  )
}

interface RowProps {
  notice: Notice
  onRead: () => void
  onOpen: () => void
}

function Row({ notice, onRead, onOpen }: RowProps) {
  const { kind, actor, words, repository, path, created_on, read } = notice
  return (
    <Group className="row" px="md" py="sm" gap="sm" wrap="nowrap" align="flex-start">
      <Picture name={actor?.username ?? 'gitstead'} />
      <Stack gap={2} style={{ flex: 1, minWidth: 0 }}>
        <Text size="sm" fw={read ? 400 : 600}>
          <TextLink to={path} onClick={onOpen} c="inherit">
            {actor?.display_name ?? (repository !== null && kind !== 'import' ? 'A machine' : 'Gitstead')} {words}
          </TextLink>
        </Text>
        <Text size="xs" c="dimmed">
          {!read && (
            <Text span c="pine" mr={4} aria-label="Unread" role="img">
              <DotFillIcon size={12} />
            </Text>
          )}
          {repository !== null && `${repository} · `}
          <Time iso={created_on} />
        </Text>
      </Stack>
      <Button
        size="compact-xs"
        variant="subtle"
        color="gray"
        style={{ flexShrink: 0 }}
        onClick={onRead}
        aria-label={`Mark notification ${notice.id} as ${read ? 'unread' : 'read'}`}
      >
        {read ? 'Unread' : 'Read'}
      </Button>
    </Group>
  )
}
