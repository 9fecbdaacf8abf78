// What the pages of folders and files ask for.
import { queryOptions } from '@tanstack/react-query'
import { call, callText } from '../../../api.ts'
import { apiOf, encoded, type Entry, type Id } from '../data.ts'

export const metaQuery = (id: Id, address: string) =>
  queryOptions({
    queryKey: ['meta', id.workspace, id.repo, address],
    queryFn: ({ signal }) => call<Entry>('GET', `${apiOf(id)}/src/${encoded(address)}?format=meta`, undefined, signal),
  })

export const textQuery = (id: Id, address: string) =>
  queryOptions({
    queryKey: ['text', id.workspace, id.repo, address],
    queryFn: ({ signal }) => callText(`${apiOf(id)}/src/${encoded(address)}`, signal),
    staleTime: 60_000,
  })
