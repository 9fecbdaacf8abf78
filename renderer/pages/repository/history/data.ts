// What the pages of commits ask for. What is named by full ids never changes, and is let go soon after nobody shows it.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type {
  ChangeList,
  Compared,
  FileLines,
  FilePatches,
  Labels,
  RefsOfCommit,
} from '../../../../server/contract/changes.ts'
import { call } from '../../../api.ts'
import { apiOf, type Commit, encoded, type Id, ownOf, type Page } from '../data.ts'
import type { Chunk } from './chunks.ts'

/** As they stand in the address; days are the reader's own. */
export interface Filters {
  author?: string
  message?: string
  path?: string
  since?: string
  until?: string
}

const PAGE = 50

/** Of one revision, or what the first has and the second has not. */
export const commitsQuery = (id: Id, range: { of: string; without?: string }, filters: Filters = {}) => {
  const query = new URLSearchParams({ pagelen: String(PAGE), ...wireFilters(filters) })
  if (range.without !== undefined) query.set('exclude', range.without)
  return infiniteQueryOptions({
    queryKey: ['commits', id.workspace, id.repo, range, filters],
    queryFn: ({ pageParam, signal }) => call<Page<Commit>>('GET', pageParam, undefined, signal),
    initialPageParam: `${apiOf(id)}/commits/${encoded(range.of)}?${query}`,
    getNextPageParam: ({ next }) => (next === undefined ? undefined : new URL(next).pathname + new URL(next).search),
  })
}

const DAY_MS = 86_400_000

/** A day begins and ends where the reader is. */
function wireFilters({ since, until, ...words }: Filters): Record<string, string> {
  const [from, to] = [startOf(since), startOf(until)]
  return {
    ...words,
    ...(from === undefined ? {} : { since: new Date(from).toISOString() }),
    // A day may be an hour shorter or longer: its end is where the next one begins.
    ...(to === undefined ? {} : { until: new Date((startOf(nextDay(to)) ?? to + DAY_MS) - 1000).toISOString() }),
  }
}

function startOf(day: string | undefined): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day ?? '')) return undefined
  const time = new Date(`${day}T00:00:00`).getTime()
  return Number.isNaN(time) ? undefined : time
}

function nextDay(time: number): string {
  const next = new Date(time + DAY_MS + DAY_MS / 2)
  const parts = [next.getFullYear(), next.getMonth() + 1, next.getDate()]
  return parts.map((part) => String(part).padStart(2, '0')).join('-')
}

export const commitQuery = (id: Id, hash: string) =>
  queryOptions({
    queryKey: ['commit', id.workspace, id.repo, hash],
    queryFn: ({ signal }) => call<Commit>('GET', `${apiOf(id)}/commit/${encodeURIComponent(hash)}`, undefined, signal),
    staleTime: Infinity,
  })

/** Which branches and tags point at these commits. */
export const labelsQuery = (id: Id, hashes: readonly string[]) =>
  queryOptions({
    queryKey: ['labels', id.workspace, id.repo, hashes],
    queryFn: async ({ signal }) => {
      const query = new URLSearchParams(hashes.map((hash) => ['commit', hash]))
      return (await call<Labels>('GET', `${ownOf(id)}/labels?${query}`, undefined, signal)).labels
    },
    enabled: hashes.length > 0,
  })

export const containingQuery = (id: Id, hash: string) =>
  queryOptions({
    queryKey: ['containing', id.workspace, id.repo, hash],
    queryFn: ({ signal }) => call<RefsOfCommit>('GET', `${ownOf(id)}/containing/${hash}`, undefined, signal),
  })

/** What is compared, and how. */
export interface Comparison {
  spec: string
  parent?: number | undefined
  /** Against the other side as it stands, not since the two parted. */
  direct?: boolean
  ignoreSpace: boolean
}

export const changesQuery = (id: Id, { spec, parent, direct, ignoreSpace }: Comparison) =>
  queryOptions({
    queryKey: ['changes', id.workspace, id.repo, spec, { parent, direct, ignoreSpace }],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ topic: String(!direct), ignore_whitespace: String(ignoreSpace) })
      if (parent !== undefined) query.set('parent', String(parent))
      return call<ChangeList>('GET', `${ownOf(id)}/changes/${encoded(spec)}?${query}`, undefined, signal)
    },
    staleTime: Infinity,
  })

/** Two commits by their full ids; null before the first one. */
export interface Span {
  from: string | null
  to: string
}

/** Patches of files that are far away are let go. */
const PATCH_MS = 30_000

export const patchesQuery = (id: Id, { from, to }: Span, chunk: Chunk, ignoreSpace: boolean) =>
  queryOptions({
    queryKey: ['patches', id.workspace, id.repo, from, to, ignoreSpace, chunk],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams(chunk.paths.map((path) => ['path', path]))
      query.set('topic', 'false')
      query.set('renames', String(chunk.renames))
      query.set('ignore_whitespace', String(ignoreSpace))
      const spec = from === null ? to : `${to}..${from}`
      return call<FilePatches>('GET', `${ownOf(id)}/patches/${spec}?${query}`, undefined, signal)
    },
    staleTime: Infinity,
    gcTime: PATCH_MS,
  })

export function fetchLines(id: Id, address: string, range: { from: number; to: number }): Promise<FileLines> {
  const to = range.to === Infinity ? range.from + 4999 : range.to
  return call<FileLines>('GET', `${ownOf(id)}/lines/${encoded(address)}?from=${range.from}&to=${to}`)
}

export const comparedQuery = (id: Id, source: string, destination: string) =>
  queryOptions({
    queryKey: ['compared', id.workspace, id.repo, source, destination],
    queryFn: ({ signal }) =>
      call<Compared>('GET', `${ownOf(id)}/compare/${encoded(`${source}..${destination}`)}`, undefined, signal),
    enabled: source !== '' && destination !== '',
  })
