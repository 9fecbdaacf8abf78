// What the pages of commits ask for.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call, callAll, callText } from '../../../api.ts'
import { apiOf, type Commit, encoded, type Id, type Page } from '../data.ts'

export interface FileChange {
  status: string
  lines_added: number
  lines_removed: number
  is_binary: boolean
  old: { path: string } | null
  new: { path: string } | null
}

export const commitsQuery = (id: Id, revision: string) =>
  infiniteQueryOptions({
    queryKey: ['commits', id.workspace, id.repo, revision],
    queryFn: ({ pageParam, signal }) => call<Page<Commit>>('GET', pageParam, undefined, signal),
    initialPageParam: `${apiOf(id)}/commits/${encoded(revision)}?pagelen=30`,
    getNextPageParam: ({ next }) => (next === undefined ? undefined : new URL(next).pathname + new URL(next).search),
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
