// The table of addresses and their pages; each page is loaded when it is first opened.
import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { Shell } from './parts/shell.tsx'
import { Side } from './parts/side.tsx'
import { PageFailure } from './parts/states.tsx'
import { NotFound } from './pages/not-found.tsx'
import { sessionQuery } from './queries.ts'

interface Context {
  client: QueryClient
}

const root = createRootRouteWithContext<Context>()({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: PageFailure,
})

/** Pages for people with an account: others are led to sign in and come back afterwards. */
async function signedIn({ context, location }: { context: Context; location: { href: string } }): Promise<void> {
  const session = await context.client.ensureQueryData(sessionQuery)
  if (session.user === null) throw redirect({ to: '/sign-in', search: { next: location.href } })
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    isOwnPath(search['next']) ? { next: search['next'] } : {},
  component: lazyRouteComponent(() => import('./pages/sign-in.tsx'), 'SignIn'),
})

/** Only a path of this site: neither another host nor anything that a browser reads as one. */
function isOwnPath(value: unknown): value is string {
  return typeof value === 'string' && /^\/(?![/\\])[^\\\s]*$/.test(value)
}

/** A text of the address, left out where it is empty. A number was one too: the router reads ?q=7 as 7. */
function textOf<K extends string>(search: Record<string, unknown>, name: K): { [name in K]?: string } {
  const value = search[name]
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && text !== '' ? ({ [name]: text } as { [name in K]?: string }) : {}
}

const open = [
  createRoute({
    getParentRoute: () => root,
    path: '/setup',
    component: lazyRouteComponent(() => import('./pages/set-up.tsx'), 'SetUp'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/invite',
    component: lazyRouteComponent(() => import('./pages/invite.tsx'), 'Invite'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/reset',
    component: lazyRouteComponent(() => import('./pages/reset.tsx'), 'Reset'),
  }),
]

const dashboard = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: signedIn,
  validateSearch: (search: Record<string, unknown>): { q?: string } => textOf(search, 'q'),
  component: lazyRouteComponent(() => import('./pages/dashboard.tsx'), 'Dashboard'),
})

const newRepository = createRoute({
  getParentRoute: () => root,
  path: '/new',
  beforeLoad: signedIn,
  validateSearch: (search: Record<string, unknown>): { workspace?: string } => textOf(search, 'workspace'),
  component: lazyRouteComponent(() => import('./pages/new-repository.tsx'), 'NewRepository'),
})

const newWorkspace = createRoute({
  getParentRoute: () => root,
  path: '/new-workspace',
  beforeLoad: signedIn,
  component: lazyRouteComponent(() => import('./pages/new-workspace.tsx'), 'NewWorkspace'),
})

const workspace = createRoute({
  getParentRoute: () => root,
  path: '/workspaces/$workspace',
  beforeLoad: signedIn,
  component: lazyRouteComponent(() => import('./pages/workspace/pages.ts'), 'WorkspaceLayout'),
})

const members = lazyRouteComponent(() => import('./pages/workspace/pages.ts'), 'Members')

const workspacePages = workspace.addChildren([
  createRoute({ getParentRoute: () => workspace, path: '/', component: members }),
  createRoute({ getParentRoute: () => workspace, path: '/members', component: members }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/projects',
    component: lazyRouteComponent(() => import('./pages/workspace/pages.ts'), 'Projects'),
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/groups',
    component: lazyRouteComponent(() => import('./pages/workspace/pages.ts'), 'WorkspaceGroups'),
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/webhooks',
    component: lazyRouteComponent(() => import('./pages/workspace/pages.ts'), 'WorkspaceHooks'),
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/settings',
    component: lazyRouteComponent(() => import('./pages/workspace/pages.ts'), 'General'),
  }),
])

const repository = createRoute({
  getParentRoute: () => root,
  path: '/$workspace/$repo',
  component: lazyRouteComponent(() => import('./pages/repository/pages.ts'), 'RepositoryLayout'),
})

const source = lazyRouteComponent(() => import('./pages/repository/pages.ts'), 'Source')
const commits = lazyRouteComponent(() => import('./pages/repository/pages.ts'), 'Commits')

const repositoryPages = repository.addChildren([
  createRoute({ getParentRoute: () => repository, path: '/', component: source }),
  createRoute({ getParentRoute: () => repository, path: '/src', component: source }),
  createRoute({ getParentRoute: () => repository, path: '/src/$', component: source }),
  createRoute({ getParentRoute: () => repository, path: '/commits', component: commits }),
  createRoute({ getParentRoute: () => repository, path: '/commits/$', component: commits }),
  createRoute({
    getParentRoute: () => repository,
    path: '/commit/$hash',
    component: lazyRouteComponent(() => import('./pages/repository/pages.ts'), 'CommitPage'),
  }),
  createRoute({
    getParentRoute: () => repository,
    path: '/branches',
    validateSearch: (search: Record<string, unknown>): { tab?: 'tags' } =>
      search['tab'] === 'tags' ? { tab: 'tags' } : {},
    component: lazyRouteComponent(() => import('./pages/repository/pages.ts'), 'Branches'),
  }),
  createRoute({
    getParentRoute: () => repository,
    path: '/settings',
    component: lazyRouteComponent(() => import('./pages/repository/pages.ts'), 'Settings'),
  }),
])

const ACCOUNT_PAGES = [
  ['/account/profile', 'Profile'],
  ['/account/app-passwords', 'App passwords'],
  ['/account/sessions', 'Sessions'],
] as const

const ADMIN_PAGES = [
  ['/admin/people', 'People'],
  ['/admin/invitations', 'Invitations'],
  ['/admin/groups', 'Groups'],
  ['/admin/jobs', 'Jobs'],
  ['/admin/settings', 'Settings'],
] as const

const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  beforeLoad: signedIn,
  component: () => <Side label="Account" pages={ACCOUNT_PAGES} />,
})

const accountPages = account.addChildren([
  createRoute({
    getParentRoute: () => account,
    path: '/profile',
    component: lazyRouteComponent(() => import('./pages/account/profile.tsx'), 'Profile'),
  }),
  createRoute({
    getParentRoute: () => account,
    path: '/app-passwords',
    component: lazyRouteComponent(() => import('./pages/account/app-passwords.tsx'), 'AppPasswords'),
  }),
  createRoute({
    getParentRoute: () => account,
    path: '/sessions',
    component: lazyRouteComponent(() => import('./pages/account/sessions.tsx'), 'Sessions'),
  }),
])

const admin = createRoute({
  getParentRoute: () => root,
  path: '/admin',
  beforeLoad: signedIn,
  component: () => <Side label="Administration" pages={ADMIN_PAGES} />,
})

const adminPages = admin.addChildren([
  createRoute({
    getParentRoute: () => admin,
    path: '/people',
    component: lazyRouteComponent(() => import('./pages/admin/people.tsx'), 'People'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/invitations',
    component: lazyRouteComponent(() => import('./pages/admin/invitations.tsx'), 'Invitations'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/groups',
    component: lazyRouteComponent(() => import('./pages/admin/groups.tsx'), 'Groups'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/jobs',
    component: lazyRouteComponent(() => import('./pages/admin/jobs.tsx'), 'Jobs'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/settings',
    component: lazyRouteComponent(() => import('./pages/admin/settings.tsx'), 'SettingsPage'),
  }),
])

const others = [
  createRoute({
    getParentRoute: () => root,
    path: '/import',
    beforeLoad: signedIn,
    component: lazyRouteComponent(() => import('./pages/import.tsx'), 'ImportPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/$workspace',
    beforeLoad: signedIn,
    validateSearch: (search: Record<string, unknown>): { q?: string; project?: string } => ({
      ...textOf(search, 'q'),
      ...textOf(search, 'project'),
    }),
    component: lazyRouteComponent(() => import('./pages/workspace.tsx'), 'WorkspacePage'),
  }),
]

const tree = root.addChildren([
  signIn,
  ...open,
  dashboard,
  newRepository,
  newWorkspace,
  workspacePages,
  repositoryPages,
  accountPages,
  adminPages,
  ...others,
])

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    scrollRestoration: true,
    defaultPreload: 'intent',
    defaultErrorComponent: PageFailure,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
