// What pages ask the server for, with one key each, so that a change can say what it makes old.
import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query'
import type { Permission, Visibility, WorkspaceRole } from '../server/contract/names.ts'
import type { RecentPush, Session } from '../server/contract/gitstead.ts'
import type { Quarantine } from '../server/contract/quarantine.ts'
import { call, callAll, OWN, path, rememberSession } from './api.ts'

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => rememberSession(await call<Session>('GET', `${OWN}/session`, undefined, signal)),
  staleTime: 60_000,
})

/** All but the session itself, which is followed on whoever reads. */
export const besidesSession = {
  predicate: ({ queryKey: [kind] }: { queryKey: readonly unknown[] }) => kind !== sessionQuery.queryKey[0],
}

/** Somebody else reads from now on: of what the one before was told nothing is kept. */
export function forgetReader(client: QueryClient): void {
  client.removeQueries(besidesSession)
}

export function useSession(): Session | undefined {
  return useQuery(sessionQuery).data
}

/** The parts of a repository that pages use; the whole is Bitbucket's shape. */
export interface Repository {
  uuid: string
  full_name: string
  slug: string
  name: string
  description: string
  visibility: Visibility
  permission: Permission
  is_empty: boolean
  /** Null: it is open. */
  quarantine: Quarantine | null
  main_branch: string
  mainbranch: { name: string } | null
  size: number
  updated_on: string
  workspace: { slug: string; name: string }
  project: { key: string; name: string }
}

export interface Workspace {
  uuid: string
  slug: string
  name: string
  is_personal: boolean
  member_permission: Permission
  role?: WorkspaceRole | null
}

export interface Member {
  permission: WorkspaceRole
  user: { uuid: string; username: string; display_name: string }
}

export interface Project {
  key: string
  name: string
  description: string
}

export const repositoriesQuery = (workspace?: string) =>
  queryOptions({
    queryKey: ['repositories', workspace ?? ''],
    queryFn: ({ signal }) =>
      callAll<Repository>(
        workspace === undefined
          ? '/2.0/repositories?sort=-updated_on'
          : `${path('2.0', 'repositories', workspace)}?sort=-updated_on`,
        1000,
        signal,
      ),
  })

export const repositoryQuery = (workspace: string, repo: string) =>
  queryOptions({
    queryKey: ['repository', workspace, repo],
    queryFn: ({ signal }) => call<Repository>('GET', path('2.0', 'repositories', workspace, repo), undefined, signal),
  })

export const workspacesQuery = queryOptions({
  queryKey: ['workspaces'],
  queryFn: ({ signal }) => callAll<Workspace>('/2.0/workspaces', 500, signal),
})

/** Also a workspace that one only administers; refused for those who do not know of it. */
export const workspaceQuery = (workspace: string) =>
  queryOptions({
    queryKey: ['workspace', workspace],
    queryFn: ({ signal }) => call<Workspace>('GET', path('2.0', 'workspaces', workspace), undefined, signal),
  })

export const membersQuery = (workspace: string) =>
  queryOptions({
    queryKey: ['members', workspace],
    queryFn: ({ signal }) => callAll<Member>(path('2.0', 'workspaces', workspace, 'members'), 500, signal),
  })

export const projectsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ['projects', workspace],
    queryFn: ({ signal }) => callAll<Project>(path('2.0', 'workspaces', workspace, 'projects'), 500, signal),
    enabled: workspace !== '',
  })

export const pushesQuery = (repository?: string) =>
  queryOptions({
    queryKey: ['pushes', repository ?? ''],
    queryFn: async ({ signal }) => {
      const query = repository === undefined ? '' : `?repository=${encodeURIComponent(repository)}`
      return (await call<{ values: RecentPush[] }>('GET', `${OWN}/pushes${query}`, undefined, signal)).values
    },
  })
