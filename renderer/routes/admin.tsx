// Pages for admins of the server.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { AuditFilter } from '../../server/contract/events.ts'
import { Side } from '../parts/side.tsx'
import { root, signedIn, textOf } from './root.tsx'

const ADMIN_PAGES = [
  ['/admin/people', 'People'],
  ['/admin/invitations', 'Invitations'],
  ['/admin/groups', 'Groups'],
  ['/admin/operations', 'Operations'],
  ['/admin/slow-requests', 'Slow requests'],
  ['/admin/jobs', 'Jobs'],
  ['/admin/limits', 'Limits'],
  ['/admin/storage', 'Storage'],
  ['/admin/audit', 'Audit log'],
  ['/admin/mail', 'Mail'],
  ['/admin/token-keys', 'Token keys'],
  ['/admin/https', 'HTTPS'],
  ['/admin/settings', 'Settings'],
] as const

const AUDIT_FILTERS = ['person', 'kind', 'repository', 'workspace', 'address', 'from', 'to'] as const

const admin = createRoute({
  getParentRoute: () => root,
  path: '/admin',
  beforeLoad: signedIn,
  component: () => <Side label="Administration" pages={ADMIN_PAGES} />,
})

export const adminPages = admin.addChildren([
  createRoute({
    getParentRoute: () => admin,
    path: '/people',
    component: lazyRouteComponent(() => import('../pages/admin/people.tsx'), 'People'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/invitations',
    component: lazyRouteComponent(() => import('../pages/admin/invitations.tsx'), 'Invitations'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/groups',
    component: lazyRouteComponent(() => import('../pages/admin/groups.tsx'), 'Groups'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/operations',
    component: lazyRouteComponent(() => import('../pages/admin/operations.tsx'), 'OperationsPage'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/slow-requests',
    component: lazyRouteComponent(() => import('../pages/admin/slow-requests.tsx'), 'SlowRequestsPage'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/jobs',
    component: lazyRouteComponent(() => import('../pages/admin/jobs.tsx'), 'Jobs'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/limits',
    component: lazyRouteComponent(() => import('../pages/admin/limits.tsx'), 'Limits'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/storage',
    component: lazyRouteComponent(() => import('../pages/admin/storage/page.tsx'), 'StoragePage'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/audit',
    validateSearch: (search: Record<string, unknown>): AuditFilter =>
      Object.assign({}, ...AUDIT_FILTERS.map((name) => textOf(search, name))),
    component: lazyRouteComponent(() => import('../pages/admin/audit.tsx'), 'Audit'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/token-keys',
    component: lazyRouteComponent(() => import('../pages/admin/token-keys.tsx'), 'TokenKeys'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/https',
    component: lazyRouteComponent(() => import('../pages/admin/https.tsx'), 'HttpsPage'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/mail',
    component: lazyRouteComponent(() => import('../pages/admin/mail.tsx'), 'MailPage'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/settings',
    component: lazyRouteComponent(() => import('../pages/admin/settings.tsx'), 'SettingsPage'),
  }),
])
