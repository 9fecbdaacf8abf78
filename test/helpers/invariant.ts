// The invariant that every fault leaves whole, as one program: it gives a list of what is broken, empty when all holds.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { tryGit } from './git.ts'
import { commandOf, everyProcess, readProc, standingOf } from './proc.ts'
import { isRunning } from './program.ts'
import type { Server } from './server.ts'

/** One ref update as a client asked for it. */
export interface Tip {
  ref: string
  oid: string
}

/** What clients saw of one repository. */
export interface Seen {
  /** Workspace and name, as in the address. */
  repository: string
  /** Pushes that a client saw succeed: each commit must be in its ref. */
  acknowledged?: Tip[]
  /** Pushes that the server refused: no commit of them may be in any ref. */
  refused?: Tip[]
  /** Atomic pushes whose end nobody saw: all of one or nothing of it. */
  unknown?: Tip[][]
}

interface Change {
  ref: string
  kind: string
  oldOid: string
  newOid: string
}

interface Row {
  id: string
  name: string
  volume: string
  /** The folder of its volume; empty for the one in the data folder. */
  root: string
}

const ZERO = /^0+$/

/** `server` runs; git of an earlier run gets a moment to end, as the server's helper has one. */
export async function broken(server: Pick<Server, 'url' | 'data'>, seen: Seen[] = []): Promise<string[]> {
  const db = new Database(join(server.data, 'gitstead.db'), { readonly: true, timeout: 5000 })
  try {
    const rows = repositories(db)
    const found = await Promise.all(rows.map((row) => brokenRepository(server.data, db, row)))
    const told = await Promise.all(seen.map((one) => brokenPromises(server.data, rows, one)))
    return [
      ...found.flat(),
      ...told.flat(),
      ...brokenDatabase(db),
      ...(await leftovers(server.data)),
      ...(await orphans(server.data)),
      ...(await unhealthy(server)),
    ]
  } finally {
    db.close()
  }
}

function repositories(db: Database.Database): Row[] {
  return db
    .prepare(
      `select r.id, w.slug || '/' || r.slug as name, r.volume, v.path as root from repositories r
        join workspaces w on w.id = r.workspace_id join volumes v on v.id = r.volume`,
    )
    .all() as Row[]
}

export function pathOf(data: string, { id, root }: Pick<Row, 'id' | 'root'>): string {
  return join(root === '' ? join(data, 'volumes', 'main') : root, id.slice(0, 2), `${id}.git`)
}

/** The folder of a repository that an address names. */
export function findPath(data: string, repository: string): string {
  const db = new Database(join(data, 'gitstead.db'), { readonly: true, timeout: 5000 })
  try {
    const row = repositories(db).find(({ name }) => name === repository)
    if (!row) throw new Error(`there is no row for ${repository}`)
    return pathOf(data, row)
  } finally {
    db.close()
  }
}

/** Refs by name, without those that the server keeps for itself. */
export async function refsOf(path: string): Promise<Map<string, string>> {
  const { stdout } = await tryGit(path, ['for-each-ref', '--format=%(refname) %(objectname)'], safe)
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('refs/gitstead/'))
  return new Map(lines.map((line) => line.split(' ') as [string, string]))
}

const safe = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' }

async function brokenRepository(data: string, db: Database.Database, row: Row): Promise<string[]> {
  const path = pathOf(data, row)
  if (!existsSync(path)) return [`${row.name}: its folder is missing`]
  const fsck = await fsckAtRest(path)
  const said = `${fsck.stdout}${fsck.stderr}`.split('\n').filter((line) => line !== '' && !line.startsWith('notice:'))
  const bad = fsck.code === 0 ? [] : [`${row.name}: fsck ends with ${fsck.code}: ${said.slice(0, 3).join('; ')}`]
  return [...bad, ...disagreements(db, row, await refsOf(path))]
}

/** Upkeep that replaces packs while fsck has a list of the old ones makes it miss them: then the list is read anew. */
async function fsckAtRest(path: string): ReturnType<typeof tryGit> {
  const packs = (): string =>
    readdirSync(join(path, 'objects', 'pack'))
      .sort()
      .join()
  for (let tries = 1; ; tries++) {
    const before = packs()
    const fsck = await tryGit(path, ['fsck', '--full', '--strict', '--no-dangling', '--no-progress'], safe)
    if (fsck.code === 0 || packs() === before || tries === 5) return fsck
  }
}

interface PushRow {
  id: number
  state: string
  changes: string
}

/** Every push has one event that tells the same, and what they tell of each ref leads to where it stands. */
function disagreements(db: Database.Database, row: Row, refs: Map<string, string>): string[] {
  const pushes = db
    .prepare('select id, state, changes from pushes where repository_id = ? order by id')
    .all(row.id) as PushRow[]
  const events = db
    .prepare(
      `select json_extract(data, '$.push') as push, json_extract(data, '$.changes') as changes
        from events where kind = 'repo:push' and repository_id = ?`,
    )
    .all(row.id) as { push: number; changes: string }[]
  const done = pushes.filter(({ state }) => state === 'done')
  const wrong = pushes.filter(({ state }) => state === 'pending').map(({ id }) => `push ${id} is pending`)
  for (const push of done) {
    const own = events.filter((event) => event.push === push.id)
    if (own.length !== 1) wrong.push(`push ${push.id} has ${own.length} events`)
    else if (own[0]?.changes !== push.changes) wrong.push(`push ${push.id} and its event differ`)
  }
  if (events.length > done.length) wrong.push('there are events without pushes')
  return [...wrong, ...brokenChains(done, refs)].map((text) => `${row.name}: ${text}`)
}

/** The changes of one ref must be one unbroken chain from nothing to where it stands. */
function brokenChains(done: PushRow[], refs: Map<string, string>): string[] {
  const changes = Map.groupBy(
    done.flatMap((push) => JSON.parse(push.changes) as Change[]),
    ({ ref }) => ref,
  )
  return [...new Set([...changes.keys(), ...refs.keys()])]
    .filter((ref) => !isChain(changes.get(ref) ?? [], refs.get(ref) ?? ''))
    .map((ref) => `${ref} is ${refs.get(ref) ?? 'absent'}, and the database tells ${told(changes.get(ref))}`)
}

function told(changes: Change[] = []): string {
  return changes.map(({ oldOid, newOid }) => `${oldOid.slice(0, 7)}→${newOid.slice(0, 7)}`).join(', ') || 'nothing'
}

/** Whether these changes, each used once, lead from an absent ref to `now`. */
function isChain(changes: Change[], now: string): boolean {
  const left = [...changes].reverse()
  let at = now
  while (left.length > 0) {
    const i = left.findIndex(({ newOid }) => newOid.replace(ZERO, '') === at)
    const [step] = i < 0 ? [] : left.splice(i, 1)
    if (!step) return false
    at = step.oldOid.replace(ZERO, '')
  }
  return at === ''
}

async function brokenPromises(data: string, rows: Row[], seen: Seen): Promise<string[]> {
  const row = rows.find(({ name }) => name === seen.repository)
  if (!row) return [`${seen.repository}: no row`]
  const path = pathOf(data, row)
  const refs = await refsOf(path)
  const holds = async ({ ref, oid }: Tip): Promise<boolean> => {
    const now = refs.get(ref)
    return now !== undefined && (await tryGit(path, ['merge-base', '--is-ancestor', oid, now], safe)).code === 0
  }
  const wrong: string[] = []
  for (const tip of seen.acknowledged ?? [])
    if (!(await holds(tip))) wrong.push(`${row.name}: acknowledged ${tip.oid} is not in ${tip.ref}`)
  for (const tip of seen.refused ?? [])
    if (await holds(tip)) wrong.push(`${row.name}: refused ${tip.oid} is in ${tip.ref}`)
  for (const push of seen.unknown ?? []) {
    const there = await Promise.all(push.map(holds))
    if (there.some(Boolean) && !there.every(Boolean)) wrong.push(`${row.name}: half of an atomic push is there`)
  }
  return wrong
}

function brokenDatabase(db: Database.Database): string[] {
  const whole = (db.pragma('integrity_check') as { integrity_check: string }[]).filter(
    (line) => line.integrity_check !== 'ok',
  )
  const keys = db.pragma('foreign_key_check') as unknown[]
  return [...whole, ...keys].map((line) => `database: ${JSON.stringify(line)}`)
}

const TEMPORARY = /(^|\/)(tmp_|[^/]+\.lock$|tmp_objdir|[^/]+\.part$|[^/]+\.new$|scratch\/)/

/** Copies keep the times of what they were made from: whose work a scratch folder is, its name says. */
function isAtWork(name: string): boolean {
  return isRunning(Number(/scratch\/(\d+)-/.exec(name)?.[1]))
}

/** Temporary files that the running server did not make: those that are older than its start. It removes them soon. */
async function leftovers(data: string): Promise<string[]> {
  const { started } = JSON.parse(readFileSync(join(data, 'running.json'), 'utf8')) as { started: string }
  const isOld = (name: string): boolean =>
    (statSync(join(data, name), { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < Date.parse(started)
  const found = (): string[] =>
    readdirSync(data, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name !== 'gitstead.lock' && TEMPORARY.test(name) && isOld(name) && !isAtWork(name),
    )
  if (await eventually(() => found().length === 0)) return []
  return found().map((name) => `left over: ${name}`)
}

interface Git {
  pid: number
  parent: number
  args: string
}

/** Git processes that some server on this data started: our git home is in their environment. */
export function gitProcesses(data: string): Git[] {
  const mark = `GIT_CONFIG_GLOBAL=${join(data, 'git', 'config')}`
  return everyProcess().flatMap((pid) => {
    if (!readProc(pid, 'environ').split('\0').includes(mark)) return []
    const { state, parent } = standingOf(pid)
    return state === 'Z' || parent === 0 ? [] : [{ pid, parent, args: commandOf(pid) }]
  })
}

/** Waits until what is true of the machine is; gives whether it became so. */
export async function eventually(holds: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<boolean> {
  const began = performance.now()
  for (;;) {
    if (await holds()) return true
    const waited = performance.now() - began
    if (waited > withinMs) return false
    // What takes long is asked for less often: asking takes the processor from what it waits for.
    await sleep(waited < 1000 ? 50 : 200)
  }
}

/** What belongs to a server that has ended soon ends too. */
async function orphans(data: string): Promise<string[]> {
  const { pid } = JSON.parse(readFileSync(join(data, 'running.json'), 'utf8')) as { pid: number }
  const found = (): Git[] => gitProcesses(data).filter((one) => !descends(one.parent, pid))
  if (await eventually(() => found().length === 0)) return []
  return found().map((one) => `still runs: ${one.pid} ${one.args}`)
}

function descends(pid: number, from: number): boolean {
  for (let at = pid; at > 1; at = standingOf(at).parent) if (at === from) return true
  return false
}

/** Git that works for a request or a job, without the processes that stay to read objects. */
export function gitAtWork(data: string): Git[] {
  return gitProcesses(data).filter(({ args }) => !args.includes('--batch-command'))
}

async function unhealthy({ url }: Pick<Server, 'url'>): Promise<string[]> {
  const answer = await fetch(`${url}/api/gitstead/1/session`, { signal: AbortSignal.timeout(10_000) }).catch(String)
  if (typeof answer === 'string') return [`no answer within 10 s: ${answer}`]
  await answer.text()
  return answer.status < 500 ? [] : [`the session page answers ${answer.status}`]
}
