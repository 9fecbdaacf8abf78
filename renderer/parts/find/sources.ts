// What the palette looks through: repositories, pages, actions, branches and files, each with its place.
import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { useParams, useRouterState } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'
import type { FileList } from '../../../server/contract/find.ts'
import { ApiError, call, OWN, path } from '../../api.ts'
import { repositoriesQuery, repositoryQuery, useSession } from '../../queries.ts'
import { best, type Hit, match } from './fuzzy.ts'

export interface Item {
  key: string
  text: string
  /** Places of the letters that were found. */
  at: readonly number[]
  note?: string
  kind: 'repository' | 'page' | 'branch' | 'file' | 'action' | 'search'
  to?: string
  search?: Record<string, string>
  act?: () => void
}

export interface Group {
  label: string
  items: Item[]
}

export interface Here {
  workspace: string
  repo: string
  /** What the address names behind the kind of page: a ref, maybe with a path. */
  named: string
}

export function useHere(): Here | undefined {
  const { workspace, repo, _splat = '' } = useParams({ strict: false })
  const kind = useRouterState({ select: (state) => state.location.pathname.split('/')[3] ?? '' })
  if (workspace === undefined || repo === undefined) return undefined
  // A comparison names two.
  return { workspace, repo, named: kind === 'compare' ? '' : _splat }
}

/** Slashes stay: addresses of files and branches are read by people. */
function encoded(text: string): string {
  return text.split('/').map(encodeURIComponent).join('/')
}

export const filesQuery = (here: Here | undefined, main: string | undefined) =>
  queryOptions({
    queryKey: ['files', here?.workspace ?? '', here?.repo ?? '', here?.named || (main ?? '')],
    queryFn: async ({ signal }) => {
      const at = `${OWN}${path('repositories', here?.workspace ?? '', here?.repo ?? '')}/files`
      const ask = (ref: string): Promise<FileList> => call<FileList>('GET', `${at}/${encoded(ref)}`, undefined, signal)
      const named = here?.named ?? ''
      if (named === '') return ask(main ?? '')
      // Not every page that has more in its address names a ref there.
      return ask(named).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return ask(main ?? '')
        throw error
      })
    },
    enabled: here !== undefined && main !== undefined,
    staleTime: 30_000,
  })

const BRANCHES = 6
const SLOW_MS = 150

function branchesQuery(here: Here | undefined, wanted: string) {
  return queryOptions({
    queryKey: ['refs', here?.workspace ?? '', here?.repo ?? '', 'palette', wanted],
    queryFn: ({ signal }) => {
      const at = `${path('2.0', 'repositories', here?.workspace ?? '', here?.repo ?? '')}/refs/branches`
      const query = new URLSearchParams({
        q: `name ~ "${wanted.replace(/[\\"]/g, '\\$&')}"`,
        sort: '-target.date',
        pagelen: String(BRANCHES),
        fields: 'values.name',
      })
      return call<{ values: { name: string }[] }>('GET', `${at}?${query.toString()}`, undefined, signal)
    },
    enabled: here !== undefined && wanted !== '',
    placeholderData: keepPreviousData,
  })
}

const PAGES = [
  ['', 'Source'],
  ['/commits', 'Commits'],
  ['/branches', 'Branches and tags'],
  ['/search', 'Search in the files'],
  ['/insights', 'Insights'],
  ['/activity', 'Activity'],
] as const

function fitting(items: readonly Item[], wanted: string, most: number): Item[] {
  const letters = wanted.replaceAll(' ', '')
  const hits = items.flatMap((item) => {
    const hit = match(letters, item.text)
    return hit ? [{ item, hit }] : []
  })
  const sorted = letters === '' ? hits : hits.toSorted((a, b) => b.hit.score - a.hit.score)
  return sorted.slice(0, most).map(({ item, hit }) => Object.assign({}, item, { at: hit.at }))
}

const plain = (item: Omit<Item, 'at'>): Item => ({ ...item, at: [] })

/** Groups that fit what was typed, in the order in which they are shown. */
export function useGroups(wanted: string, here: Here | undefined, onHelp: () => void): Group[] {
  const repositories = useQuery(repositoriesQuery()).data
  const admin = useQuery({
    ...repositoryQuery(here?.workspace ?? '', here?.repo ?? ''),
    enabled: here !== undefined,
  }).data?.permission
  const [slowly] = useDebouncedValue(wanted.trim(), SLOW_MS)
  const branches = useQuery(branchesQuery(here, slowly)).data
  const actions = useActions(onHelp)
  const base = here && `/${here.workspace}/${here.repo}`
  const all = useMemo(
    () =>
      (repositories ?? []).map(({ full_name: name }) =>
        plain({ key: `r:${name}`, text: name, kind: 'repository', to: `/${name}` }),
      ),
    [repositories],
  )
  const pages = useMemo(() => {
    const own = [...PAGES, ...(admin === 'admin' ? ([['/settings', 'Settings']] as const) : [])]
    if (base === undefined) return []
    return own.map(([to, label]) => plain({ key: `p:${to}`, text: label, kind: 'page', to: base + to }))
  }, [base, admin])
  const typed = wanted.trim()
  const found = (typed === '' ? [] : (branches?.values ?? [])).map(({ name }) =>
    plain({ key: `b:${name}`, text: name, kind: 'branch', to: `${base}/src/${encoded(name)}` }),
  )
  const groups = [
    { label: 'Pages', items: fitting(pages, typed, 8) },
    { label: 'Repositories', items: fitting(all, typed, 8) },
    { label: 'Branches', items: fitting(found, typed, BRANCHES) },
    { label: 'Actions', items: fitting(actions, typed, 8) },
    { label: 'Search', items: typed === '' || base === undefined ? [] : [searchItem(typed, base)] },
  ]
  return groups.filter(({ items }) => items.length > 0)
}

export function searchItem(typed: string, base: string): Item {
  return plain({
    key: 's',
    text: `Search for “${typed}” in the files`,
    kind: 'search',
    to: `${base}/search`,
    search: { q: typed },
  })
}

function useActions(onHelp: () => void): Item[] {
  const user = useSession()?.user
  const { setColorScheme } = useMantineColorScheme()
  const next = useComputedColorScheme('light') === 'light' ? 'dark' : 'light'
  const signedIn: [string, string][] = user
    ? [
        ['New repository', '/new'],
        ['New workspace', '/new-workspace'],
        ['Import a repository', '/import'],
        ['Notifications', '/notifications'],
        ['Account', '/account/profile'],
        ...(user.is_admin ? ([['Administration', '/admin/people']] as [string, string][]) : []),
      ]
    : [['Sign in', '/sign-in']]
  return [
    ...signedIn.map(([text, to]) => plain({ key: `a:${to}`, text, kind: 'action', to })),
    plain({ key: 'a:theme', text: `Switch to ${next} colours`, kind: 'action', act: () => setColorScheme(next) }),
    plain({ key: 'a:help', text: 'Keyboard shortcuts', kind: 'action', act: onHelp }),
  ]
}

const FILES = 50

/** The files that fit best. A list of tens of thousands is gone through without holding the keys up. */
export function useFiles(wanted: string, list: FileList | undefined): { hits: readonly Hit[]; looking: boolean } {
  const [found, setFound] = useState<{ wanted: string; hits: readonly Hit[] }>()
  useEffect(() => {
    if (!list) return undefined
    let stale = false
    const breathe = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0))
    void best(wanted, list.values, FILES, { stale: () => stale, breathe }).then((hits) => {
      if (hits && !stale) setFound({ wanted, hits })
    })
    return () => {
      stale = true
    }
  }, [wanted, list])
  return { hits: found?.hits ?? [], looking: found?.wanted !== wanted }
}

export function fileItems(hits: readonly Hit[], list: FileList, base: string): Item[] {
  return hits.map(({ text, at }) => ({
    key: `f:${text}`,
    text,
    at,
    kind: 'file',
    to: `${base}/src/${encoded(list.ref)}/${encoded(text)}`,
  }))
}
