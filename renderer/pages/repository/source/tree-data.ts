// What the page of a folder asks for: its entries page by page, their last commits as they are found, rendered text, figures.
import { experimental_streamedQuery as streamedQuery, infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { LastCommitLine, RepositoryFigures, Tree } from '../../../../server/contract/source.ts'
import { call, callLines } from '../../../api.ts'
import { apiOf, encoded, type Id, ownOf } from '../data.ts'

/** As bytes that are no text are shown: the signs that stand for them in addresses are for nobody's eyes. */
export function shownName(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/g, (_all, byte) => (byte === '5c' ? '\\' : '\ufffd'))
}

/** Further pages are of the commit of the first one, whatever is pushed meanwhile. */
export const treeQuery = (id: Id, address: string, filter: string) =>
  infiniteQueryOptions({
    queryKey: ['tree', id.workspace, id.repo, address, filter],
    queryFn: ({ pageParam: { page, at }, signal }) => {
      const query = new URLSearchParams({ page: String(page), filter })
      return call<Tree>('GET', `${ownOf(id)}/tree/${encoded(at)}?${query}`, undefined, signal)
    },
    initialPageParam: { page: 1, at: address },
    getNextPageParam: ({ folder, commit, path }) =>
      folder && folder.page * folder.pagelen < folder.matching
        ? { page: folder.page + 1, at: `${commit}/${path}` }
        : undefined,
    // While somebody types, what fitted before stays until there is what fits now.
    placeholderData: (before, query) => (query?.queryKey[3] === address ? before : undefined),
  })

export interface LastCommit {
  hash: string
  date: string
  author: string
  message: string
}

export interface LastCommits {
  found: Record<string, LastCommit>
  over: boolean
  /** Why not all of them were found. */
  failed: string | null
}

const NOTHING: LastCommits = { found: {}, over: false, failed: null }

/** Of a commit, so it never gets old: the key is not one of those that a push makes old. */
export const lastCommitsQuery = (
  id: Id,
  { commit, path, page, filter }: { commit: string; path: string; page: number; filter: string },
) =>
  queryOptions({
    queryKey: ['last-commits', `${id.workspace}/${id.repo}`, commit, path, page, filter],
    queryFn: streamedQuery({
      streamFn: ({ signal }) => {
        const query = new URLSearchParams({ page: String(page), filter })
        return callLines<LastCommitLine>(`${ownOf(id)}/last-commits/${encoded(`${commit}/${path}`)}?${query}`, signal)
      },
      reducer: gather,
      initialValue: NOTHING,
      refetchMode: 'replace',
    }),
    staleTime: Infinity,
  })

function gather({ found: before, ...rest }: LastCommits, lines: LastCommitLine[]): LastCommits {
  const now = { ...rest, found: { ...before } }
  for (const line of lines) {
    if ('end' in line) now.over = true
    else if ('failed' in line) Object.assign(now, { over: true, failed: line.failed })
    else {
      const { names, ...commit } = line
      for (const name of names) now.found[name] = commit
    }
  }
  return now
}

export const renderedQuery = (id: Id, address: string) =>
  queryOptions({
    queryKey: ['rendered', id.workspace, id.repo, address],
    queryFn: async ({ signal }) => {
      const path = `${apiOf(id)}/src/${encoded(address)}?format=rendered&fields=html`
      return (await call<{ html: string }>('GET', path, undefined, signal)).html
    },
  })

export const figuresQuery = (id: Id, revision: string) =>
  queryOptions({
    queryKey: ['figures', id.workspace, id.repo, revision],
    queryFn: ({ signal }) =>
      call<RepositoryFigures>('GET', `${ownOf(id)}/figures?at=${encodeURIComponent(revision)}`, undefined, signal),
    // After the first push it is measured a little later.
    refetchInterval: ({ state }) => (state.data?.size === 0 ? 5000 : false),
  })
