// What the pages of one file ask for. What is asked for by the id of a commit never grows old.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { BlamePage } from '../../../../server/contract/blame.ts'
import { call, callBytes } from '../../../api.ts'
import { apiOf, type Commit, encoded, type Entry, type Id, ownOf, type Page } from '../data.ts'

/** A file or folder as one commit made it; without `links.self` where it removed it. */
export interface Version extends Omit<Entry, 'commit'> {
  commit: Commit
  links: { self?: { href: string } }
}

export interface FilePlace {
  /** As the address has it: a branch, a tag or a commit. */
  refName: string
  path: string
  /** The commit that it means now. */
  commit: string
}

export const bytesQuery = (id: Id, { commit, path }: FilePlace) =>
  queryOptions({
    queryKey: ['bytes', id.workspace, id.repo, commit, path],
    queryFn: ({ signal }) => callBytes(`${apiOf(id)}/src/${commit}/${encoded(path)}`, signal),
    staleTime: Infinity,
    gcTime: 60_000,
  })

/** The commit that changed it last. */
export const lastChangeQuery = (id: Id, { commit, path }: FilePlace) =>
  queryOptions({
    queryKey: ['last-change', id.workspace, id.repo, commit, path],
    queryFn: async ({ signal }) => {
      const query = `?pagelen=1&path=${encodeURIComponent(path)}`
      return (
        (await call<Page<Commit>>('GET', `${apiOf(id)}/commits/${commit}${query}`, undefined, signal)).values[0] ?? null
      )
    },
    staleTime: Infinity,
  })

const nextOf = ({ next }: Page<unknown>): string | undefined =>
  next === undefined ? undefined : new URL(next).pathname + new URL(next).search

export const versionsQuery = (id: Id, address: string) =>
  infiniteQueryOptions({
    queryKey: ['versions', id.workspace, id.repo, address],
    queryFn: ({ pageParam, signal }) => call<Page<Version>>('GET', pageParam, undefined, signal),
    initialPageParam: `${apiOf(id)}/filehistory/${encoded(address)}?pagelen=30`,
    getNextPageParam: nextOf,
  })

/** Lines that one answer brings: more rows at once make a page slow. */
export const BLAME_LINES = 1000

/** Begins where `line` stands, and goes on in both directions. */
export const blameQuery = (id: Id, { commit, path }: Pick<FilePlace, 'commit' | 'path'>, line: number) =>
  infiniteQueryOptions({
    queryKey: ['blame', id.workspace, id.repo, commit, path, Math.floor((line - 1) / BLAME_LINES)],
    queryFn: ({ pageParam: from, signal }) => {
      const span = `?from=${from}&to=${from + BLAME_LINES - 1}`
      return call<BlamePage>('GET', `${ownOf(id)}/blame/${commit}/${encoded(path)}${span}`, undefined, signal)
    },
    initialPageParam: Math.floor((line - 1) / BLAME_LINES) * BLAME_LINES + 1,
    getNextPageParam: ({ to, total }) => (to < total ? to + 1 : undefined),
    getPreviousPageParam: ({ from }) => (from > 1 ? Math.max(1, from - BLAME_LINES) : undefined),
    staleTime: Infinity,
  })

/** The nearest folder above a path that is not there; null where not even the branch is. */
export const nearestQuery = (id: Id, address: string) =>
  queryOptions({
    queryKey: ['nearest', id.workspace, id.repo, address],
    queryFn: async ({ signal }): Promise<{ address: string; entry: Entry } | null> => {
      for (let end = address.lastIndexOf('/'); end > 0; end = address.lastIndexOf('/', end - 1)) {
        const above = address.slice(0, end)
        const query = '?format=meta'
        const entry = await call<Entry>('GET', `${apiOf(id)}/src/${encoded(above)}${query}`, undefined, signal).catch(
          () => null,
        )
        if (entry) return { address: above, entry }
        signal.throwIfAborted()
      }
      return null
    },
  })
