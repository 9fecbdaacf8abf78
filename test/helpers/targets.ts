// The route table as tests see it: every route and git address, with a value for each name in a path and a fitting body.
// A new route needs an entry here when it has a name in its path or a body that no other route has.
import { allRoutes, gitRoutes } from '../../server/app.ts'
import type { Route } from '../../server/route.ts'
import { passwordOf, PEOPLE } from './world.ts'

/** One row of the route table, or one of git's four addresses, in the terms of tests. */
export interface Target {
  name: string
  method: string
  path: string
  access: string
  scope: string
  git: boolean
  /** A body that the route's own schema takes, where it has one. */
  body?: unknown
  schema: boolean
}

const NOBODY = '00000000-0000-4000-8000-000000000000'

/** A value for every name in a path. Ids that a handler looks up by itself lead nowhere, so nothing there changes. */
export const PARAMS: Record<string, string> = {
  workspace: 'team',
  selected_user: PEOPLE.reader,
  selected_user_id: PEOPLE.site,
  username: PEOPLE.owner,
  member: PEOPLE.owner,
  group_slug: 'crew',
  project_key: 'MAIN',
  uuid: NOBODY,
  id: NOBODY,
  uid: NOBODY,
  subject_type: 'repository',
  token: 'no-such-token',
  kid: 'no-such-key',
  file: 'team.svg',
  commit: 'main',
  spec: 'topic..main',
  revspec: 'topic..main',
  revision: 'main',
  rest: 'main/README.md',
  folder: 'main',
  name: 'both',
  path: 'README.md',
  ref: 'main',
  archive: 'main.zip',
}

/** Bodies for changes, each one that the route would carry out if it let the caller in. */
export const BODIES: Record<string, unknown> = {
  'POST /api/gitstead/1/session': { username: PEOPLE.reader, password: passwordOf('reader') },
  'POST /api/gitstead/1/session/code': { ticket: 'x', code: '000000' },
  'POST /api/gitstead/1/factor': { password: 'x' },
  'POST /api/gitstead/1/factor/confirm': { code: '000000' },
  'POST /api/gitstead/1/factor/recovery-codes': { password: 'x', code: '000000' },
  'POST /api/gitstead/1/factor/off': { password: 'x', code: '000000' },
  'PUT /api/gitstead/1/profile': { display_name: 'Changed' },
  'PUT /api/gitstead/1/password': { current: 'x', password: 'a new password' },
  'POST /api/gitstead/1/app-passwords': { label: 'x', scopes: ['repository'] },
  'POST /api/gitstead/1/tokens': { label: 'x', scopes: ['repository'] },
  'PATCH /api/gitstead/1/people/:username': { is_admin: true },
  'POST /api/gitstead/1/setup': { token: 'x', username: 'eve', display_name: 'Eve', password: 'a new password' },
  'POST /api/gitstead/1/links/:token/accept': { username: 'eve', display_name: 'Eve', password: 'a new password' },
  'POST /api/gitstead/1/links/:token/reset': { password: 'a new password' },
  'POST /api/gitstead/1/invitations': { workspace: 'team', role: 'owner' },
  'POST /api/gitstead/1/workspaces': { slug: 'other', name: 'Other' },
  'PATCH /api/gitstead/1/workspaces/:workspace': { name: 'Changed', member_permission: 'read' },
  'PUT /api/gitstead/1/workspaces/:workspace/members/:username': { role: 'collaborator' },
  'POST /2.0/workspaces/:workspace/projects': { key: 'NEW', name: 'New' },
  'PUT /2.0/workspaces/:workspace/projects/:project_key': { name: 'Changed' },
  'POST /api/gitstead/1/groups': { workspace: 'team', name: 'others' },
  'POST /2.0/repositories/:workspace/:repo_slug': {
    name: 'new',
    description: 'new',
    visibility: 'private',
    mainbranch: { name: 'main' },
    project: { key: 'MAIN' },
  },
  'PUT /2.0/repositories/:workspace/:repo_slug': {
    description: 'changed',
    visibility: 'public',
    mainbranch: { name: 'topic' },
    project: { key: 'MAIN' },
  },
  'POST /2.0/repositories/:workspace/:repo_slug/commits': { include: ['topic'], exclude: 'main' },
  'POST /2.0/repositories/:workspace/:repo_slug/commits/*revision': { exclude: ['main'] },
  'POST /2.0/repositories/:workspace/:repo_slug/refs/branches': { name: 'new', target: { hash: 'main' } },
  'POST /2.0/repositories/:workspace/:repo_slug/refs/tags': { name: 'new', target: { hash: 'main' } },
  'PUT /2.0/repositories/:workspace/:repo_slug/permissions-config/users/:selected_user_id': { permission: 'admin' },
  'PUT /2.0/repositories/:workspace/:repo_slug/permissions-config/groups/:group_slug': { permission: 'admin' },
  'POST /api/gitstead/1/repositories/:workspace/:repo_slug/kept/restore': { id: '20260101T000000000Z-x/heads/gone' },
  'POST /api/gitstead/1/repositories/:workspace/:repo_slug/purges': { confirm: 'team/private', kept: 'all' },
  'POST /2.0/repositories/:workspace/:repo_slug/hooks': { url: 'https://example.com/', events: ['repo:push'] },
  'PUT /2.0/repositories/:workspace/:repo_slug/hooks/:uid': { description: 'changed' },
  'POST /2.0/workspaces/:workspace/hooks': { url: 'https://example.com/', events: ['repo:push'] },
  'PUT /2.0/workspaces/:workspace/hooks/:uid': { description: 'changed' },
  'PUT /api/gitstead/1/repositories/:workspace/:repo_slug/quarantine': { mode: 'open' },
  'PUT /api/gitstead/1/admin/audit/retention': { days: 400 },
  'PUT /api/gitstead/1/admin/https': { redirect: false },
  'POST /api/gitstead/1/repositories/:workspace/:repo_slug/deploy-tokens': { name: 'ci' },
  'POST /api/gitstead/1/admin/storage/volumes': { name: 'Second', path: '/proc/no-such-place' },
  'POST /api/gitstead/1/admin/storage/checks': { repository: 'team/private' },
  'POST /api/gitstead/1/admin/storage/moves': { repository: 'team/private', volume: 'main' },
  'POST /api/gitstead/1/admin/storage/copies/:id/restore': { confirm: 'team/private' },
  'PATCH /api/gitstead/1/admin/storage/volumes/:id': { name: 'Changed' },
  'POST /api/gitstead/1/admin/exemptions': { account: 'rita' },
  'POST /site/oauth2/access_token': { grant_type: 'x' },
  'POST /api/gitstead/1/oauth/authorization': { client_id: 'x', response_type: 'code', allow: true },
  'POST /api/1.0/oauth/request_token': {},
  'POST /api/1.0/oauth/access_token': {},
  'POST /api/gitstead/1/oauth1/authorization': { request: 'x', allow: true },
  'POST /api/gitstead/1/workspaces/:workspace/oauth-consumers': {
    name: 'x',
    callback_url: 'https://example.com/cb',
    scopes: ['repository'],
  },
  'PUT /api/gitstead/1/workspaces/:workspace/oauth-consumers/:uid': { name: 'changed' },
  'POST /api/gitstead/1/notices/read': { up_to: '1' },
  'PUT /api/gitstead/1/notice-settings': { push: 'none' },
  'PUT /api/gitstead/1/repositories/:workspace/:repo_slug/watch': { watching: true },
  'PUT /api/gitstead/1/admin/mail': {
    enabled: false,
    host: 'mail.example.com',
    port: 587,
    security: 'starttls',
    username: '',
    from: 'git@example.com',
    base: 'https://git.example.com',
  },
  'POST /api/gitstead/1/admin/mail/test': { to: 'ada@example.com' },
  'PUT /api/gitstead/1/mail-address': { address: 'ada@example.com' },
  'PUT /api/gitstead/1/settings': { site_name: 'Changed' },
  'POST /api/gitstead/1/imports': { url: 'https://example.com/a.git', workspace: 'team', name: 'imported' },
}

export const TARGETS: Target[] = [
  ...allRoutes().map(targetOf),
  ...gitRoutes.map((record) => ({
    name: `${record.method.toUpperCase()} git ${record.service}`,
    method: record.method.toUpperCase(),
    path: `/:workspace/:repo_slug.git/${record.method === 'get' ? `info/refs?service=${record.service}` : record.service}`,
    access: record.access,
    scope: record.scope,
    git: true,
    schema: false,
  })),
]

function targetOf(record: Route): Target {
  const method = record.method.toUpperCase()
  const name = `${method} ${record.path}`
  const { access, scope, path } = record
  return { name, method, path, access, scope, git: false, body: BODIES[name], schema: record.body !== undefined }
}

export function recordOf(target: Target): Route | undefined {
  return allRoutes().find((one) => `${one.method.toUpperCase()} ${one.path}` === target.name)
}
