// What the search page asks for.
import { infiniteQueryOptions } from '@tanstack/react-query'
import type { SearchResult } from '../../../../server/contract/find.ts'
import { call } from '../../../api.ts'
import { type Id, ownOf } from '../data.ts'

export interface SearchWish {
  q: string
  ref: string
  path: string
  mode: 'words' | 'regexp'
  /** Large and small letters differ. */
  exact: boolean
}

export const searchQuery = (id: Id, wish: SearchWish) =>
  infiniteQueryOptions({
    queryKey: ['search', id.workspace, id.repo, wish],
    queryFn: ({ pageParam, signal }) => {
      const { q, ref, path, mode, exact } = wish
      const fields = { q, ref, mode, ...(path === '' ? {} : { path }), ...(exact ? { case: 'true' } : {}) }
      const query = new URLSearchParams({ ...fields, ...(pageParam === '' ? {} : { after: pageParam }) })
      return call<SearchResult>('GET', `${ownOf(id)}/search?${query.toString()}`, undefined, signal)
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    enabled: wish.q.trim() !== '',
    retry: false,
    staleTime: 60_000,
  })
