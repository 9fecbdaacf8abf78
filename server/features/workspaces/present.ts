// Workspaces, members and projects in Bitbucket's shapes.
import { braced, presentUser } from '../accounts/present.ts'
import type { MemberRow, ProjectRow, WorkspaceRow } from './store.ts'

export function workspaceLinks(slug: string, base: string) {
  return {
    self: { href: `${base}/2.0/workspaces/${slug}` },
    html: { href: `${base}/${slug}` },
    avatar: { href: `${base}/api/gitstead/1/avatars/${slug}.svg` },
  } as const
}

export function presentWorkspace(row: WorkspaceRow & { role?: string | null }, base: string) {
  return {
    type: 'workspace',
    uuid: braced(row.id),
    slug: row.slug,
    name: row.name,
    is_private: true,
    is_personal: row.owner_id !== null,
    member_permission: row.member_permission,
    ...(row.role === undefined ? {} : { role: row.role }),
    created_on: row.created_at,
    updated_on: row.updated_at,
    links: {
      ...workspaceLinks(row.slug, base),
      members: { href: `${base}/2.0/workspaces/${row.slug}/members` },
      projects: { href: `${base}/2.0/workspaces/${row.slug}/projects` },
      repositories: { href: `${base}/2.0/repositories/${row.slug}` },
    },
  } as const
}

export function briefWorkspace(row: { id: string; slug: string; name: string }, base: string) {
  return {
    type: 'workspace',
    uuid: braced(row.id),
    slug: row.slug,
    name: row.name,
    links: workspaceLinks(row.slug, base),
  } as const
}

export function presentMember(row: MemberRow, workspace: WorkspaceRow, base: string) {
  const user = presentUser(row, base)
  return {
    type: 'workspace_membership',
    user,
    workspace: briefWorkspace(workspace, base),
    permission: row.role,
    links: { self: { href: `${base}/2.0/workspaces/${workspace.slug}/members/${encodeURIComponent(braced(row.id))}` } },
  } as const
}

export function projectLinks(workspace: string, key: string, base: string) {
  return {
    self: { href: `${base}/2.0/workspaces/${workspace}/projects/${key}` },
    html: { href: `${base}/${workspace}?project=${key}` },
    repositories: { href: `${base}/2.0/repositories/${workspace}?q=project.key%3D%22${key}%22` },
    avatar: { href: `${base}/api/gitstead/1/avatars/${key}.svg` },
  } as const
}

export function presentProject(row: ProjectRow, workspace: WorkspaceRow, base: string) {
  return {
    type: 'project',
    uuid: braced(row.id),
    key: row.key,
    name: row.name,
    description: row.description,
    is_private: row.is_private === 1,
    has_publicly_visible_repos: false,
    workspace: briefWorkspace(workspace, base),
    owner: { ...briefWorkspace(workspace, base), type: 'team', display_name: workspace.name, username: workspace.slug },
    created_on: row.created_at,
    updated_on: row.updated_at,
    links: projectLinks(workspace.slug, row.key, base),
  } as const
}
