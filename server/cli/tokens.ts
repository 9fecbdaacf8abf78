// gitstead token: an app password or a time-limited token made at the shell, and a new key for the latter.
import { Scope } from '../contract/names.ts'
import { LIFE } from '../contract/lives.ts'
import { createAppPassword } from '../features/accounts/actions.ts'
import { needByName } from '../features/repositories/actions.ts'
import { createToken, rotate } from '../features/tokens/actions.ts'
import type { Command } from './commands.ts'
import { withRooms } from './beside.ts'
import { needNoMore, parse, type Parsed, text } from './options.ts'
import { personAtShell } from './person.ts'
import { Refusal } from './refusal.ts'

export const tokens: Command = {
  async run(args) {
    const parsed = parse(args, {
      user: { type: 'string' },
      scopes: { type: 'string' },
      label: { type: 'string' },
      repository: { type: 'string' },
      days: { type: 'string' },
      hmac: { type: 'boolean' },
      hours: { type: 'string' },
    })
    const [verb] = parsed.positionals
    needNoMore(parsed, 1)
    if (verb === 'rotate-key') return rotateKey(parsed.values)
    const name = text(parsed.values['user'])
    if (verb !== 'create' || name === undefined) throw new Refusal('Use: gitstead token create --user NAME')
    return create(parsed.values, name)
  },
}

async function create(values: Parsed['values'], name: string): Promise<void> {
  const signed = values['hmac'] === true
  if (signed && values['days'] !== undefined) throw new Refusal('A token by --hmac takes --hours, not --days.')
  if (!signed && values['hours'] !== undefined) throw new Refusal('--hours goes with --hmac.')
  const scopes = scopesFrom(text(values['scopes']) ?? 'repository,repository:write')
  const days = whole(values, 'days')
  const life = (whole(values, 'hours') ?? LIFE.usual / 3600) * 3600
  if (life > LIFE.longest) throw new Refusal(`--hours takes up to ${LIFE.longest / 3600}.`)
  const secret = await withRooms(values, async (rooms) => {
    const user = await personAtShell(rooms, name)
    const repository = text(values['repository'])
    const wanted = {
      label: text(values['label']) ?? 'made at the shell',
      scopes,
      repositoryId: repository === undefined ? null : (await needByName(rooms, user, repository)).id,
      address: 'shell',
    }
    if (signed) return (await createToken(rooms, user.id, { ...wanted, life })).secret
    const expiresAt = days === undefined ? null : new Date(Date.now() + days * 86_400_000).toISOString()
    return (await createAppPassword(rooms.db, user.id, { ...wanted, expiresAt })).secret
  })
  process.stdout.write(`${secret}\n`)
}

async function rotateKey(values: Parsed['values']): Promise<void> {
  const kid = await withRooms(values, (rooms) => rotate(rooms, { actorId: null, address: 'shell' }))
  process.stdout.write(`The key ${kid} signs from here on. Tokens of the old one hold until they end.\n`)
}

function scopesFrom(list: string): Scope[] {
  return list.split(',').map((scope) => {
    const parsed = Scope.safeParse(scope.trim())
    if (!parsed.success) throw new Refusal(`There is no scope ${scope}. Scopes are: ${Scope.options.join(', ')}.`)
    return parsed.data
  })
}

function whole(values: Parsed['values'], name: string): number | undefined {
  const given = text(values[name])
  if (given !== undefined && !/^[1-9]\d{0,4}$/.test(given)) throw new Refusal(`--${name} takes a whole number.`)
  return given === undefined ? undefined : Number(given)
}
