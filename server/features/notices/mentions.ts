// Who is named in the messages of commits that a push brought.
import { log, readCommits } from '../../git/read/history.ts'
import { resolve } from '../../git/read/revisions.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { type RefChange, repoOf } from '../repositories/door.ts'

/** Of one branch. A history that is pushed for the first time was written before anybody here could be meant. */
const MOST_COMMITS = { known: 200, first: 20 }
const MOST_NAMES = 50
const ZERO = /^0+$/

/** A name behind @ that stands for itself: neither a part of a mail address nor of a path. */
const MENTION = /(?<![\w@./+-])@([a-z0-9](?:[a-z0-9._-]{0,60}[a-z0-9_-])?)(?![\w/@])/gi

export function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(MENTION)].map(([, name = '']) => name.toLowerCase()))]
}

export interface Mention {
  name: string
  oid: string
  subject: string
}

/** In no other branch before, as far as that can be told: the same commit tells each person once, whatever is found twice. */
export async function mentionsIn(
  rooms: Rooms,
  view: RepositoryView,
  changes: readonly RefChange[],
): Promise<Mention[]> {
  const found: Mention[] = []
  for (const { ref, kind, oldOid, newOid } of changes) {
    if (kind === 'deleted' || !ref.startsWith('refs/heads/')) continue
    const known = await knownBefore(rooms, view, { ref, oldOid })
    const limit = known.length === 0 ? MOST_COMMITS.first : MOST_COMMITS.known
    const page = await log(rooms.reads, repoOf(rooms, view), { include: [newOid], exclude: known, limit })
    for (const { oid, message } of await readCommits(rooms.reads, repoOf(rooms, view), page.oids)) {
      const subject = message.split('\n', 1)[0]?.trim() ?? ''
      for (const name of namesIn(message)) if (found.length < MOST_NAMES) found.push({ name, oid, subject })
    }
  }
  return found
}

/** A new branch grows out of the main one as a rule. */
async function knownBefore(
  rooms: Rooms,
  view: RepositoryView,
  { ref, oldOid }: Pick<RefChange, 'ref' | 'oldOid'>,
): Promise<string[]> {
  if (!ZERO.test(oldOid)) return [oldOid]
  const main = `refs/heads/${view.main_branch}`
  if (ref === main) return []
  const tip = await resolve(rooms.reads, repoOf(rooms, view), main).catch(() => undefined)
  return tip ? [tip.oid] : []
}
