// The single door for ref updates: policy, journal, git, then one transaction for row, event and job.
// Pushes, page edits and branch changes by REST all pass here, so that none of them can forget a step.
import type { Tx } from '../../db/open.ts'
import { keepTips } from '../../git/refs/keep.ts'
import { isForward } from '../../git/read/forward.ts'
import type { Repo } from '../../git/wire/serve.ts'
import { validRefName } from '../../git/format/refnames.ts'
import { Fault } from '../../kit/fault.ts'
import { enqueue } from '../../outbox/queue.ts'
import { record } from '../../outbox/events.ts'
import type { Actor, RepositoryView, Rooms } from '../../rooms.ts'
import { chooseMain, followRow } from './main-branch.ts'
import { needOpenNow } from './quarantine.ts'
import * as place from './place.ts'
import * as store from './store.ts'

export interface RefCommand {
  ref: string
  oldOid: string
  newOid: string
}

export interface RefResult extends RefCommand {
  ok: boolean
  reason?: string
}

export interface RefChange extends RefCommand {
  kind: 'created' | 'updated' | 'forced' | 'deleted'
}

export interface Origin {
  actor: Actor
  address: string
  certificate?: string
  /** All of the commands or none. */
  atomic?: boolean
}

/** Where pushes never pause. */
const UPKEEP_LATEST_MS = 60_000
const WRITABLE = /^refs\/(heads|tags|notes|changes|for)\//
/** Everybody who types these means the branch that is checked out, or a commit by its id. */
const MISTAKEN = /^refs\/(?:heads|tags)\/(?:HEAD|[0-9a-f]{40}|[0-9a-f]{64})$/
const ZERO = /^0+$/

/** Why each refused command is refused. Empty when all may go on to git. Pure, so that a page can ask it beforehand. */
export function refusals(commands: readonly RefCommand[]): Map<string, string> {
  const refused = new Map<string, string>()
  for (const { ref, newOid } of commands) {
    if (!validRefName(ref)) refused.set(ref, 'this is not a valid name for a ref')
    else if (!WRITABLE.test(ref)) refused.set(ref, 'only branches, tags and notes can be pushed')
    else if (!ZERO.test(newOid) && MISTAKEN.test(ref)) refused.set(ref, 'this name would be taken for something else')
  }
  return refused
}

export function repoOf(rooms: Rooms, repository: Pick<RepositoryView, 'id' | 'volume'>): Repo {
  return { id: repository.id, path: rooms.volumes.path(repository.volume, repository.id) }
}

/**
 * Writes down what is about to be asked of git. The id goes to `settle` or, after a crash, to the reconciler. Refused
 * in quarantine, and while the gate is shut: a purge and a move wait until nothing is announced any more, and then nothing
 * new may be. After a move it is refused to those who still have the old place in hand: the row says where things go.
 */
export async function announce(
  rooms: Rooms,
  repository: Pick<RepositoryView, 'id' | 'volume'>,
  commands: readonly RefCommand[],
  origin: Origin,
): Promise<number> {
  rooms.volumes.needRoom(repository.volume, { removing: commands.every(({ newOid }) => ZERO.test(newOid)) })
  return rooms.db.write(async (tx) => {
    await needOpenNow(tx, repository.id)
    const shut = await place.shutBy(tx, repository.id)
    if (shut !== undefined) throw new Fault(shut)
    if ((await place.volumeOf(tx, repository.id)) !== repository.volume) throw new Fault('repository.moved')
    return store.insertPush(tx, {
      repository_id: repository.id,
      actor_id: origin.actor.kind === 'user' ? origin.actor.id : null,
      state: 'pending',
      commands: JSON.stringify(commands),
      changes: '[]',
      atomic: origin.atomic === true ? 1 : 0,
      process: rooms.instance.id,
      certificate: origin.certificate ?? null,
      deploy_token: origin.actor.kind === 'deploy' ? JSON.stringify(tokenOf(origin.actor).deploy_token) : null,
      address: origin.address,
      created_at: new Date().toISOString(),
      finished_at: null,
    })
  })
}

/**
 * Keeps overwritten tips, then writes row, event and jobs in one transaction, then tells the open pages. A second call
 * for the same push does nothing. Callers that must not fail go through `conclude`.
 */
export async function settle(
  rooms: Rooms,
  repository: RepositoryView,
  pushId: number,
  results: readonly RefResult[],
): Promise<RefChange[]> {
  const repo = repoOf(rooms, repository)
  const pending = await rooms.db.read.selectFrom('pushes').selectAll().where('id', '=', pushId).executeTakeFirst()
  const changes = await classify(rooms, repo, results)
  const lost = changes.filter((change) => change.kind === 'forced' || change.kind === 'deleted')
  if (lost.length > 0) {
    // The time of the announcement: a repeated call keeps the same tips under the same names.
    const who = { id: pending?.actor_id ?? 'unknown', at: new Date(pending?.created_at ?? Date.now()) }
    await keepTips(
      rooms.git,
      repo,
      lost.map((change) => ({ ref: change.ref, oid: change.oldOid })),
      who,
    )
  }
  const main = await chooseMain(rooms, repo, repository, changes)
  const { event, overtaken } = await rooms.db.write((tx) =>
    finish(rooms, tx, repository, { pushId, changes, pending, main }),
  )
  if (overtaken) await followRow(rooms, repo, repository)
  if (event !== undefined) {
    rooms.bus.tell({ kind: 'event', id: event, event: 'repo:push', repositoryId: repository.id })
    rooms.bus.tell({ kind: 'jobs' })
  }
  return changes
}

/** For the facts of an event: the deploy token that somebody came with in place of an account. */
export function tokenOf(actor: Actor): { deploy_token?: { id: string; name: string } } {
  return actor.kind === 'deploy' ? { deploy_token: { id: actor.id, name: actor.name } } : {}
}

async function classify(rooms: Rooms, repo: Repo, results: readonly RefResult[]): Promise<RefChange[]> {
  const changes: RefChange[] = []
  for (const { ok, ref, oldOid, newOid } of results) {
    if (!ok || oldOid === newOid) continue
    changes.push({ ref, oldOid, newOid, kind: await kindOf(rooms, repo, { ref, oldOid, newOid }) })
  }
  return changes
}

async function kindOf(rooms: Rooms, repo: Repo, { oldOid, newOid }: RefCommand): Promise<RefChange['kind']> {
  if (ZERO.test(oldOid)) return 'created'
  if (ZERO.test(newOid)) return 'deleted'
  return (await isForward(rooms, repo, { from: oldOid, to: newOid })) ? 'updated' : 'forced'
}

interface Done {
  pushId: number
  changes: RefChange[]
  pending: store.PushRow | undefined
  /** The branch that HEAD points at since this push. */
  main: string | undefined
}

/** The event, unless it was written before; and whether another push has named the main branch meanwhile. */
async function finish(
  rooms: Rooms,
  tx: Tx,
  repository: RepositoryView,
  { changes, main, pending, pushId }: Done,
): Promise<{ event?: number; overtaken: boolean }> {
  const at = new Date().toISOString()
  const state = changes.length > 0 ? 'done' : 'void'
  const first = await store.finishPush(tx, pushId, { state, changes: JSON.stringify(changes), finished_at: at })
  const before = repository.main_branch
  const overtaken = main !== undefined && !(await store.replaceMain(tx, repository.id, { before, after: main }))
  if (!first || changes.length === 0) return { overtaken }
  await store.updateRepository(tx, repository.id, { updated_at: at, is_empty: 0 })
  await askUpkeep(rooms, tx, repository)
  const event = await record(tx, {
    kind: 'repo:push',
    actorId: pending?.actor_id ?? null,
    workspaceId: repository.workspace_id,
    repositoryId: repository.id,
    address: pending?.address ?? '',
    data: { push: pushId, changes, ...(pending?.deploy_token && { deploy_token: JSON.parse(pending.deploy_token) }) },
  })
  return { event, overtaken }
}

/** Upkeep waits for a pause, so that it takes no turn from the next push; several pushes share one. */
async function askUpkeep(rooms: Rooms, tx: Tx, { id }: RepositoryView): Promise<void> {
  const quietMs = rooms.config.quiet * 1000
  await enqueue(tx, { kind: 'upkeep', repositoryId: id, quietMs, latestMs: UPKEEP_LATEST_MS })
}

/** An import fills a repository past this door, as nobody pushes; it is told like a push, and upkeep follows. */
export async function recordImport(
  rooms: Rooms,
  repository: RepositoryView,
  from: { actorId: string | null; url: string },
): Promise<void> {
  const id = await rooms.db.write(async (tx) => {
    await store.updateRepository(tx, repository.id, { is_empty: 0, updated_at: new Date().toISOString() })
    await askUpkeep(rooms, tx, repository)
    return record(tx, {
      kind: 'repo:imported',
      actorId: from.actorId,
      workspaceId: repository.workspace_id,
      repositoryId: repository.id,
      data: { url: from.url },
    })
  })
  rooms.bus.tell({ kind: 'event', id, event: 'repo:push', repositoryId: repository.id })
  rooms.bus.tell({ kind: 'jobs' })
}
