// What the pages of branches, tags and what was overwritten ask for.
import { queryOptions } from '@tanstack/react-query'
import type { KeptTip, Purge } from '../../../../server/contract/gitstead.ts'
import { call, callAll } from '../../../api.ts'
import { type Id, ownOf, type Page } from '../data.ts'

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
