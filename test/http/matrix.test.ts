// Every route × every role × every way to carry credentials × every scope × every visibility, made from the route table.
// What should happen is worked out here, from the declared access and scope alone, by an oracle that shares no code with
// the server. A refused change must leave every row and file as it was. Of the scopes, each route is asked with those
// that serve it and one other by turns, and a password of an application with one scope comes as Basic or as Bearer by
// turns; `npm run soak` asks with all, both ways.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SCOPES } from '../../server/contract/names.ts'
import { done, route } from '../../server/route.ts'
import { basic, client, type Client } from '../helpers/client.ts'
import { raw, type RawAnswer, type RawAsk } from '../helpers/raw.ts'
import { remove, type Server, startServer, tempDir } from '../helpers/server.ts'
import { PARAMS, recordOf, type Target, TARGETS } from '../helpers/targets.ts'
import {
  atRest,
  digest,
  makeRepository,
  makeWorld,
  passwordOf,
  PEOPLE,
  quiet,
  type Role,
  VISIBILITIES,
  type Visibility,
  type World,
} from '../helpers/world.ts'

type Carrier = 'none' | 'session' | 'password' | 'basic' | 'bearer' | 'bound' | 'signed'

interface Caller {
  role: Role | 'guest'
  carrier: Carrier
  /** Null: a person in their own right. */
  scopes: readonly string[] | null
  headers: Record<string, string>
}

// ── the oracle ──

const LEVELS = ['none', 'read', 'write', 'admin']

/** What grants, membership and visibility add up to, as the product's description says it. */
const GIVEN: Record<Role | 'guest', string> = {
  guest: 'none',
  stranger: 'none',
  reader: 'read',
  writer: 'write',
  administrator: 'admin',
  collaborator: 'none',
  member: 'write',
  owner: 'admin',
  site: 'admin',
}
const FROM_VISIBILITY: Record<Visibility, { guest: string; user: string }> = {
  private: { guest: 'none', user: 'none' },
  internal: { guest: 'none', user: 'read' },
  public: { guest: 'read', user: 'read' },
}
const IN_TEAM: Partial<Record<Role | 'guest', number>> = { collaborator: 1, member: 2, owner: 3, site: 3 }
const ASKED_OF_TEAM: Record<string, number> = { see: 1, member: 2, owner: 3 }

/** Scopes that serve where another one is asked for. */
const SERVES: Record<string, string[]> = {
  account: ['account', 'account:write'],
  'account:write': ['account:write'],
  repository: ['repository', 'repository:write', 'repository:admin'],
  'repository:write': ['repository:write', 'repository:admin'],
  'repository:admin': ['repository:admin'],
  'repository:delete': ['repository:delete'],
  project: ['project', 'project:admin'],
  'project:admin': ['project:admin'],
  pullrequest: ['pullrequest', 'pullrequest:write'],
  'pullrequest:write': ['pullrequest:write'],
  webhook: ['webhook'],
  metrics: ['metrics'],
}

function permission(caller: Caller, visibility: Visibility): number {
  if (caller.carrier === 'bound' && visibility !== 'private') return 0
  const least = FROM_VISIBILITY[visibility][caller.role === 'guest' ? 'guest' : 'user']
  return Math.max(LEVELS.indexOf(GIVEN[caller.role]), LEVELS.indexOf(least))
}

/** The status of a refusal, or undefined when the caller has to be let in. */
function refusal(target: Target, given: Caller, visibility: Visibility): number | undefined {
  // git never signs in with a cookie: a page that somebody visits could otherwise make it push.
  const cookie = target.git && given.carrier === 'session'
  const caller: Caller = cookie ? { ...given, role: 'guest', carrier: 'none' } : given
  const byScope = scopeRefusal(target.scope, caller)
  if (byScope !== undefined) return byScope
  const [area = '', level = ''] = target.access.split(':')
  if (area === 'anyone') return undefined
  if (area === 'repository') return repositoryRefusal(level, caller, visibility)
  if (caller.role === 'guest') return 401
  // A token for one repository opens nothing else.
  if (caller.carrier === 'bound') return 403
  return area === 'workspace' ? workspaceRefusal(level, caller) : accountRefusal(area, caller)
}

function scopeRefusal(scope: string, caller: Caller): number | undefined {
  if (scope === 'session' && caller.carrier !== 'session') return caller.role === 'guest' ? 401 : 403
  const serving = SERVES[scope]
  return serving && caller.scopes && !caller.scopes.some((one) => serving.includes(one)) ? 403 : undefined
}

function repositoryRefusal(level: string, caller: Caller, visibility: Visibility): number | undefined {
  const has = permission(caller, visibility)
  if (has >= LEVELS.indexOf(level)) return undefined
  if (caller.role === 'guest') return 401
  return has === 0 ? 404 : 403
}

function workspaceRefusal(level: string, caller: Caller): number | undefined {
  const role = IN_TEAM[caller.role]
  if (role === undefined) return 404
  return role >= (ASKED_OF_TEAM[level] ?? Infinity) ? undefined : 403
}

function accountRefusal(area: string, caller: Caller): number | undefined {
  return area === 'user' || caller.role === 'site' ? undefined : 403
}

// ── what the routes need to be called ──

const QUERIES: Record<string, (caller: Caller) => string> = {
  'GET /api/gitstead/1/live': ({ carrier }) => `?repository=team/${carrier === 'bound' ? 'private' : 'public'}`,
}

/** Routes whose success uses up what they are called on get it anew for each call. */
const BEFORE: Record<string, (world: World, caller: Caller, visibility: Visibility) => Promise<Partial<Fresh>>> = {
  'DELETE /2.0/repositories/:workspace/:repo_slug': async (world, { carrier, role }, visibility) => {
    const slug = `gone-${visibility}-${++counter}`
    await makeRepository(world.clients.owner, slug, visibility)
    if (carrier !== 'bound' || role === 'guest') return { slug }
    const secret = await appPassword(world.clients[role], SCOPES, `team/${slug}`)
    return { slug, headers: { Authorization: `Bearer ${secret}` } }
  },
  'DELETE /2.0/repositories/:workspace/:repo_slug/refs/branches/*name': (_world, _caller, slug) =>
    makeRef('branches', slug),
  'DELETE /2.0/repositories/:workspace/:repo_slug/refs/tags/*name': (_world, _caller, slug) => makeRef('tags', slug),
  // Whoever is let in has none to lose: the tokens of the other callers are needed on.
  'DELETE /api/gitstead/1/tokens': async (world) => ({ headers: await sessionOf(world.server, 'stranger') }),
  'DELETE /api/gitstead/1/session': async (world, caller) =>
    caller.carrier === 'session' && caller.role !== 'guest'
      ? { headers: await sessionOf(world.server, caller.role) }
      : {},
}
interface Fresh {
  slug: string
  /** In place of the usual value of the path's `name`. */
  ref: string
  headers: Record<string, string>
}
let counter = 0

async function makeRef(kind: 'branches' | 'tags', slug: string): Promise<Partial<Fresh>> {
  const ref = `gone/${++counter}`
  const at = `/2.0/repositories/team/${slug}/refs/${kind}`
  const made = await world.clients.owner.post(at, { name: ref, target: { hash: 'main' } })
  if (made.status !== 201) throw new Error(made.text)
  return { ref }
}

interface Place {
  slug: string
  ref?: string | undefined
}

function pathOf(target: Target, caller: Caller, { slug, ref }: Place): string {
  const path = target.path.replace(/[:*](\w+)/g, (_all, name: string) => {
    if (name === 'repo_slug') return slug
    return (name === 'name' ? ref : undefined) ?? PARAMS[name] ?? ''
  })
  return path + (QUERIES[target.name]?.(caller) ?? '')
}

function askOf(target: Target, caller: Caller, place: Place, body: unknown): RawAsk {
  const { method } = target
  const path = pathOf(target, caller, place)
  const headers = { ...caller.headers }
  if (target.git) {
    if (method === 'GET') return { method, path, headers }
    const service = target.path.split('/').at(-1) ?? ''
    return {
      method,
      path,
      headers: { ...headers, 'Content-Type': `application/x-${service}-request` },
      body: '0000',
    }
  }
  if (method === 'GET' || !target.schema) return { method, path, headers }
  return {
    method,
    path,
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }
}

// ── the run ──

let server: Server
let dir: string
let world: World
let callers: Caller[]
let ran = 0

beforeAll(async () => {
  server = await startServer()
  dir = tempDir()
  world = await makeWorld(server, dir)
  callers = await allCallers()
  await atRest(server)
})
afterAll(async () => {
  console.log(`matrix: ${ran} combinations over ${TARGETS.length} routes and ${callers?.length} callers`)
  await server.stop()
  remove(dir)
  remove(server.data)
})

async function sessionOf(at: Server, role: Role): Promise<Record<string, string>> {
  const answer = await client(at).post('/api/gitstead/1/session', {
    username: PEOPLE[role],
    password: passwordOf(role),
  })
  if (answer.status !== 201) throw new Error(answer.text)
  return {
    Cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '',
    'X-CSRF-Token': answer.body.csrf,
  }
}

async function allCallers(): Promise<Caller[]> {
  const all: Caller[] = [{ role: 'guest', carrier: 'none', scopes: null, headers: {} }]
  for (const role of Object.keys(PEOPLE) as Role[]) {
    const name = PEOPLE[role]
    all.push({ role, carrier: 'session', scopes: null, headers: await sessionOf(server, role) })
    all.push({ role, carrier: 'password', scopes: null, headers: basic(name, passwordOf(role)) })
    for (const scope of SCOPES) {
      const secret = await appPassword(world.clients[role], [scope])
      all.push({ role, carrier: 'basic', scopes: [scope], headers: basic(name, secret) })
      all.push({ role, carrier: 'bearer', scopes: [scope], headers: { Authorization: `Bearer ${secret}` } })
    }
    if (LEVELS.indexOf(GIVEN[role]) > 0) {
      const secret = await appPassword(world.clients[role], [...SCOPES], 'team/private')
      all.push({ role, carrier: 'bound', scopes: SCOPES, headers: basic(name, secret) })
    }
    if (role === 'reader' || role === 'writer') all.push(await deployCaller(role))
    if (OTHER_TOKENS.has(role)) all.push(...(await signedCallers(role)))
  }
  return all
}

/** Who comes with tokens of the other kinds: past the door of their own they go the way of app passwords. */
const OTHER_TOKENS = new Set<Role>(['writer', 'owner', 'site'])

/** A deploy token has what a token of its repository has that a person with this role made, and no person. */
async function deployCaller(role: 'reader' | 'writer'): Promise<Caller> {
  const permission = role === 'reader' ? 'read' : 'write'
  const made = await world.clients.administrator.post('/api/gitstead/1/repositories/team/private/deploy-tokens', {
    name: 'matrix',
    permission,
  })
  if (made.status !== 201) throw new Error(made.text)
  const scopes = role === 'reader' ? ['repository'] : ['repository', 'repository:write']
  return { role, carrier: 'bound', scopes, headers: basic('x-token-auth', made.body.secret) }
}

async function signedCallers(role: Role): Promise<Caller[]> {
  const by = world.clients[role]
  const make = async (scopes: readonly string[], repository?: string): Promise<string> => {
    const made = await by.post('/api/gitstead/1/tokens', { label: 'matrix', scopes, repository })
    if (made.status !== 201) throw new Error(made.text)
    return made.body.secret
  }
  const all: Caller[] = [
    { role, carrier: 'bound', scopes: SCOPES, headers: basic('x-token-auth', await make(SCOPES, 'team/private')) },
  ]
  for (const [i, scope] of SCOPES.entries()) {
    const secret = await make([scope])
    const headers = i % 2 === 0 ? { Authorization: `Bearer ${secret}` } : basic('x-token-auth', secret)
    all.push({ role, carrier: 'signed', scopes: [scope], headers })
  }
  return all
}

async function appPassword(by: Client, scopes: readonly string[], repository?: string): Promise<string> {
  const made = await by.post('/api/gitstead/1/app-passwords', { label: 'matrix', scopes, repository })
  if (made.status !== 201) throw new Error(made.text)
  return made.body.secret
}

interface Combination {
  caller: Caller
  visibility: Visibility
  expected: number | undefined
}

const ALL = process.env['GITSTEAD_SOAK'] !== undefined
const ONE_DOOR = new Set<Carrier>(['basic', 'signed'])
const BY_TURNS: readonly Carrier[] = ['basic', 'bearer']
const ROLES: readonly string[] = Object.keys(PEOPLE)

/** Whether this caller's one scope, if that is all there is, is among those that this route is asked with. */
function isAsked(target: Target, { scopes }: Caller): boolean {
  const [scope, ...more] = scopes ?? []
  if (ALL || scope === undefined || more.length > 0) return true
  return (SERVES[target.scope] ?? []).includes(scope) || scope === SCOPES[TARGETS.indexOf(target) % SCOPES.length]
}

/** Over all routes, each scope of each role comes both ways. */
function isItsTurn(target: Target, { carrier, role, scopes }: Caller): boolean {
  const kind = BY_TURNS.indexOf(carrier)
  if (ALL || kind < 0) return true
  const at = TARGETS.indexOf(target)
  // The scope that serves nothing here goes through all scopes in step with the routes: the rounds shift the turn.
  const turn =
    at + Math.floor(at / SCOPES.length) + ROLES.indexOf(role) + SCOPES.findIndex((one) => one === scopes?.[0])
  return turn % 2 === kind
}

/** Of repositories that are not private, each route is asked by one half of the callers, the next route by the other. */
function isOfThisHalf(target: Target, caller: number): boolean {
  return (TARGETS.indexOf(target) + caller) % 2 === 0
}

function combinationsOf(target: Target): Combination[] {
  const seen = target.access.startsWith('repository:') ? VISIBILITIES : (['private'] as const)
  return seen.flatMap((visibility) =>
    callers
      // Tokens lead to one door, however they come: on private repositories all are tried, on the others one.
      .filter((caller) => (visibility === 'private' ? isItsTurn(target, caller) : !ONE_DOOR.has(caller.carrier)))
      .filter((caller, i) => isAsked(target, caller) && (ALL || visibility === 'private' || isOfThisHalf(target, i)))
      .map((caller) => ({ caller, visibility, expected: refusal(target, caller, visibility) })),
  )
}

function told({ caller, visibility }: Combination, answer: RawAnswer): string {
  const scopes =
    caller.carrier === 'bound' ? 'all scopes, team/private only' : (caller.scopes ?? ['own right']).join(' ')
  return `${caller.role} by ${caller.carrier} (${scopes}) on ${visibility}: ${answer.status} ${answer.text.slice(0, 120)}`
}

async function inTurns<T>(all: readonly T[], parallel: number, work: (one: T) => Promise<void>): Promise<void> {
  const queue = all.values()
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (const one of queue) await work(one)
    }),
  )
}

describe('the route table', () => {
  it.each(TARGETS)('has a case for $name', (target) => {
    const names = [...target.path.matchAll(/[:*](\w+)/g)]
      .map(([, name]) => name ?? '')
      .filter((name) => name !== 'repo_slug')
    expect(
      names.filter((name) => PARAMS[name] === undefined),
      'give these a value in PARAMS',
    ).toEqual([])
    if (!target.schema) return
    const record = recordOf(target)
    expect(target.body, 'give this route a body in BODIES').toBeDefined()
    expect(record?.body?.safeParse(target.body).success, 'the body in BODIES must be one that the route takes').toBe(
      true,
    )
  })

  it('does not compile a route without access or scope', () => {
    const fine = { method: 'get', path: '/x', summary: 'x', handle: () => Promise.resolve(done()) } as const
    route({ ...fine, access: 'user', scope: 'account' })
    // @ts-expect-error -- no access
    route({ ...fine, scope: 'account' })
    // @ts-expect-error -- no scope
    route({ ...fine, access: 'user' })
    // @ts-expect-error -- a scope that does not exist
    route({ ...fine, access: 'user', scope: 'everything' })
    expect(TARGETS.every(({ access, scope }) => access !== undefined && scope !== undefined)).toBe(true)
  })
})

describe('who may pass', () => {
  it('is asked with each scope of each role, as Basic and as Bearer', () => {
    const asked = new Set(
      TARGETS.flatMap(combinationsOf)
        .filter(({ visibility }) => visibility === 'private')
        .map(({ caller }) => `${caller.role} ${caller.carrier} ${caller.scopes?.join(' ')}`),
    )
    const wanted = ROLES.flatMap((role) =>
      SCOPES.flatMap((scope) => BY_TURNS.map((carrier) => `${role} ${carrier} ${scope}`)),
    )
    expect(wanted.filter((one) => !asked.has(one))).toEqual([])
  })

  it.each(TARGETS)('$name', async (target) => {
    const all = combinationsOf(target)
    const wrong: string[] = []
    await quiet(server)
    const before = digest(server)
    await inTurns(
      all.filter(({ expected }) => expected !== undefined),
      16,
      async (one) => {
        const answer = await raw(server, askOf(target, one.caller, { slug: one.visibility }, target.body))
        ran += 1
        if (answer.status !== one.expected) wrong.push(`${told(one, answer)} instead of ${one.expected}`)
      },
    )
    expect(wrong.slice(0, 20)).toEqual([])
    expect(digest(server), 'a refused request changed something').toEqual(before)

    const prepare = BEFORE[target.name]
    await inTurns(
      all.filter(({ expected }) => expected === undefined),
      16,
      async (one) => {
        const fresh = await prepare?.(world, one.caller, one.visibility)
        const caller = fresh?.headers ? { ...one.caller, headers: fresh.headers } : one.caller
        // Past the doors, a list is no body that any route takes: 400 proves the way in and changes nothing.
        const answer = await raw(
          server,
          askOf(target, caller, { slug: fresh?.slug ?? one.visibility, ref: fresh?.ref }, []),
        )
        ran += 1
        if (!passed(target, answer)) wrong.push(`${told(one, answer)} instead of being let in`)
      },
    )
    expect(wrong.slice(0, 20)).toEqual([])
  })
})

/** What handlers say by themselves, which the doors never do, and where. */
const BY_HANDLERS = [
  ['There is no such webhook.', '/hooks/:uid'],
  ['There is no such consumer.', '/oauth-consumers/'],
  ['There is no such deploy token.', '/deploy-tokens/'],
  ['OAuth 1.0a is switched off', '/oauth'],
  ['Only a time-limited token is renewed', '/tokens/renew'],
  ['Send the edit as a form', '/src'],
] as const

/** A 404 of a handler that looks for an id of its own is fine; one where the doors would hide something is not. */
function passed(target: Target, { status, text }: RawAnswer): boolean {
  if (target.schema) return status === 400
  const said = BY_HANDLERS.find(([words]) => text.includes(words))
  if (said) return target.path.includes(said[1])
  const hides = target.access.startsWith('repository:') || target.access.startsWith('workspace:')
  return status < 500 && ![400, 401, 403, ...(hides ? [404] : [])].includes(status)
}
