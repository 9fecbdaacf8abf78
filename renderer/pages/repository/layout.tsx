// The frame of a repository: its name, who may see it, and the tabs of its pages.
import { Group, Tabs, Text } from '@mantine/core'
import {
  CodeIcon,
  GearIcon,
  GitBranchIcon,
  GitCommitIcon,
  GraphIcon,
  PulseIcon,
  SearchIcon,
} from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { Outlet, useNavigate, useParams, useRouterState } from '@tanstack/react-router'
import { createContext, useContext, useEffect, useState } from 'react'
import { ApiError } from '../../api.ts'
import { TextLink } from '../../parts/link.tsx'
import { ClosedToAll, QuarantineBanner, SwitchedOff } from '../../parts/quarantine.tsx'
import { VisibilityBadge } from '../../parts/repository-row.tsx'
import { Failure, Waiting } from '../../parts/states.tsx'
import { WatchButton } from '../../parts/watch.tsx'
import { type Repository, repositoryQuery, useSession } from '../../queries.ts'
import { NotFound } from '../not-found.tsx'
import type { Id } from './data.ts'
import { usePolling } from './live.ts'

const Current = createContext<Repository | null>(null)

export function useRepository(): { repository: Repository; id: Id } {
  const repository = useContext(Current)
  if (!repository) throw new Error('This page stands in a repository.')
  return { repository, id: { workspace: repository.workspace.slug, repo: repository.slug } }
}

/** What the address names behind the kind of page; the main branch where it names nothing. */
export function useNamed(): string {
  const { repository } = useRepository()
  const { _splat } = useParams({ strict: false })
  return _splat === undefined || _splat === '' ? repository.main_branch : _splat
}

const TABS = [
  ['source', '', 'Source', CodeIcon],
  ['commits', '/commits', 'Commits', GitCommitIcon],
  ['branches', '/branches', 'Branches', GitBranchIcon],
  ['search', '/search', 'Search', SearchIcon],
  ['insights', '/insights', 'Insights', GraphIcon],
  ['activity', '/activity', 'Activity', PulseIcon],
  ['settings', '/settings', 'Settings', GearIcon],
] as const

export function RepositoryLayout() {
  const { workspace, repo } = useParams({ strict: false })
  const { data, error, refetch } = useQuery(repositoryQuery(workspace ?? '', repo ?? ''))
  const session = useSession()
  const navigate = useNavigate()
  const place = useRouterState({ select: (state) => state.location.pathname })
  const moved = data && data.full_name !== `${workspace}/${repo}` ? data.full_name : undefined
  useEffect(() => {
    // The name was another one before: the address follows.
    if (moved !== undefined) void navigate({ to: place.replace(/^\/[^/]+\/[^/]+/, `/${moved}`), replace: true })
  }, [moved, navigate, place])
  // Whose session ended while they were here keeps what stands on the page: the frame says how to go on.
  const ended = data !== undefined && error instanceof ApiError && error.status === 401
  if (error && !ended) return <Unreadable error={error} guest={session?.user === null} retry={refetch} />
  if (!data || moved !== undefined) return <Waiting rows={6} />
  return (
    <Current value={data}>
      <Frame repository={data} place={place} />
    </Current>
  )
}

interface UnreadableProps {
  error: Error
  guest: boolean
  retry: () => unknown
}

/** A guest is asked to sign in; others see that there is nothing for them, or that the server did not answer. */
function Unreadable({ error, guest, retry }: UnreadableProps) {
  const refused = error instanceof ApiError && error.status > 0 && error.status < 500
  if (!refused) return <Failure error={error} retry={retry} />
  if (error.code === 'repository.off') return <SwitchedOff sentence={error.message} />
  return error.status === 401 && guest ? <SignInFirst /> : <NotFound />
}

/** Comes back to the whole address that was asked for: the first one, as the address changes on the way to the form. */
function SignInFirst() {
  const navigate = useNavigate()
  const [next] = useState(useRouterState({ select: (state) => state.location.href }))
  useEffect(() => void navigate({ to: '/sign-in', search: { next }, replace: true }), [navigate, next])
  return <Waiting />
}

function Frame({ repository, place }: { repository: Repository; place: string }) {
  const navigate = useNavigate()
  const user = useSession()?.user
  usePolling(repository.full_name, repository.is_empty)
  const base = `/${repository.full_name}`
  const here = place.slice(base.length + 1).split('/')[0] ?? ''
  const active =
    here === 'commit' || here === 'compare' ? 'commits' : TABS.some(([key]) => key === here) ? here : 'source'
  const off = repository.quarantine?.mode === 'off'
  const tabs = TABS.filter(([key]) =>
    key === 'settings' ? repository.permission === 'admin' : !off && (!repository.is_empty || key === 'source'),
  )
  return (
    <>
      <Group gap="xs" mb={4} justify="space-between">
        <Group gap="xs">
          <Text size="lg">
            <TextLink to={`/${repository.workspace.slug}`}>{repository.workspace.slug}</TextLink>
            {' / '}
            <TextLink to={base} fw={650}>
              {repository.slug}
            </TextLink>
          </Text>
          <VisibilityBadge visibility={repository.visibility} />
        </Group>
        {user && <WatchButton workspace={repository.workspace.slug} repo={repository.slug} />}
      </Group>
      {repository.description !== '' && (
        <Text c="dimmed" mb="xs">
          {repository.description}
        </Text>
      )}
      {repository.quarantine && (
        <QuarantineBanner quarantine={repository.quarantine} base={repository.full_name} place={place} />
      )}
      <Tabs
        value={active}
        onChange={(key) => {
          const path = TABS.find(([name]) => name === key)?.[1] ?? ''
          void navigate({ to: `${base}${path}` })
        }}
        mb="lg"
      >
        <Tabs.List className="tabs" style={{ flexWrap: 'nowrap', overflowX: 'auto', overflowY: 'hidden' }}>
          {tabs.map(([key, , label, Icon]) => (
            <Tabs.Tab key={key} value={key} leftSection={<Icon />} aria-label={label}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      {off && here !== 'settings' ? <ClosedToAll /> : <Outlet />}
    </>
  )
}
