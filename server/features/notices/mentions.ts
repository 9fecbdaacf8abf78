// Who is named in the messages of commits that a push brought.
import { log, readCommits } from '../../git/read/history.ts'
import { resolve } from '../../git/read/revisions.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { type RefChange, repoOf } from '../repositories/door.ts'

/** Of one push. A history that is pushed for the first time was written before anybody here could be meant. */
const MOST_COMMITS = { known: 200, first: 20 }
const MOST_BRANCHES = 20
const MOST_NAMES = 50
/** Letters of a message. Who is meant stands at its beginning; whoever pushes could write megabytes. */
const LOOKED_AT = 16 * 1024
const ZERO = /^0+$/

/** A name behind @ that stands for itself: neither a part of a mail address nor of a path. */
const MENTION = /(?<![\w@./+-])@([a-z0-9](?:[a-z0-9._-]{0,60}[a-z0-9_-])?)(?![\w/@])/gi

export function namesIn(text: string): string[] {
  const names = text.slice(0, LOOKED_AT).matchAll(MENTION)
  return [...new Set(Array.from(names, ([, name = '']) => name.toLowerCase()))]
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
  const found = new Map<string, Mention[]>()
  const branches = changes.filter(({ kind, ref }) => kind !== 'deleted' && ref.startsWith('refs/heads/'))
  for (const { ref, oldOid, newOid } of branches.slice(0, MOST_BRANCHES)) {
    const known = await knownBefore(rooms, view, { ref, oldOid })
    const limit = (known.length === 0 ? MOST_COMMITS.first : MOST_COMMITS.known) - found.size
    if (limit <= 0) break
    const page = await log(rooms.reads, repoOf(rooms, view), { include: [newOid], exclude: known, limit })
    const fresh = page.oids.filter((oid) => !found.has(oid))
    for (const { oid, message } of await readCommits(rooms.reads, repoOf(rooms, view), fresh)) {
      const subject = message.split('\n', 1)[0]?.trim() ?? ''
      found.set(
        oid,
        namesIn(message).map((name) => ({ name, oid, subject })),
      )
    }
  }
  return [...found.values()].flat().slice(0, MOST_NAMES)
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
