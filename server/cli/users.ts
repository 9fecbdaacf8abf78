// gitstead user: add, set a password, switch off a lost second factor, a link that signs in, list. Works beside a running server and without one.
import { addUser, findUser, listUsers, prepareUser, setPassword, type UserRow } from '../features/accounts/actions.ts'
import { resetFactor } from '../features/accounts/factor.ts'
import { makeEntryLink } from '../features/invitations/actions.ts'
import { isHeld, readHolder } from '../storage/lock.ts'
import type { Rooms } from '../rooms.ts'
import type { Command } from './commands.ts'
import { withNewRooms, withRooms } from './beside.ts'
import { configOf, needNoMore, parse, type Parsed, readStdin } from './options.ts'
import { Refusal } from './refusal.ts'

const VERBS = new Set(['add', 'passwd', 'factor-off', 'link', 'list'])

export const users: Command = {
  async run(args) {
    const parsed = parse(args, {
      admin: { type: 'boolean' },
      'display-name': { type: 'string' },
      'password-stdin': { type: 'boolean' },
      json: { type: 'boolean' },
    })
    const [verb = '', name] = parsed.positionals
    if (!VERBS.has(verb)) throw new Refusal('gitstead user knows add, passwd, factor-off, link and list.')
    needNoMore(parsed, verb === 'list' ? 1 : 2)
    if (verb === 'list') return list(parsed)
    if (name === undefined) throw new Refusal('Name the account, for example: gitstead user add ada --password-stdin')
    if (verb === 'add') return add(parsed, name)
    if (verb === 'passwd') return passwd(parsed, name)
    if (verb === 'factor-off') return factorOff(parsed, name)
    return link(parsed, name)
  },
}

async function password(parsed: Parsed): Promise<string> {
  if (parsed.values['password-stdin'] !== true) {
    throw new Refusal('Give the password on standard input with --password-stdin, so that it is in no shell history.')
  }
  return readStdin()
}

async function add(parsed: Parsed, name: string): Promise<void> {
  const secret = await password(parsed)
  const displayName = typeof parsed.values['display-name'] === 'string' ? parsed.values['display-name'] : name
  await withNewRooms(parsed.values, async (rooms) => {
    const wanted = { name, displayName, password: secret, isAdmin: parsed.values['admin'] === true }
    const user = await prepareUser(rooms.passwords, wanted)
    await rooms.db.write((tx) => addUser(tx, user, 'shell'))
  })
  process.stdout.write(`Added ${name}.\n`)
}

async function passwd(parsed: Parsed, name: string): Promise<void> {
  const secret = await password(parsed)
  await withRooms(parsed.values, async (rooms) => {
    const user = await needAccount(rooms, name)
    await setPassword(rooms, user, { password: secret, address: 'shell', keep: null, revoke: false })
  })
  process.stdout.write(`Changed the password of ${name}; their browsers are signed out.\n`)
}

async function factorOff(parsed: Parsed, name: string): Promise<void> {
  await withRooms(parsed.values, async (rooms) => {
    const user = await needAccount(rooms, name)
    if (user.factor_since === null) throw new Refusal(`${name} has no second factor.`)
    await resetFactor(rooms.db, user, { actorId: null, address: 'shell' })
  })
  process.stdout.write(`Switched off the second factor of ${name}; their browsers are signed out.\n`)
}

async function link(parsed: Parsed, name: string): Promise<void> {
  const { secret } = await withRooms(parsed.values, async (rooms) =>
    makeEntryLink(rooms, await needAccount(rooms, name)),
  )
  if (parsed.values['json'] === true) return void process.stdout.write(`${JSON.stringify({ token: secret })}\n`)
  const { data } = configOf(parsed.values)
  const url = isHeld(data) ? readHolder(data)?.url : undefined
  process.stdout.write(`${url ?? ''}/enter#token=${secret}\n`)
  if (url === undefined) process.stderr.write('No server runs: the link works on its address, for a minute.\n')
}

async function needAccount(rooms: Rooms, name: string): Promise<UserRow> {
  const user = await findUser(rooms.db.read, name)
  if (!user) throw new Refusal(`There is no account ${name}.`)
  return user
}

async function list(parsed: Parsed): Promise<void> {
  const rows = await withRooms(parsed.values, (rooms) => listUsers(rooms.db.read))
  for (const user of rows) {
    const marks = [
      user.is_admin === 1 ? 'admin' : '',
      user.state === 'disabled' ? 'disabled' : '',
      user.factor_since === null ? '' : 'second factor',
    ]
      .filter(Boolean)
      .join(', ')
    process.stdout.write(`${user.name}\t${user.display_name}\t${marks}\n`)
  }
}
