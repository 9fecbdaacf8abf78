// What putting a kept tip back would bring: its commit, those that nothing leads to now, and how it stands to what is there.
import type { KeptPreview } from '../../contract/gitstead.ts'
import type { Commit } from '../../git/format/commits.ts'
import { aheadBehind, countCommits, log, readCommit, readCommits } from '../../git/read/history.ts'
import { readRefs, refsUnder } from '../../git/read/revisions.ts'
import { findRef } from '../../git/refs/refs.ts'
import { Fault } from '../../kit/fault.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from './door.ts'
import { needKept } from './kept.ts'

const SHOWN = 5

type At = { commit: string; signal: AbortSignal }

export async function previewKept(
  rooms: Rooms,
  repository: RepositoryView,
  id: string,
  signal: AbortSignal,
): Promise<KeptPreview> {
  const repo = repoOf(rooms, repository)
  const kept = await needKept(rooms, repository, id)
  const found = await rooms.reads.objects.info(repo, `${kept.oid}^{commit}`, signal)
  const there = findRef(await readRefs(rooms.reads, repo), kept.ref)
  const hash = there && (there.peeled ?? there.oid)
  if (!found) return { commit: null, back: null, commits: [], now: hash ? unknownTo(hash) : null }
  const at: At = { commit: found.oid, signal }
  const commit = await readCommit(rooms.reads, repo, found.oid, signal)
  const [back, now] = await Promise.all([
    lostSince(rooms, repository, at).catch(nobodyKnows),
    hash ? distance(rooms, repository, hash, at).catch(() => unknownTo(hash)) : null,
  ])
  return {
    commit: {
      hash: commit.oid,
      subject: subjectOf(commit),
      author: commit.author.name,
      date: timeOf(commit),
    },
    back: back?.count ?? null,
    commits: back?.commits ?? [],
    now,
  }
}

/** The commits that neither branches nor tags lead to. */
async function lostSince(
  rooms: Rooms,
  repository: RepositoryView,
  { commit, signal }: At,
): Promise<{ count: number; commits: KeptPreview['commits'] }> {
  const repo = repoOf(rooms, repository)
  const snapshot = await readRefs(rooms.reads, repo)
  const refs = [...refsUnder(snapshot, 'refs/heads/'), ...refsUnder(snapshot, 'refs/tags/')]
  const range = { include: [commit], exclude: [...new Set(refs.map(({ oid, peeled }) => peeled ?? oid))] }
  const count = await countCommits(rooms.reads, repo, range, signal)
  const { oids } = await log(rooms.reads, repo, { ...range, limit: SHOWN }, signal)
  const commits = await readCommits(rooms.reads, repo, oids, signal)
  return { count, commits: commits.map((one) => ({ hash: one.oid, subject: subjectOf(one) })) }
}

async function distance(
  rooms: Rooms,
  repository: RepositoryView,
  hash: string,
  { commit, signal }: At,
): Promise<KeptPreview['now']> {
  const wish = { base: hash, tips: [commit] }
  const [far] = await aheadBehind(rooms.reads, repoOf(rooms, repository), wish, signal)
  return far ? { hash, ...far } : unknownTo(hash)
}

function unknownTo(hash: string): NonNullable<KeptPreview['now']> {
  return { hash, ahead: null, behind: null }
}

/** A ref that leads to no commit, or into a hole: the rest is told all the same. */
function nobodyKnows(error: unknown): null {
  if (error instanceof Fault && (error.code === 'git.object' || error.code === 'git.corrupt')) return null
  throw error
}

function subjectOf({ message }: Commit): string {
  return message.split('\n', 1)[0] ?? ''
}

const TIME_MAX = 253_402_300_799

function timeOf({ committer }: Commit): string {
  return new Date(Math.min(Math.max(committer.seconds, 0), TIME_MAX) * 1000).toISOString()
}
