// The table of addresses and their pages; each page is loaded when it is first opened.
import type { QueryClient } from '@tanstack/react-query'
import { createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { PageFailure, Waiting } from './parts/states.tsx'
import { accountPages } from './routes/account.tsx'
import { adminPages } from './routes/admin.tsx'
import { repositoryPages } from './routes/repository.tsx'
import { nextOf, root, signedIn, signedOut, textOf } from './routes/root.tsx'
import { workspacePages } from './routes/workspace.tsx'

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: nextOf,
  beforeLoad: signedOut,
  component: lazyRouteComponent(() => import('./pages/sign-in.tsx'), 'SignIn'),
})

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
    path: '/confirm',
    component: lazyRouteComponent(() => import('./pages/confirm.tsx'), 'Confirm'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/reset',
    component: lazyRouteComponent(() => import('./pages/reset.tsx'), 'Reset'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/enter',
    validateSearch: nextOf,
    component: lazyRouteComponent(() => import('./pages/enter.tsx'), 'Enter'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/trust',
    component: lazyRouteComponent(() => import('./pages/trust.tsx'), 'Trust'),
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

const notifications = createRoute({
  getParentRoute: () => root,
  path: '/notifications',
  beforeLoad: signedIn,
  validateSearch: (search: Record<string, unknown>): { all?: true } => (search['all'] === true ? { all: true } : {}),
  component: lazyRouteComponent(() => import('./pages/notifications.tsx'), 'Notifications'),
})

const others = [
  createRoute({
    getParentRoute: () => root,
    path: '/site/authorize',
    beforeLoad: signedIn,
    component: lazyRouteComponent(() => import('./pages/authorize.tsx'), 'Authorize'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/people/$username',
    beforeLoad: signedIn,
    component: lazyRouteComponent(() => import('./pages/person.tsx'), 'PersonPage'),
  }),
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
  notifications,
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
    defaultPendingComponent: Waiting,
    // A page that comes soon comes without a flash of grey before it, and one that is there is not held back for it.
    defaultPendingMs: 300,
    defaultPendingMinMs: 150,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
