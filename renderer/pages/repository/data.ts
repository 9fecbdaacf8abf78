// What the repository pages ask for. Every key begins with kind, workspace and name, so that a push can make all old.
import { queryOptions } from '@tanstack/react-query'
import { call, callAll, OWN } from '../../api.ts'

export interface Commit {
  hash: string
  date: string
  message: string
  author: { raw: string }
  authored_on: string
  committer: { raw: string }
  parents: { hash: string }[]
}

export interface Entry {
  type: 'commit_directory' | 'commit_file'
  path: string
  size?: number
  mimetype?: string | null
  attributes?: string[]
  commit: { hash: string }
}

export interface NamedRef {
  type: 'branch' | 'tag'
  name: string
  target: Commit
}

/** Slashes stay: addresses of files and branches are read by people. */
export function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

export interface Id {
  workspace: string
  repo: string
}

export function apiOf({ workspace, repo }: Id): string {
  return `/2.0/repositories/${encodeURIComponent(workspace)}/${encodeURIComponent(repo)}`
}

/** Our own resources of a repository. */
export function ownOf({ workspace, repo }: Id): string {
  return `${OWN}/repositories/${encodeURIComponent(workspace)}/${encodeURIComponent(repo)}`
}

export interface Page<T> {
  values: T[]
  next?: string
}

/** With a path the last one that changed it. */
export const lastCommitQuery = (id: Id, revision: string, path = '') =>
  queryOptions({
    queryKey: ['last-commit', id.workspace, id.repo, revision, path],
    queryFn: async ({ signal }) => {
      const query = new URLSearchParams({ pagelen: '1', ...(path === '' ? {} : { path }) })
      const address = `${apiOf(id)}/commits/${encoded(revision)}?${query}`
      return (await call<Page<Commit>>('GET', address, undefined, signal)).values[0] ?? null
    },
  })

export const refsQuery = (id: Id, kind: 'branches' | 'tags') =>
  queryOptions({
    queryKey: ['refs', id.workspace, id.repo, kind],
    queryFn: ({ signal }) => callAll<NamedRef>(`${apiOf(id)}/refs/${kind}`, 1000, signal),
  })

/** Branches and tags whose names hold this text. */
export const refSearchQuery = (id: Id, text: string) =>
  queryOptions({
    queryKey: ['refs', id.workspace, id.repo, 'search', text],
    queryFn: async ({ signal }) => {
      const query = new URLSearchParams({ pagelen: '30', fields: 'values.name,values.type' })
      if (text !== '') query.set('q', `name ~ "${text.replace(/["\\]/g, '\\$&')}"`)
      return (await call<Page<Pick<NamedRef, 'name' | 'type'>>>('GET', `${apiOf(id)}/refs?${query}`, undefined, signal))
        .values
    },
  })
