// What the repository pages ask for. Every key begins with kind, workspace and name, so that a push can make all old.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { KeptTip, Purge } from '../../../server/contract/gitstead.ts'
import { call, callAll, callText, OWN } from '../../api.ts'

export interface Commit {
  hash: string
  date: string
  message: string
  author: { raw: string }
  parents: { hash: string }[]
}

export interface Entry {
  type: 'commit_directory' | 'commit_file'
  path: string
  size?: number
  mimetype?: string | null
  attributes?: string[]
  commit: { hash: string }
}

export interface NamedRef {
  type: 'branch' | 'tag'
  name: string
  target: Commit
}

export interface FileChange {
  status: string
  lines_added: number
  lines_removed: number
  is_binary: boolean
  old: { path: string } | null
  new: { path: string } | null
}

/** Slashes stay: addresses of files and branches are read by people. */
export function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

export interface Id {
  workspace: string
  repo: string
}

export function apiOf({ workspace, repo }: Id): string {
  return `/2.0/repositories/${encodeURIComponent(workspace)}/${encodeURIComponent(repo)}`
}

/** Our own resources of a repository. */
export function ownOf({ workspace, repo }: Id): string {
  return `${OWN}/repositories/${encodeURIComponent(workspace)}/${encodeURIComponent(repo)}`
}

export const metaQuery = (id: Id, address: string) =>
  queryOptions({
    queryKey: ['meta', id.workspace, id.repo, address],
    queryFn: ({ signal }) => call<Entry>('GET', `${apiOf(id)}/src/${encoded(address)}?format=meta`, undefined, signal),
  })

export const folderQuery = (id: Id, address: string) =>
  queryOptions({
    queryKey: ['folder', id.workspace, id.repo, address],
    queryFn: ({ signal }) => callAll<Entry>(`${apiOf(id)}/src/${encoded(address)}`, 2000, signal),
  })

export const textQuery = (id: Id, address: string) =>
  queryOptions({
    queryKey: ['text', id.workspace, id.repo, address],
    queryFn: ({ signal }) => callText(`${apiOf(id)}/src/${encoded(address)}`, signal),
    staleTime: 60_000,
  })

interface Page<T> {
  values: T[]
  next?: string
}

export const commitsQuery = (id: Id, revision: string) =>
  infiniteQueryOptions({
    queryKey: ['commits', id.workspace, id.repo, revision],
    queryFn: ({ pageParam, signal }) => call<Page<Commit>>('GET', pageParam, undefined, signal),
    initialPageParam: `${apiOf(id)}/commits/${encoded(revision)}?pagelen=30`,
    getNextPageParam: ({ next }) => (next === undefined ? undefined : new URL(next).pathname + new URL(next).search),
  })

export const lastCommitQuery = (id: Id, revision: string) =>
  queryOptions({
    queryKey: ['last-commit', id.workspace, id.repo, revision],
    queryFn: async ({ signal }) =>
      (await call<Page<Commit>>('GET', `${apiOf(id)}/commits/${encoded(revision)}?pagelen=1`, undefined, signal))
        .values[0] ?? null,
  })

export const commitQuery = (id: Id, hash: string) =>
  queryOptions({
    queryKey: ['commit', id.workspace, id.repo, hash],
    queryFn: ({ signal }) => call<Commit>('GET', `${apiOf(id)}/commit/${encodeURIComponent(hash)}`, undefined, signal),
    staleTime: Infinity,
  })

export const diffQuery = (id: Id, hash: string) =>
  queryOptions({
    queryKey: ['diff', id.workspace, id.repo, hash],
    queryFn: ({ signal }) => callText(`${apiOf(id)}/diff/${encodeURIComponent(hash)}`, signal),
    staleTime: Infinity,
  })

export const diffstatQuery = (id: Id, hash: string) =>
  queryOptions({
    queryKey: ['diffstat', id.workspace, id.repo, hash],
    queryFn: ({ signal }) => callAll<FileChange>(`${apiOf(id)}/diffstat/${encodeURIComponent(hash)}`, 5000, signal),
    staleTime: Infinity,
  })

export const refsQuery = (id: Id, kind: 'branches' | 'tags') =>
  queryOptions({
    queryKey: ['refs', id.workspace, id.repo, kind],
    queryFn: ({ signal }) => callAll<NamedRef>(`${apiOf(id)}/refs/${kind}`, 1000, signal),
  })

/** The newest `most` of what was deleted and overwritten, and how many there are. */
export const keptQuery = (id: Id, most: number) =>
  queryOptions({
    queryKey: ['kept', id.workspace, id.repo, most],
    queryFn: async ({ signal }) => {
      const first = await call<Page<KeptTip> & { size: number }>(
        'GET',
        `${ownOf(id)}/kept?pagelen=${Math.min(most, 100)}`,
        undefined,
        signal,
      )
      if (most <= 100 || first.next === undefined) return first
      return { ...first, values: await callAll<KeptTip>(`${ownOf(id)}/kept`, most, signal) }
    },
    placeholderData: (before) => before,
  })

const PURGE_POLL_MS = 1000

/** The last purges, looked at again and again while one is under way. */
export const purgesQuery = (id: Id) =>
  queryOptions({
    queryKey: ['purges', id.workspace, id.repo],
    queryFn: async ({ signal }) =>
      (await call<{ values: Purge[] }>('GET', `${ownOf(id)}/purges`, undefined, signal)).values,
    refetchInterval: ({ state }) =>
      state.data?.some((one) => one.state === 'waiting' || one.state === 'running') ? PURGE_POLL_MS : false,
  })
