// Finds out which announced ref updates git has made when nobody saw it, and writes the rows that are missing, once.
import { setTimeout as sleep } from 'node:timers/promises'
import { findRef, isForeign } from '../../git/refs/refs.ts'
import { completeAtomic } from '../../git/refs/update.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { readHolder } from '../../storage/lock.ts'
import { made, type Step } from './chain.ts'
import { type RefCommand, type RefResult, repoOf, settle } from './door.ts'
import * as store from './store.ts'

/**
 * Gives how many pushes were recorded late. A push that is still under way must not be looked at: at the start of a
 * server there is none, later name the processes that have died, `of` them.
 */
export async function reconcile(rooms: Rooms, of?: readonly string[]): Promise<{ recorded: number; void: number }> {
  const all = await store.listPendingPushes(rooms.db.read)
  const pending = of === undefined ? all : all.filter((push) => of.includes(push.process))
  const found = { recorded: 0, void: 0 }
  for (const [id, pushes] of Map.groupBy(pending, (push) => push.repository_id)) {
    const view = store.viewById(rooms.db, { kind: 'guest' }, id)
    if (!view) continue
    try {
      const outcome = await outcomes(rooms, view, [...pushes, ...(await others(rooms, id, pushes))])
      for (const push of pushes) {
        const changes = await settle(rooms, view, push.id, await whole(rooms, view, push, outcome))
        found[changes.length > 0 ? 'recorded' : 'void'] += 1
      }
    } catch (error) {
      rooms.log.error({ err: error, repository: id }, 'the pushes of a repository could not be reconciled')
    }
  }
  if (pending.length > 0) rooms.log.info(found, 'pushes of the last run were reconciled')
  return found
}

const TWIN_WAIT_MS = 10_000
const TWIN_LOOK_MS = 100

/**
 * What is under way beside these pushes. A client whose connection broke sends the same push again: of two that announced
 * the same step the living one tells soon what became of it, and only then it is clear who made that step. One that is
 * still silent after a while has not made it, as it would have said so.
 */
async function others(rooms: Rooms, id: string, pushes: readonly store.PushRow[]): Promise<store.PushRow[]> {
  const steps = new Set(pushes.flatMap(goals))
  for (const began = performance.now(); ; await sleep(TWIN_LOOK_MS)) {
    const pending = await store.listPendingPushes(rooms.db.read, id)
    const beside = pending.filter((push) => !pushes.some((own) => own.id === push.id))
    const twins = beside.filter((push) => goals(push).some((goal) => steps.has(goal)))
    const waited = performance.now() - began > TWIN_WAIT_MS
    if (twins.length === 0 || waited) return beside.filter((push) => !twins.includes(push))
  }
}

function goals({ commands }: store.PushRow): string[] {
  return (JSON.parse(commands) as RefCommand[]).map(({ ref, newOid }) => `${newOid} ${ref}`)
}

/** Pushes of an earlier run whose disk was not there at the start. What this run announced is left to it. */
export async function reconcileLeft(rooms: Rooms): Promise<void> {
  const since = readHolder(rooms.config.data)?.started
  if (since === undefined) return
  const pending = await store.listPendingPushes(rooms.db.read)
  const old = new Set(pending.filter(({ created_at: at }) => at < since).map(({ process }) => process))
  const present = new Set(pending.filter(({ created_at: at }) => at >= since).map(({ process }) => process))
  const left = [...old].filter((process) => !present.has(process))
  if (left.length > 0) await reconcile(rooms, left)
}

/** What became of one push, by the refs alone. */
export async function outcomeOf(rooms: Rooms, view: RepositoryView, pushId: number): Promise<readonly RefResult[]> {
  const pending = await store.listPendingPushes(rooms.db.read, view.id)
  const push = pending.find(({ id }) => id === pushId)
  return push ? whole(rooms, view, push, await outcomes(rooms, view, pending)) : []
}

async function whole(
  rooms: Rooms,
  view: RepositoryView,
  push: store.PushRow,
  outcome: Map<number, RefResult[]>,
): Promise<readonly RefResult[]> {
  const results = outcome.get(push.id) ?? []
  return push.atomic === 1 ? completeAtomic(rooms.git, repoOf(rooms, view), results) : results
}

async function outcomes(
  rooms: Rooms,
  view: RepositoryView,
  pending: store.PushRow[],
): Promise<Map<number, RefResult[]>> {
  const snapshot = await rooms.refs.read(repoOf(rooms, view))
  if (isForeign(snapshot)) throw new Error(`its refs cannot be read: ${snapshot.foreign}`)
  const since = pending.map((push) => push.created_at).toSorted()[0] ?? ''
  const done = await store.listPushesDoneSince(rooms.db.read, view.id, since)
  const steps = [
    ...done.flatMap((push) => stepsOf(push.id, push.changes, true)),
    ...pending.flatMap((push) => stepsOf(push.id, push.commands, false)),
  ]
  const all = new Set<Step>()
  for (const [ref, some] of Map.groupBy(steps, (step) => step.ref))
    for (const step of made(findRef(snapshot, ref)?.oid ?? '', some)) all.add(step)
  const results = steps.filter((step) => !step.sure).map((step) => ({ step, ok: all.has(step) }))
  return new Map(
    [...Map.groupBy(results, ({ step }) => step.push)].map(([id, own]) => [
      id,
      own.map(({ step: { ref, oldOid, newOid }, ok }) => ({ ref, oldOid, newOid, ok })),
    ]),
  )
}

function stepsOf(push: number, commands: string, sure: boolean): (Step & RefCommand)[] {
  return (JSON.parse(commands) as RefCommand[]).map(({ ref, oldOid, newOid }) => ({ push, ref, oldOid, newOid, sure }))
}
