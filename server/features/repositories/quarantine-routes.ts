// Routes by which an admin of the server closes a repository and opens it again.
import { NewQuarantine, Quarantine } from '../../contract/quarantine.ts'
import { Fault } from '../../kit/fault.ts'
import { type Ask, json, route, type Route } from '../../route.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { personOf } from '../accounts/session.ts'
import { findForDoor } from './actions.ts'
import { quarantineOf, setMode } from './quarantine.ts'

const ONE = '/api/gitstead/1/repositories/:workspace/:repo_slug/quarantine'

/** Looked up here, as a door that leads to the repository itself would be shut. */
function repositoryOf(rooms: Rooms, { actor, params }: Ask<{ workspace: string; repo_slug: string }>): RepositoryView {
  const view = findForDoor(rooms, actor, params.workspace, params.repo_slug)
  if (!view) throw new Fault('not-found')
  return view
}

export const routes: Route[] = [
  route({
    method: 'get',
    path: ONE,
    access: 'admin',
    scope: 'session',
    summary: 'Whether a repository is open, read-only or switched off, and why',
    answer: Quarantine,
    handle: async (rooms, ask) => json(quarantineOf(repositoryOf(rooms, ask))),
  }),
  route({
    method: 'put',
    path: ONE,
    access: 'admin',
    scope: 'session',
    summary: 'Close a repository to changes or altogether, with the reason that people read, or open it again',
    body: NewQuarantine,
    answer: Quarantine,
    handle: async (rooms, ask) => {
      const by = { user: personOf(ask), address: ask.address }
      return json(await setMode(rooms, by, repositoryOf(rooms, ask), ask.body))
    },
  }),
]
