// Repositories, grants and pushes on the wire.
import type { RecentPush } from '../../contract/gitstead.ts'
import type { RepositoryView } from '../../rooms.ts'
import { braced, presentUser } from '../accounts/present.ts'
import { briefWorkspace, projectLinks } from '../workspaces/present.ts'
import type { RefChange } from './door.ts'
import { quarantineOf } from './quarantine.ts'
import type { GrantRow, PushRow } from './store.ts'

export function fullName(view: Pick<RepositoryView, 'workspace' | 'slug'>): string {
  return `${view.workspace.slug}/${view.slug}`
}

export function presentRepository(view: RepositoryView, base: string) {
  const name = fullName(view)
  const self = `${base}/2.0/repositories/${name}`
  const link = (path: string): { href: string } => ({ href: `${self}/${path}` })
  const workspace = briefWorkspace(view.workspace, base)
  return {
    type: 'repository',
    uuid: braced(view.id),
    full_name: name,
    slug: view.slug,
    name: view.name,
    description: view.description,
    is_private: view.visibility !== 'public',
    visibility: view.visibility,
    permission: view.permission,
    is_empty: view.is_empty === 1,
    quarantine: view.mode === 'open' ? null : quarantineOf(view),
    scm: 'git',
    website: '',
    language: view.language,
    size: view.size,
    has_issues: false,
    has_wiki: false,
    fork_policy: view.visibility === 'public' ? 'allow_forks' : 'no_public_forks',
    mainbranch: view.is_empty === 1 ? null : { type: 'branch', name: view.main_branch },
    main_branch: view.main_branch,
    workspace,
    owner: {
      ...workspace,
      type: view.workspace.owner_id === null ? 'team' : 'user',
      display_name: view.workspace.name,
      username: view.workspace.slug,
    },
    project: {
      type: 'project',
      uuid: braced(view.project.id),
      key: view.project.key,
      name: view.project.name,
      links: projectLinks(view.workspace.slug, view.project.key, base),
    },
    created_on: view.created_at,
    updated_on: view.updated_at,
    links: {
      self: { href: self },
      html: { href: `${base}/${name}` },
      avatar: { href: `${base}/api/gitstead/1/avatars/${view.slug}.svg` },
      clone: [{ name: base.startsWith('https') ? 'https' : 'http', href: `${base}/${name}.git` }],
      source: link('src'),
      commits: link('commits'),
      branches: link('refs/branches'),
      tags: link('refs/tags'),
      forks: link('forks'),
      watchers: link('watchers'),
      pullrequests: link('pullrequests'),
      hooks: link('hooks'),
      downloads: link('downloads'),
    },
  } as const
}

export function presentUserGrant(view: RepositoryView, grant: GrantRow, base: string) {
  if (!grant.user) return undefined
  const path = `permissions-config/users/${encodeURIComponent(braced(grant.user.id))}`
  return {
    type: 'repository_user_permission',
    permission: grant.permission,
    user: presentUser(grant.user, base),
    links: { self: { href: `${base}/2.0/repositories/${fullName(view)}/${path}` } },
  } as const
}

export function presentGroupGrant(view: RepositoryView, grant: GrantRow, base: string) {
  if (!grant.group) return undefined
  const { slug, name, id } = grant.group
  return {
    type: 'repository_group_permission',
    permission: grant.permission,
    group: {
      type: 'group',
      uuid: braced(id),
      slug,
      name,
      full_slug: `${view.workspace.slug}:${slug}`,
      workspace: briefWorkspace(view.workspace, base),
      links: {},
    },
    links: { self: { href: `${base}/2.0/repositories/${fullName(view)}/permissions-config/groups/${slug}` } },
  } as const
}

const ZERO = /^0+$/

export function presentPush(
  push: PushRow & { actor_name: string | null; actor_display: string | null },
  repository: string,
): RecentPush {
  const changes = JSON.parse(push.changes) as RefChange[]
  return {
    id: String(push.id),
    repository,
    actor:
      push.actor_name === null
        ? null
        : { username: push.actor_name, display_name: push.actor_display ?? push.actor_name },
    deploy_token: push.deploy_token === null ? null : (JSON.parse(push.deploy_token) as { name: string }).name,
    pushed_on: push.finished_at ?? push.created_at,
    changes: presentChanges(changes),
  }
}

export function presentChanges(changes: readonly RefChange[]): RecentPush['changes'] {
  return changes.map(({ ref, kind, oldOid, newOid }) => ({
    ref,
    kind,
    old: ZERO.test(oldOid) ? null : oldOid,
    new: ZERO.test(newOid) ? null : newOid,
  }))
}
