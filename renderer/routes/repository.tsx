// Pages of one repository.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { branchesSearch, searchSearch } from './find.ts'
import { root, textOf } from './root.tsx'

const repository = createRoute({
  getParentRoute: () => root,
  path: '/$workspace/$repo',
  component: lazyRouteComponent(() => import('../pages/repository/pages.ts'), 'RepositoryLayout'),
})

const source = lazyRouteComponent(() => import('../pages/repository/pages.ts'), 'Source')
const commits = lazyRouteComponent(() => import('../pages/repository/pages.ts'), 'Commits')

/** Which entries of a folder are shown; a file that is more than its text is shown as the one or the other. */
function placeOf(search: Record<string, unknown>): { filter?: string; view?: 'source' | 'preview' } {
  const { view } = search
  return { ...textOf(search, 'filter'), ...(view === 'source' || view === 'preview' ? { view } : {}) }
}

const FILTERS = ['author', 'message', 'path', 'since', 'until'] as const

/** What a list of commits is narrowed to. */
function filtersOf(search: Record<string, unknown>): { [name in (typeof FILTERS)[number]]?: string } {
  return Object.assign({}, ...FILTERS.map((name) => textOf(search, name)))
}

/** How a comparison is shown: without changes of white space alone, and of a merge against which parent. */
function comparison(search: Record<string, unknown>): { space?: 'ignore'; parent?: number } {
  const parent = Number(search['parent'])
  return {
    ...(search['space'] === 'ignore' ? { space: 'ignore' as const } : {}),
    ...(Number.isInteger(parent) && parent > 1 ? { parent } : {}),
  }
}

const settingsFrame = createRoute({
  getParentRoute: () => repository,
  path: '/settings',
  component: lazyRouteComponent(() => import('../pages/repository/settings/pages.ts'), 'SettingsLayout'),
})

const settings = settingsFrame.addChildren([
  createRoute({
    getParentRoute: () => settingsFrame,
    path: '/',
    component: lazyRouteComponent(() => import('../pages/repository/settings/pages.ts'), 'Settings'),
  }),
  createRoute({
    getParentRoute: () => settingsFrame,
    path: '/access',
    component: lazyRouteComponent(() => import('../pages/repository/settings/pages.ts'), 'Access'),
  }),
  createRoute({
    getParentRoute: () => settingsFrame,
    path: '/deploy-tokens',
    component: lazyRouteComponent(() => import('../pages/repository/settings/pages.ts'), 'DeployTokens'),
  }),
  createRoute({
    getParentRoute: () => settingsFrame,
    path: '/webhooks',
    component: lazyRouteComponent(() => import('../pages/repository/settings/pages.ts'), 'RepositoryHooks'),
  }),
  createRoute({
    getParentRoute: () => settingsFrame,
    path: '/storage',
    component: lazyRouteComponent(() => import('../pages/repository/settings/pages.ts'), 'RepositoryStoragePage'),
  }),
  createRoute({
    getParentRoute: () => settingsFrame,
    path: '/availability',
    component: lazyRouteComponent(() => import('../pages/repository/settings/pages.ts'), 'Availability'),
  }),
])

export const repositoryPages = repository.addChildren([
  createRoute({ getParentRoute: () => repository, path: '/', validateSearch: placeOf, component: source }),
  createRoute({ getParentRoute: () => repository, path: '/src', validateSearch: placeOf, component: source }),
  createRoute({ getParentRoute: () => repository, path: '/src/$', validateSearch: placeOf, component: source }),
  createRoute({
    getParentRoute: () => repository,
    path: '/annotate/$',
    component: lazyRouteComponent(() => import('../pages/repository/pages.ts'), 'Annotate'),
  }),
  createRoute({
    getParentRoute: () => repository,
    path: '/history/$',
    component: lazyRouteComponent(() => import('../pages/repository/pages.ts'), 'FileHistory'),
  }),
  createRoute({ getParentRoute: () => repository, path: '/commits', validateSearch: filtersOf, component: commits }),
  createRoute({ getParentRoute: () => repository, path: '/commits/$', validateSearch: filtersOf, component: commits }),
  createRoute({
    getParentRoute: () => repository,
    path: '/commit/$hash',
    validateSearch: comparison,
    component: lazyRouteComponent(() => import('../pages/repository/pages.ts'), 'CommitPage'),
  }),
  createRoute({
    getParentRoute: () => repository,
    path: '/compare',
    component: lazyRouteComponent(() => import('../pages/repository/pages.ts'), 'Compare'),
  }),
  createRoute({
    getParentRoute: () => repository,
    path: '/compare/$',
    validateSearch: (search: Record<string, unknown>): { tab?: 'commits'; how?: 'direct'; space?: 'ignore' } => ({
      ...comparison(search),
      ...(search['tab'] === 'commits' ? { tab: 'commits' as const } : {}),
      ...(search['how'] === 'direct' ? { how: 'direct' as const } : {}),
    }),
    component: lazyRouteComponent(() => import('../pages/repository/pages.ts'), 'Compare'),
  }),
  createRoute({
    getParentRoute: () => repository,
    path: '/activity',
    component: lazyRouteComponent(() => import('../pages/repository/pages.ts'), 'RepositoryActivity'),
  }),
  createRoute({
    getParentRoute: () => repository,
    path: '/branches',
    validateSearch: branchesSearch,
    component: lazyRouteComponent(() => import('../pages/repository/pages.ts'), 'Branches'),
  }),
  createRoute({
    getParentRoute: () => repository,
    path: '/search',
    validateSearch: searchSearch,
    component: lazyRouteComponent(() => import('../pages/repository/pages.ts'), 'SearchPage'),
  }),
  createRoute({
    getParentRoute: () => repository,
    path: '/insights',
    component: lazyRouteComponent(() => import('../pages/repository/pages.ts'), 'InsightsPage'),
  }),
  createRoute({
    getParentRoute: () => repository,
    path: '/edit/$',
    component: lazyRouteComponent(() => import('../pages/repository/edit/pages.ts'), 'EditFile'),
  }),
  createRoute({
    getParentRoute: () => repository,
    path: '/new-file/$',
    component: lazyRouteComponent(() => import('../pages/repository/edit/pages.ts'), 'NewFile'),
  }),
  createRoute({
    getParentRoute: () => repository,
    path: '/upload/$',
    component: lazyRouteComponent(() => import('../pages/repository/edit/pages.ts'), 'UploadFiles'),
  }),
  settings,
])
