// The limit at the door: who asked too often is told so, with how long to wait, before anything is done for them.
import type { ServerResponse } from 'node:http'
import type { Rated } from '../contract/limits.ts'
import type { Class } from '../kit/bounds.ts'
import { Fault } from '../kit/fault.ts'
import type { Caller, Patience, Verdict } from '../limits/limits.ts'
import { currentVisit } from '../meters/visit.ts'
import type { Actor, Rooms } from '../rooms.ts'

const RATED: Record<Class, Rated> = { web: 'web', live: 'web', api: 'api', archive: 'api', git: 'git', lfs: 'git' }

/** Guests are known by their address, and so is who sends credentials that do not hold. */
function callerOf(actor: Actor | undefined, address: string): Caller {
  if (!actor || actor.kind === 'guest') return { address }
  if (actor.kind === 'deploy') return { address, token: actor.id }
  const { id, name, via, credential } = actor
  const token = via === 'session' || via === 'password' || via === 'shell' ? undefined : credential
  return { address, account: { id, name }, token }
}

interface Asking {
  /** Nobody: what they sent does not hold. */
  actor: Actor | undefined
  address: string
  class: Class
  patience?: Patience
}

/** Admins in their browsers are counted and never refused: they could not lift a limit that was set too low. */
function isKeeper(actor: Actor | undefined): boolean {
  return actor?.kind === 'user' && actor.isAdmin && actor.via === 'session'
}

/** Counts the request, and faults with `rate.limited` when there were too many. */
export function charge({ limits }: Pick<Rooms, 'limits'>, asking: Asking): Verdict {
  const caller = callerOf(asking.actor, asking.address)
  const verdict = limits.charge(caller, RATED[asking.class], isKeeper(asking.actor) ? 'always' : asking.patience)
  const visit = currentVisit()
  if (visit) visit.bill = verdict
  if (verdict.waitMs === 0) return verdict
  const { waitMs, limit, left, fullMs } = verdict
  throw new Fault('rate.limited', { seconds: Math.ceil(waitMs / 1000), limit, rate: { limit, left, fullMs } })
}

/** Bitbucket's names. `Reset`: when the whole limit is there again, in seconds since 1970. */
export function rateHeaders({
  limit,
  left,
  fullMs,
}: Pick<Verdict, 'limit' | 'left' | 'fullMs'>): Record<string, string> {
  if (limit === undefined) return {}
  return {
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': String(left),
    'X-RateLimit-Reset': String(Math.ceil((Date.now() + (fullMs ?? 0)) / 1000)),
  }
}

export function setRateHeaders(response: ServerResponse, verdict: Verdict): void {
  for (const [name, value] of Object.entries(rateHeaders(verdict))) response.setHeader(name, value)
}

/** Identifies, and counts who it was; a try that fails counts for the address it came from. */
export async function identified(
  rooms: Pick<Rooms, 'limits'>,
  asking: Omit<Asking, 'actor'>,
  identify: () => Promise<Actor>,
): Promise<{ actor: Actor; verdict: Verdict }> {
  let actor: Actor
  try {
    actor = await identify()
  } catch (error) {
    charge(rooms, { ...asking, actor: undefined })
    throw error
  }
  return { actor, verdict: charge(rooms, { ...asking, actor }) }
}
