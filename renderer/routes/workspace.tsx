// Pages of one workspace's people and settings.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { root, signedIn } from './root.tsx'

const workspace = createRoute({
  getParentRoute: () => root,
  path: '/workspaces/$workspace',
  beforeLoad: signedIn,
  component: lazyRouteComponent(() => import('../pages/workspace/pages.ts'), 'WorkspaceLayout'),
})

const members = lazyRouteComponent(() => import('../pages/workspace/pages.ts'), 'Members')

export const workspacePages = workspace.addChildren([
  createRoute({ getParentRoute: () => workspace, path: '/', component: members }),
  createRoute({ getParentRoute: () => workspace, path: '/members', component: members }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/activity',
    component: lazyRouteComponent(() => import('../pages/workspace/pages.ts'), 'WorkspaceActivity'),
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/projects',
    component: lazyRouteComponent(() => import('../pages/workspace/pages.ts'), 'Projects'),
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/groups',
    component: lazyRouteComponent(() => import('../pages/workspace/pages.ts'), 'WorkspaceGroups'),
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/webhooks',
    component: lazyRouteComponent(() => import('../pages/workspace/pages.ts'), 'WorkspaceHooks'),
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/oauth-consumers',
    component: lazyRouteComponent(() => import('../pages/workspace/pages.ts'), 'Consumers'),
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/settings',
    component: lazyRouteComponent(() => import('../pages/workspace/pages.ts'), 'General'),
  }),
])
