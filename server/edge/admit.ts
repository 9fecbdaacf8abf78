// Who may pass: the route's declared access and scope against the actor, and the thing that the path names.
import type { Permission } from '../contract/names.ts'
import { Fault } from '../kit/fault.ts'
import type { Access, Need } from '../route.ts'
import type { Actor, RepositoryView, WorkspaceView } from '../rooms.ts'
import type { Doors } from './doors.ts'

const RANK: Record<Permission, number> = { none: 0, read: 1, write: 2, admin: 3 }

export interface Admitted {
  repository?: RepositoryView
  workspace?: WorkspaceView
}

export async function admit(
  doors: Doors,
  actor: Actor,
  wanted: { access: Access; scope: Need; early?: boolean },
  params: Record<string, string>,
): Promise<Admitted> {
  checkScope(actor, wanted.scope)
  checkFactor(actor, wanted)
  const [area, level = ''] = wanted.access.split(':') as [string, string | undefined]
  if (area === 'anyone') return {}
  const workspace = params['workspace'] ?? ''
  if (area === 'repository') {
    const found = await doors.repository(actor, workspace, params['repo_slug'] ?? '')
    return { repository: enoughPermission(actor, found, level as Permission) }
  }
  checkReach(actor)
  if (area === 'workspace') {
    return { workspace: enoughRole(actor, await doors.workspace(actor, workspace), level) }
  }
  if (actor.kind === 'guest') throw new Fault('auth.needed')
  if (area === 'admin' && !(actor.kind === 'user' && actor.isAdmin)) throw new Fault('auth.forbidden')
  return {}
}

/** What an admin of the server has switched off opens to nobody but them, where they look at it to open it again. */
export function checkOff({ mode, mode_reason: reason }: RepositoryView, actor: Actor, whileOff = false): void {
  if (mode !== 'off' || (whileOff && actor.kind === 'user' && actor.isAdmin)) return
  throw new Fault('repository.off', { reason })
}

/** Who has to set up a second factor first may do that, and what needs no account at all. */
function checkFactor(actor: Actor, { access, scope, early }: { access: Access; scope: Need; early?: boolean }): void {
  if (actor.kind !== 'user' || actor.owesFactor !== true) return
  if (early !== true && (access !== 'anyone' || scope !== 'none')) throw new Fault('auth.factor')
}

/** A token for one repository opens nothing else: no account, no workspace. */
function checkReach(actor: Actor): void {
  if (actor.kind !== 'guest' && actor.onlyRepository !== null) {
    throw new Fault('auth.forbidden', { detail: 'This token opens one repository and nothing else.' })
  }
}

function checkScope(actor: Actor, scope: Need): void {
  if (scope === 'none') return
  if (actor.kind === 'guest') {
    if (scope === 'session') throw new Fault('auth.needed')
    return
  }
  if (scope === 'session') {
    if (actor.kind !== 'user' || actor.via !== 'session')
      throw new Fault('auth.forbidden', { detail: 'This is done in the browser, not with a token.' })
    return
  }
  if (!hasScope(actor.scopes, scope)) throw new Fault('auth.scope', { scope })
}

/** A scope includes those below it: repository:admin writes, repository:write reads. */
export function hasScope(scopes: readonly string[] | null, wanted: string): boolean {
  if (scopes === null || scopes.includes(wanted)) return true
  const [area, level] = wanted.split(':')
  if (level === undefined) return scopes.some((scope) => scope.startsWith(`${area}:`) && scope !== 'repository:delete')
  return level === 'write' && scopes.includes(`${area}:admin`)
}

function enoughPermission(actor: Actor, found: RepositoryView | undefined, level: Permission): RepositoryView {
  if (found && RANK[found.permission] >= RANK[level]) return found
  // A guest may be let in after signing in, and must not learn from the answer whether there is anything.
  if (actor.kind === 'guest') throw new Fault('auth.needed')
  if (!found || found.permission === 'none') throw new Fault('not-found')
  throw new Fault('auth.forbidden', {
    detail: `This needs ${level} permission on the repository; you have ${found.permission}.`,
  })
}

function enoughRole(actor: Actor, found: WorkspaceView | undefined, level: string): WorkspaceView {
  if (found && (level === 'see' || found.role === 'owner' || (found.role === 'member' && level === 'member')))
    return found
  if (actor.kind === 'guest') throw new Fault('auth.needed')
  if (!found) throw new Fault('not-found')
  throw new Fault('auth.forbidden', {
    detail: `Only ${level === 'owner' ? 'owners' : 'members'} of the workspace may do this.`,
  })
}
