// What the insights page asks for; again and again while the history is counted.
import { queryOptions } from '@tanstack/react-query'
import type { Insights } from '../../../../server/contract/insights.ts'
import { call } from '../../../api.ts'
import { type Id, ownOf } from '../data.ts'

const COUNTING_MS = 700

export const insightsQuery = (id: Id) =>
  queryOptions({
    queryKey: ['insights', id.workspace, id.repo],
    queryFn: ({ signal }) => call<Insights>('GET', `${ownOf(id)}/insights`, undefined, signal),
    refetchInterval: ({ state }) => (state.data?.counting ? COUNTING_MS : false),
  })
