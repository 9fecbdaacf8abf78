// Composition: opens the rooms, joins the features' routes and jobs with the edge, and closes all in reverse order.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import type { Config } from './config.ts'
import { migrate } from './db/migrate.ts'
import { openDb } from './db/open.ts'
import type { GitDoors } from './edge/git.ts'
import { gitDoor } from './edge/git.ts'
import { documentation } from './edge/openapi.ts'
import { httpStack } from './edge/http.ts'
import { csrfToken, identify } from './features/accounts/identify.ts'
import { openPasswords } from './features/accounts/passwords.ts'
import { newAppPasswordRoute, routes as accountRoutes } from './features/accounts/routes.ts'
import { readSettings } from './features/accounts/settings.ts'
import { openThrottle } from './features/accounts/throttle.ts'
import { runImport } from './features/imports/actions.ts'
import { importRoutes } from './features/imports/routes.ts'
import { routes as invitationRoutes } from './features/invitations/routes.ts'
import { findForDoor, needByName } from './features/repositories/actions.ts'
import { createByPush } from './features/repositories/create-by-push.ts'
import { tidyJournaled, tidyRest } from './features/repositories/janitor.ts'
import { upkeep } from './features/repositories/jobs.ts'
import { routes as commitRoutes } from './features/repositories/commit-routes.ts'
import { routes as permissionRoutes } from './features/repositories/permission-routes.ts'
import { reconcile } from './features/repositories/reconcile.ts'
import { routes as repositoryRoutes } from './features/repositories/routes.ts'
import { routes as refRoutes } from './features/repositories/ref-routes.ts'
import { routes as sourceRoutes } from './features/repositories/source-routes.ts'
import { routes as diffRoutes } from './features/repositories/diff-routes.ts'
import { gitRoutes } from './features/repositories/transport.ts'
import { routes as systemRoutes } from './features/system/routes.ts'
import { viewWorkspace } from './features/workspaces/actions.ts'
import { routes as workspaceRoutes } from './features/workspaces/routes.ts'
import { openPackCache } from './git/packcache.ts'
import { openReads } from './git/reads.ts'
import { openRefs } from './git/refs.ts'
import { openGit } from './git/run.ts'
import { openWire } from './git/serve.ts'
import type { Log } from './kit/log.ts'
import { newId } from './kit/secret.ts'
import { openBus } from './outbox/bus.ts'
import { type Runner, startRunner } from './outbox/runner.ts'
import type { Rooms } from './rooms.ts'
import type { Route } from './route.ts'
import { openVolumes } from './storage/volumes.ts'

export interface App {
  rooms: Rooms
  listener: RequestListener
  close(): Promise<void>
}

/** What the routes reach that starts after them. */
interface Late {
  runner?: Runner
}

export function allRoutes(late: Late): readonly Route[] {
  const routes = [
    ...accountRoutes,
    newAppPasswordRoute(async (rooms, actor, name) => (await needByName(rooms, actor, name)).id),
    ...invitationRoutes,
    ...workspaceRoutes,
    ...repositoryRoutes,
    ...permissionRoutes,
    ...sourceRoutes,
    ...commitRoutes,
    ...refRoutes,
    ...diffRoutes,
    ...systemRoutes,
    ...importRoutes(() => late.runner ?? { cancel: () => {} }),
  ]
  return [...routes, ...documentation(routes)]
}
export { gitRoutes }

/** Opens database, git and storage, without serving: also for the commands of the shell, beside a running server. */
export async function openRooms(config: Config, log: Log): Promise<Rooms> {
  mkdirSync(config.data, { recursive: true, mode: 0o700 })
  const file = join(config.data, 'gitstead.db')
  await migrate(file)
  const [git, volumes] = await Promise.all([
    openGit({ dir: join(config.data, 'git'), log, path: config.path }),
    openVolumes(config.data),
  ])
  const refs = openRefs(git)
  return {
    config,
    log,
    db: openDb(file),
    git,
    refs,
    reads: openReads(git, refs),
    packs: openPackCache({ dir: join(config.data, 'cache', 'packs'), quotaBytes: config.packCache * 1024 * 1024 }),
    wire: openWire(git),
    volumes,
    passwords: openPasswords({ cost: config.bcrypt }),
    throttle: openThrottle(),
    bus: openBus(),
    key: readKey(join(config.data, 'secret.key')),
    instance: { id: newId(), startedAt: new Date() },
    address: { url: '' },
  }
}

export async function closeRooms(rooms: Rooms): Promise<void> {
  rooms.reads.close()
  await rooms.git.close()
  rooms.packs.close()
  await rooms.db.close()
}

/** `crashed`: the last server on this data did not end by itself. */
export async function openApp(config: Config, log: Log, { crashed }: { crashed: boolean }): Promise<App> {
  const rooms = await openRooms(config, log)
  const stop = new AbortController()
  const alone = !crashed || (await tidyJournaled(rooms))
  await reconcile(rooms)
  const tidied = alone ? tidyRest(rooms, stop.signal) : undefined
  const late: Late = {}
  const runner = startRunner(rooms, { upkeep: (run) => upkeep(rooms, run), import: (run) => runImport(rooms, run) })
  late.runner = runner
  const doors = doorsOf(rooms)
  const listener = httpStack(rooms, doors, { routes: allRoutes(late), git: gitDoor(rooms, doors, gitRoutes) })
  return {
    rooms,
    listener,
    async close() {
      stop.abort()
      await Promise.all([runner.stop(), tidied])
      await closeRooms(rooms)
    },
  }
}

function doorsOf(rooms: Rooms): GitDoors {
  return {
    identify: (request, address) => identify(rooms, request, address),
    repository: async (actor, workspace, repository) => findForDoor(rooms, actor, workspace, repository),
    workspace: (actor, workspace) => viewWorkspace(rooms.db, actor, workspace),
    csrfToken: (actor) => csrfToken(rooms, actor),
    allowedHosts: () => readSettings(rooms.db).allowed_hosts,
    createByPush: (actor, workspace, repository, address) =>
      createByPush(rooms, { actor, address }, workspace, repository),
  }
}

/** The key of this installation: made once, readable by its owner only. */
function readKey(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    const key = randomBytes(32)
    writeFileSync(file, key, { mode: 0o600, flag: 'wx' })
    return key
  }
}
