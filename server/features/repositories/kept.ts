// What pushes overwrote or deleted: listed with who did it and when, and put back through the same door as a push.
import type { KeptTip, Restored } from '../../contract/gitstead.ts'
import { pageOf, type Page, type PageQuery, type Place } from '../../contract/page.ts'
import { readCommits } from '../../git/read/history.ts'
import { forgetKept, type Kept, listKept } from '../../git/refs/keep.ts'
import { findRef } from '../../git/refs/refs.ts'
import { readRefs } from '../../git/read/revisions.ts'
import { ZERO_OID } from '../../git/refs/update.ts'
import { Fault } from '../../kit/fault.ts'
import { record } from '../../outbox/events.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { findUserById } from '../accounts/actions.ts'
import { type Origin, type RefChange, repoOf, tokenOf } from './door.ts'
import { pass, refOid } from './ref-actions.ts'
import { listPushesAt } from './store.ts'

/** Where a tip is kept, without the folder that all of them share. */
export function keptId({ keptAs }: Kept): string {
  return keptAs.replace(/^refs\/gitstead\/kept\//, '')
}

export async function keptPage(
  rooms: Rooms,
  repository: RepositoryView,
  query: PageQuery,
  place: Place,
): Promise<Page<KeptTip>> {
  const page = pageOf(await listKept(rooms.refs, repoOf(rooms, repository)), query, place)
  const times = [...new Set(page.values.map(({ at }) => at.toISOString()))]
  const pushes = await listPushesAt(rooms.db.read, repository.id, times)
  const changes = new Map<string, RefChange['kind']>()
  for (const push of pushes)
    for (const { ref, oldOid, kind } of JSON.parse(push.changes) as RefChange[])
      changes.set(`${push.created_at} ${ref} ${oldOid}`, kind)
  return { ...page, values: await Promise.all(page.values.map((kept) => present(rooms, repository, kept, changes))) }
}

async function present(
  rooms: Rooms,
  repository: RepositoryView,
  kept: Kept,
  changes: ReadonlyMap<string, RefChange['kind']>,
): Promise<KeptTip> {
  const { ref, oid, at } = kept
  const [user, commit, now] = await Promise.all([
    findUserById(rooms.db.read, kept.actor),
    commitOf(rooms, repository, oid),
    refOid(rooms, repository, ref),
  ])
  const kind = changes.get(`${at.toISOString()} ${ref} ${oid}`)
  return {
    id: keptId(kept),
    ref,
    hash: oid,
    subject: commit?.subject ?? null,
    commit: commit?.oid ?? null,
    kept_on: at.toISOString(),
    by: user ? { username: user.name, display_name: user.display_name } : null,
    how: kind === 'forced' ? 'overwritten' : kind === 'deleted' ? 'deleted' : null,
    is_free: now === undefined,
  }
}

async function commitOf(
  rooms: Rooms,
  repository: RepositoryView,
  oid: string,
): Promise<{ oid: string; subject: string } | undefined> {
  const repo = repoOf(rooms, repository)
  const found = await rooms.reads.objects.info(repo, `${oid}^{commit}`)
  if (!found) return undefined
  const [commit] = await readCommits(rooms.reads, repo, [found.oid])
  return { oid: found.oid, subject: commit?.message.split('\n', 1)[0] ?? '' }
}

/** As the ref that it was, or as a new branch of that name. What leads to the tip now keeps it, so the list lets it go. */
export async function restore(
  rooms: Rooms,
  repository: RepositoryView,
  wanted: { id: string; name?: string | undefined },
  origin: Origin,
): Promise<Restored> {
  const repo = repoOf(rooms, repository)
  const kept = await needKept(rooms, repository, wanted.id)
  const { ref, oid } = await aim(rooms, repository, kept, wanted.name)
  if (findRef(await readRefs(rooms.reads, repo), ref)) {
    const detail = `${shortOf(ref)} exists already. Give the restored branch another name.`
    throw new Fault('conflict', { detail, fields: { name: [detail] } })
  }
  try {
    await pass(rooms, repository, { ref, oldOid: ZERO_OID, newOid: oid }, origin)
  } catch (error) {
    // Purged while we waited: git says of this only that there is no such object.
    if (error instanceof Fault && error.code === 'git.failed') await needKept(rooms, repository, wanted.id)
    throw error
  }
  await rooms.db.write((tx) =>
    record(tx, {
      kind: 'repo:restored',
      actorId: origin.actor.kind === 'user' ? origin.actor.id : null,
      workspaceId: repository.workspace_id,
      repositoryId: repository.id,
      address: origin.address,
      data: { was: kept.ref, ref, oid, keptOn: kept.at.toISOString(), ...tokenOf(origin.actor) },
    }),
  )
  await forgetKept(rooms, repo, [kept.keptAs])
  return { ref, hash: oid }
}

export async function needKept(rooms: Rooms, repository: RepositoryView, id: string): Promise<Kept> {
  const kept = (await listKept(rooms.refs, repoOf(rooms, repository))).find((one) => keptId(one) === id)
  if (!kept)
    throw new Fault('conflict', { detail: 'This is no longer kept: it was restored or removed in the meantime.' })
  return kept
}

/** A branch stands at a commit, also when the tip was an annotated tag. */
async function aim(
  rooms: Rooms,
  repository: RepositoryView,
  kept: Kept,
  name: string | undefined,
): Promise<{ ref: string; oid: string }> {
  if (name === undefined) return { ref: kept.ref, oid: kept.oid }
  if (name.startsWith('-')) throw invalidName('A name must not begin with a dash.')
  const commit = await commitOf(rooms, repository, kept.oid)
  if (!commit) throw invalidName('It leads to no commit, so it cannot become a branch.')
  return { ref: `refs/heads/${name}`, oid: commit.oid }
}

function invalidName(detail: string): Fault {
  return new Fault('request.invalid', { detail, fields: { name: [detail] } })
}

function shortOf(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, '')
}
