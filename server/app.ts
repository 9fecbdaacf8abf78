// Composition: opens the rooms, joins the features' routes and jobs with the edge, and closes all in reverse order.
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import type { Config } from './config.ts'
import { openFeed } from './db/feed.ts'
import { migrate } from './db/migrate.ts'
import { type Db, openDb } from './db/open.ts'
import type { Turn } from './db/turn.ts'
import { openClasses } from './edge/classes.ts'
import type { GitDoors } from './edge/git.ts'
import { gitDoor } from './edge/git.ts'
import { documentation } from './edge/openapi.ts'
import { httpStack } from './edge/http.ts'
import { csrfToken, identify } from './features/accounts/identify.ts'
import { openPasswords } from './features/accounts/passwords.ts'
import { factorRoutes } from './features/accounts/factor-routes.ts'
import { newAppPasswordRoute, routes as accountRoutes } from './features/accounts/routes.ts'
import { readSettings } from './features/accounts/settings.ts'
import { openThrottle } from './features/accounts/throttle.ts'
import { archiveRoutes } from './features/archives/routes.ts'
import { auditRoutes } from './features/events/audit-routes.ts'
import { meterRooms, watchGit, wroteIn } from './features/operations/meter.ts'
import { forgetInsights } from './features/insights/count.ts'
import { insightRoutes } from './features/insights/routes.ts'
import { metricsRoutes } from './features/operations/metrics.ts'
import { searchRoutes } from './features/search/routes.ts'
import { httpsRoutes } from './features/https/routes.ts'
import { insistsOnHttps } from './features/accounts/https.ts'
import { deployRoutes } from './features/deploy/routes.ts'
import { editRoutes } from './features/edits/routes.ts'
import { operationsRoutes } from './features/operations/routes.ts'
import { startSampler } from './features/operations/sampler.ts'
import { keepSlow } from './features/operations/slow.ts'
import { callerRoutes } from './features/callers/routes.ts'
import { oauth1Routes } from './features/oauth/oauth1-routes.ts'
import { oauthRoutes } from './features/oauth/routes.ts'
import { mendFeed } from './features/events/feed.ts'
import { feedRoutes } from './features/events/feed-routes.ts'
import { importRoutes } from './features/imports/routes.ts'
import { jobRoutes } from './features/jobs/routes.ts'
import { liveRoutes } from './features/live/routes.ts'
import { mailRoutes } from './features/mail/routes.ts'
import { noticeRoutes } from './features/notices/routes.ts'
import { routes as invitationRoutes } from './features/invitations/routes.ts'
import { findForDoor, needByName } from './features/repositories/actions.ts'
import { advertiseByPush, createByPush } from './features/repositories/create-by-push.ts'
import { sweepScratch, tidyJournaled, tidyPushesOf, tidyRest } from './features/repositories/janitor.ts'
import { routes as keptRoutes } from './features/repositories/kept-routes.ts'
import { letGo } from './features/repositories/purge.ts'
import { routes as blameRoutes } from './features/source/blame-routes.ts'
import { routes as compareRoutes } from './features/source/compare-routes.ts'
import { routes as commitRoutes } from './features/source/commit-routes.ts'
import { routes as permissionRoutes } from './features/repositories/permission-routes.ts'
import { reconcile } from './features/repositories/reconcile.ts'
import { routes as quarantineRoutes } from './features/repositories/quarantine-routes.ts'
import { routes as repositoryRoutes } from './features/repositories/routes.ts'
import { forgetPages } from './features/source/memory.ts'
import { routes as refRoutes } from './features/source/ref-routes.ts'
import { routes as sourceRoutes } from './features/source/routes.ts'
import { treeRoutes } from './features/source/tree-routes.ts'
import { routes as diffRoutes } from './features/source/diff-routes.ts'
import { gitRoutes } from './features/repositories/transport.ts'
import { listVolumes } from './features/storage/actions.ts'
import { storageRoutes } from './features/storage/routes.ts'
import { routes as systemRoutes } from './features/system/routes.ts'
import { tokenRoutes } from './features/tokens/routes.ts'
import { viewWorkspace } from './features/workspaces/actions.ts'
import { hookRoutes } from './features/webhooks/routes.ts'
import { routes as workspaceRoutes } from './features/workspaces/routes.ts'
import { openPackCache } from './git/wire/packcache.ts'
import { openReads } from './git/read/reads.ts'
import { openRefs } from './git/refs/refs.ts'
import type { Helper } from './git/run/link.ts'
import { openGit } from './git/run/run.ts'
import { openWire } from './git/wire/serve.ts'
import type { Log } from './kit/log.ts'
import { openMarkup } from './kit/markup/markup.ts'
import { openMeters } from './meters/meters.ts'
import { openTransfers } from './meters/transfers.ts'
import { openVisits } from './meters/visit.ts'
import { type Neighbours, openNeighbours } from './meters/neighbours.ts'
import { afterCancel, workOf } from './jobs.ts'
import { newId } from './kit/secret.ts'
import { type Limits, openLimits } from './limits/limits.ts'
import type { Role } from './ingress/messages.ts'
import { type Bus, type News, openBus } from './outbox/bus.ts'
import { hasRecorded } from './outbox/events.ts'
import { type Runner, startRunner } from './outbox/runner.ts'
import type { Rooms } from './rooms.ts'
import type { Route } from './route.ts'
import { makeFolder } from './storage/files.ts'
import { openVolumes } from './storage/volumes.ts'

export function allRoutes(): readonly Route[] {
  const routes = [
    ...accountRoutes,
    ...factorRoutes,
    newAppPasswordRoute(async (rooms, actor, name) => (await needByName(rooms, actor, name)).id),
    ...tokenRoutes,
    ...invitationRoutes,
    ...workspaceRoutes,
    ...repositoryRoutes,
    ...permissionRoutes,
    ...sourceRoutes,
    ...treeRoutes,
    ...blameRoutes,
    ...editRoutes,
    ...commitRoutes,
    ...refRoutes,
    ...keptRoutes,
    ...quarantineRoutes,
    ...diffRoutes,
    ...searchRoutes,
    ...archiveRoutes,
    ...compareRoutes,
    ...insightRoutes,
    ...systemRoutes,
    ...metricsRoutes,
    ...operationsRoutes,
    ...jobRoutes(afterCancel),
    ...hookRoutes,
    ...httpsRoutes,
    ...deployRoutes,
    ...storageRoutes,
    ...oauthRoutes,
    ...oauth1Routes,
    ...importRoutes,
    ...callerRoutes,
    ...auditRoutes,
    ...feedRoutes,
    ...liveRoutes,
    ...noticeRoutes,
    ...mailRoutes,
  ]
  return [...routes, ...documentation(routes)]
}
export { gitRoutes }

/** What a process of a server has from its supervisor. */
export interface Place {
  id: string
  name: string
  role: Role
  launch: () => Helper
  turn: Turn
  relay: (news: News) => void
  neighbours: Neighbours
}

/**
 * Opens database, git and storage, without serving. Without a place: for the commands of the shell, beside a server
 * that may be running.
 */
export async function openRooms(config: Config, log: Log, place?: Place): Promise<Rooms> {
  await makeFolder(config.data)
  const meters = openMeters()
  const file = join(config.data, 'gitstead.db')
  if (place?.role !== 'web') await migrate(file)
  const git = await openGit({
    dir: join(config.data, 'git'),
    log,
    path: config.path,
    watch: watchGit(meters),
    ...(place && { launch: place.launch }),
  })
  const db = openDb(file, place?.turn, wroteIn(meters))
  const refs = openRefs(git)
  const bus = openBus(place?.relay)
  const spread = (key: string, failed: boolean): void => bus.tell({ kind: 'sign-in', key, failed })
  const throttle = openThrottle({ spread })
  bus.listen((news) => news.kind === 'sign-in' && throttle.count(news.key, news.failed))
  const id = place?.id ?? newId()
  const rooms: Rooms = {
    config,
    log,
    db,
    feed: openFeed(join(config.data, 'feed.db')),
    git,
    refs,
    reads: openReads(git, refs, { dir: join(config.data, 'cache', 'folders') }),
    packs: openPackCache({ dir: packDir(config, place), quotaBytes: config.packCache * 1024 * 1024 }),
    markup: openMarkup(),
    wire: openWire(git),
    volumes: await openVolumes(config.data, () => listVolumes(db)),
    passwords: openPasswords({ cost: config.bcrypt, cacheMs: config.remember * 1000 }),
    throttle,
    classes: openClasses(config, meters),
    limits: limitsOf(config, db, bus, place),
    bus,
    meters,
    visits: openVisits(meters),
    transfers: openTransfers(id),
    neighbours: place?.neighbours ?? openNeighbours(),
    key: readKey(join(config.data, 'secret.key')),
    instance: { id, name: place?.name ?? 'shell', startedAt: new Date() },
    address: { url: '' },
  }
  meterRooms(rooms)
  rooms.neighbours.answer('classes', () => [rooms.instance.name, rooms.classes.counts()])
  rooms.neighbours.answer('callers', () => rooms.limits.tell())
  rooms.neighbours.answer('transfers', () => rooms.transfers.list())
  rooms.bus.listen((news) => news.kind === 'end-transfer' && rooms.transfers.end(news.id))
  tellRecorded(rooms)
  rooms.bus.listen((news) => news.kind === 'repacked' && forget(rooms, news))
  return rooms
}

/** Old packs are closed; what was removed for good is in no memory and no cache of this process any more. */
function forget(rooms: Rooms, news: Extract<News, { kind: 'repacked' }>): void {
  letGo(rooms, news)
  if (!news.purged) return
  forgetPages(rooms, news.repositoryId)
  forgetInsights(rooms, news.repositoryId).catch((err: unknown) =>
    rooms.log.error({ err }, 'figures of a purged history could not be removed'),
  )
}

/** What others let through is heard where requests come in. */
function limitsOf(config: Config, db: Db, bus: Bus, place: Place | undefined): Limits {
  const limits = openLimits({
    rules: () => readSettings(db).rate_limits,
    on: config.rateLimits === 'on',
    spread: (spent) => place?.relay({ kind: 'spent', spent }),
  })
  if (place?.role === 'web') bus.listen((news) => news.kind === 'spent' && limits.hear(news.spent))
  return limits
}

/** Whoever reads the events behind a cursor looks at once, in whatever process they were written. */
function tellRecorded({ db, bus }: Rooms): void {
  const write = db.write.bind(db)
  db.write = async (work) => {
    let told = false
    const result = await write(async (tx) => {
      const done = await work(tx)
      told = hasRecorded(tx)
      return done
    })
    if (told) bus.tell({ kind: 'recorded' })
    return result
  }
}

export async function closeRooms(rooms: Rooms): Promise<void> {
  await rooms.visits.close()
  rooms.limits.close()
  rooms.reads.close()
  await rooms.git.close()
  rooms.packs.close()
  await rooms.markup.close()
  rooms.feed.close()
  await rooms.db.close()
}

const packsOf = (config: Config): string => join(config.data, 'cache', 'packs')

/** Each process has its own: another one's files are never in its hands. */
function packDir(config: Config, place: Place | undefined): string {
  return join(packsOf(config), place?.id ?? 'none')
}

/**
 * Before the first process serves: what the last server left is cleared away and written down. `crashed`: it did not
 * end by itself. `tidied`: the rest, which goes on beside the work until `signal` ends it.
 */
export async function prepare(
  rooms: Rooms,
  { crashed, signal }: { crashed: boolean; signal: AbortSignal },
): Promise<{ tidied: Promise<void> }> {
  await rm(packsOf(rooms.config), { recursive: true, force: true })
  const alone = !crashed || (await tidyJournaled(rooms))
  await reconcile(rooms)
  return { tidied: alone ? tidyRest(rooms, signal) : Promise.resolve() }
}

/** What processes left that died while others went on, with all the git that they had started. */
export async function tidyAfter(rooms: Rooms, ids: readonly string[]): Promise<void> {
  for (const id of ids) await rm(join(packsOf(rooms.config), id), { recursive: true, force: true })
  await tidyPushesOf(rooms, ids)
  await reconcile(rooms, ids)
  await sweepScratch(rooms)
}

export function openRunner(rooms: Rooms): Runner {
  rooms.bus.listen((news) => news.kind === 'feed' && mendFeed(rooms))
  const runner = startRunner(rooms, workOf(rooms))
  const sampler = startSampler(rooms)
  return { stop: async () => void (await Promise.all([runner.stop(), sampler.stop()])) }
}

export function openListener(rooms: Rooms): RequestListener {
  const doors = doorsOf(rooms)
  keepSlow(rooms)
  return httpStack(rooms, doors, { routes: allRoutes(), git: gitDoor(rooms, doors, gitRoutes) })
}

function doorsOf(rooms: Rooms): GitDoors {
  return {
    identify: (request, address) => identify(rooms, request, address),
    repository: async (actor, workspace, repository) => findForDoor(rooms, actor, workspace, repository),
    workspace: (actor, workspace) => viewWorkspace(rooms.db, actor, workspace),
    csrfToken: (actor) => csrfToken(rooms, actor),
    allowedHosts: () => readSettings(rooms.db).allowed_hosts,
    insistsOnHttps: () => insistsOnHttps(rooms),
    advertiseByPush: (place, protocol) => advertiseByPush(rooms, place, protocol),
    createByPush: (place, push) => createByPush(rooms, place, push),
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
