// Pages of one's own account.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { Side } from '../parts/side.tsx'
import { root, signedIn } from './root.tsx'

const ACCOUNT_PAGES = [
  ['/account/profile', 'Profile'],
  ['/account/second-factor', 'Second factor'],
  ['/account/app-passwords', 'App passwords'],
  ['/account/tokens', 'Tokens'],
  ['/account/applications', 'Applications'],
  ['/account/sessions', 'Sessions'],
  ['/account/notifications', 'Notification settings'],
] as const

const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  beforeLoad: signedIn,
  component: () => <Side label="Account" pages={ACCOUNT_PAGES} />,
})

export const accountPages = account.addChildren([
  createRoute({
    getParentRoute: () => account,
    path: '/profile',
    component: lazyRouteComponent(() => import('../pages/account/profile.tsx'), 'Profile'),
  }),
  createRoute({
    getParentRoute: () => account,
    path: '/second-factor',
    component: lazyRouteComponent(() => import('../pages/account/second-factor.tsx'), 'SecondFactor'),
  }),
  createRoute({
    getParentRoute: () => account,
    path: '/app-passwords',
    component: lazyRouteComponent(() => import('../pages/account/app-passwords.tsx'), 'AppPasswords'),
  }),
  createRoute({
    getParentRoute: () => account,
    path: '/tokens',
    component: lazyRouteComponent(() => import('../pages/account/tokens.tsx'), 'Tokens'),
  }),
  createRoute({
    getParentRoute: () => account,
    path: '/applications',
    component: lazyRouteComponent(() => import('../pages/account/applications.tsx'), 'Applications'),
  }),
  createRoute({
    getParentRoute: () => account,
    path: '/notifications',
    component: lazyRouteComponent(() => import('../pages/account/notifications.tsx'), 'NotificationChoices'),
  }),
  createRoute({
    getParentRoute: () => account,
    path: '/sessions',
    component: lazyRouteComponent(() => import('../pages/account/sessions.tsx'), 'Sessions'),
  }),
])
