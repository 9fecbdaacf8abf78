// What the pages of branches, tags and what was overwritten ask for.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { AheadBehindList } from '../../../../server/contract/find.ts'
import type { KeptPreview, KeptTip, Purge, Restored } from '../../../../server/contract/gitstead.ts'
import { call, callAll } from '../../../api.ts'
import type { BranchesSearch } from '../../../routes/find.ts'
import { apiOf, type Commit, type Id, ownOf, type Page } from '../data.ts'

export type Kind = 'branches' | 'tags'

/** A branch or a tag as a row shows it. */
export interface RefRow {
  name: string
  /** Of an annotated tag. */
  message?: string
  target: Pick<Commit, 'hash' | 'date' | 'message' | 'author'>
}

export const PAGE = 50
const ACTIVE_DAYS = 90
const FIELDS = ['name', 'message', 'target.hash', 'target.date', 'target.message', 'target.author.raw']

/** The same words for the list and for the distances of what is in it. */
function queryOf({ q = '', sort, age, page = 1 }: Omit<BranchesSearch, 'tab'>): URLSearchParams {
  const since = new Date(Date.now() - ACTIVE_DAYS * 86_400_000).toISOString().slice(0, 10)
  const tests = [
    ...(q === '' ? [] : [`name ~ "${q.replace(/[\\"]/g, '\\$&')}"`]),
    ...(age === undefined ? [] : [`target.date ${age === 'active' ? '>=' : '<'} ${since}`]),
  ]
  return new URLSearchParams({
    ...(tests.length === 0 ? {} : { q: tests.join(' AND ') }),
    sort: sort === 'name' ? 'name' : '-target.date',
    page: String(page),
    pagelen: String(PAGE),
  })
}

export const refPageQuery = (id: Id, kind: Kind, wish: Omit<BranchesSearch, 'tab'>) =>
  queryOptions({
    queryKey: ['refs', id.workspace, id.repo, kind, 'page', wish],
    queryFn: ({ signal }) => {
      const query = queryOf(wish)
      query.set('fields', ['size', ...FIELDS.map((field) => `values.${field}`)].join(','))
      return call<Page<RefRow> & { size: number }>(
        'GET',
        `${apiOf(id)}/refs/${kind}?${query.toString()}`,
        undefined,
        signal,
      )
    },
    placeholderData: keepPreviousData,
  })

/** How far the branches of a page stand from the main branch, by name. */
export const distancesQuery = (id: Id, wish: Omit<BranchesSearch, 'tab'>) =>
  queryOptions({
    queryKey: ['refs', id.workspace, id.repo, 'distances', wish],
    queryFn: async ({ signal }) => {
      const at = `${ownOf(id)}/ahead-behind?${queryOf(wish).toString()}`
      const { values } = await call<AheadBehindList>('GET', at, undefined, signal)
      return new Map(values.map((one) => [one.name, one]))
    },
    placeholderData: keepPreviousData,
  })

/** Puts back what was deleted a moment ago: the newest that is kept under this name. */
export async function putBack(id: Id, kind: Kind, name: string): Promise<Restored> {
  const ref = `refs/${kind === 'branches' ? 'heads' : 'tags'}/${name}`
  const { values } = await call<Page<KeptTip>>('GET', `${ownOf(id)}/kept?pagelen=100`)
  const tip = values.find((one) => one.ref === ref)
  if (!tip) throw new Error('It is no longer among what is kept. Look below, under “Deleted and overwritten”.')
  return call<Restored>('POST', `${ownOf(id)}/kept/restore`, { id: tip.id })
}

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

export const keptPreviewQuery = (id: Id, tip: string) =>
  queryOptions({
    queryKey: ['kept', id.workspace, id.repo, 'preview', tip],
    queryFn: ({ signal }) =>
      call<KeptPreview>('GET', `${ownOf(id)}/kept/preview?id=${encodeURIComponent(tip)}`, undefined, signal),
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
