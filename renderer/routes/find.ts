// What the addresses of lists and searches of a repository may say. What they do not understand is left out.
import { textOf } from './root.tsx'

export interface BranchesSearch {
  tab?: 'tags'
  q?: string
  sort?: 'name'
  /** Of all branches, those with commits of the last months, or those without. */
  age?: 'active' | 'stale'
  page?: number
}

export function branchesSearch(search: Record<string, unknown>): BranchesSearch {
  const page = Number(search['page'])
  return {
    ...(search['tab'] === 'tags' ? { tab: 'tags' as const } : {}),
    ...textOf(search, 'q'),
    ...(search['sort'] === 'name' ? { sort: 'name' as const } : {}),
    ...(search['age'] === 'active' || search['age'] === 'stale' ? { age: search['age'] } : {}),
    ...(Number.isInteger(page) && page > 1 ? { page } : {}),
  }
}

export interface SearchSearch {
  q?: string
  ref?: string
  path?: string
  mode?: 'regexp'
  case?: 'on'
}

export function searchSearch(search: Record<string, unknown>): SearchSearch {
  return {
    ...textOf(search, 'q'),
    ...textOf(search, 'ref'),
    ...textOf(search, 'path'),
    ...(search['mode'] === 'regexp' ? { mode: 'regexp' as const } : {}),
    ...(search['case'] === 'on' ? { case: 'on' as const } : {}),
  }
}
