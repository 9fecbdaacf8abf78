// Who asks most, as all processes saw it, and who is exempt from the limits.
import type { Caller, RateLimits } from '../../contract/limits.ts'
import { Fault } from '../../kit/fault.ts'
import { addUp, requestsOf, type Told } from '../../limits/ledger.ts'
import { record } from '../../outbox/events.ts'
import type { Rooms } from '../../rooms.ts'
import { findUser } from '../accounts/actions.ts'
import { storedSettings, writeSettings } from '../accounts/settings.ts'
import { findLabels, findNames } from './store.ts'

/** Of each kind. */
const MOST = 50

export async function noisiest(rooms: Rooms): Promise<Caller[]> {
  const { answers } = await rooms.neighbours.ask('callers')
  const all = addUp(answers.flatMap(({ value }) => (value ?? []) as Told[]))
  const told = (['account', 'token', 'address'] as const).flatMap((kind) =>
    all.filter((one) => one.kind === kind && requestsOf(one) > 0).slice(0, MOST),
  )
  const names = await namesOf(rooms, told)
  return told.map(({ kind, id, account, minutes, hour }) => {
    const isAddress = kind === 'address'
    return {
      kind,
      id,
      name: isAddress ? rangeOf(id) : (names.get(id) ?? (kind === 'token' ? 'a token' : account)),
      account: kind === 'token' && account !== '' ? account : null,
      exempt: rooms.limits.isExempt(isAddress ? { address: firstOf(id) } : { account }),
      minutes,
      hour,
    }
  })
}

/** Of IPv6 callers are told apart by network. */
function rangeOf(network: string): string {
  return network.includes(':') ? `${network}::/64` : network
}

function firstOf(network: string): string {
  return network.includes(':') ? `${network}::` : network
}

async function namesOf(rooms: Rooms, told: Told[]): Promise<Map<string, string>> {
  const ids = (kind: Told['kind']): string[] => told.filter((one) => one.kind === kind).map(({ id }) => id)
  const [users, tokens] = await Promise.all([
    findNames(rooms.db.read, ids('account')),
    findLabels(rooms.db.read, ids('token')),
  ])
  return new Map([
    ...users.map(({ id, name }) => [id, name] as const),
    ...tokens.map(({ id, label }) => [id, label] as const),
  ])
}

/** Adds to what is stored at that moment, so that two admins at once lose nothing of each other. */
export async function exempt(
  rooms: Rooms,
  by: { actorId: string; address: string },
  wanted: { account: string } | { address: string },
): Promise<RateLimits> {
  const limits = await rooms.db.write(async (tx) => {
    const stored = await storedSettings(tx)
    const rate_limits = await withExemption(stored.rate_limits)
    await writeSettings(tx, { rate_limits })
    await record(tx, { kind: 'limits:exempted', ...by, data: wanted })
    return rate_limits

    async function withExemption(before: RateLimits): Promise<RateLimits> {
      if ('address' in wanted) return { ...before, exempt_addresses: added(before.exempt_addresses, wanted.address) }
      if (!(await findUser(tx, wanted.account))) throw new Fault('not-found')
      return { ...before, exempt_accounts: added(before.exempt_accounts, wanted.account) }
    }
  })
  rooms.bus.tell({ kind: 'settings' })
  return limits
}

function added(list: readonly string[], one: string): string[] {
  return [...new Set([...list, one])]
}
