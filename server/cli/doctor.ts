// gitstead doctor: looks at all that can be wrong with an installation, and says what to do about each.
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { access, constants, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Config } from '../config.ts'
import { closeRooms, openRooms } from '../app.ts'
import { viewForAdmin } from '../features/https/actions.ts'
import { listAll } from '../features/repositories/actions.ts'
import { repoOf } from '../features/repositories/door.ts'
import { findDamage } from '../git/care/check.ts'
import type { Repo } from '../git/refs/refs.ts'
import { openGit } from '../git/run/run.ts'
import { Fault } from '../kit/fault.ts'
import { openLog } from '../kit/log.ts'
import type { Rooms } from '../rooms.ts'
import { takeLock } from '../storage/lock.ts'
import type { Command } from './commands.ts'
import { configOf, parse } from './options.ts'

interface Finding {
  /** Of the kind of check. */
  name: string
  /** `warning`: it works, and somebody should look. */
  state: 'ok' | 'warning' | 'failed'
  words: string
  advice?: string
}

function fine(name: string, words: string): Finding {
  return { name, state: 'ok', words }
}

function bad(name: string, words: string, advice: string): Finding {
  return { name, state: 'failed', words, advice }
}

const SHOWN = { ok: 'ok  ', warning: 'LOOK', failed: 'BAD ' } as const

const LOW_DISK = 2 * 1024 ** 3

export const doctor: Command = {
  async run(args) {
    const options = { host: { type: 'string' }, port: { type: 'string' }, json: { type: 'boolean' } } as const
    const { values } = parse(args, options, 0)
    const findings = await examine(configOf(values))
    const some = findings.filter(({ state }) => state !== 'ok').length
    process.stdout.write(values['json'] === true ? asJson(findings) : inWords(findings, some))
    if (some > 0) process.exitCode = 1
  },
}

function asJson(findings: readonly Finding[]): string {
  const checks = findings.map(({ advice = '', ...finding }) => ({ ...finding, advice }))
  return `${JSON.stringify({ checks })}\n`
}

function inWords(findings: readonly Finding[], some: number): string {
  const lines = findings.map(
    ({ state, words, advice }) => `${SHOWN[state]} ${words}\n${advice === undefined ? '' : `     → ${advice}\n`}`,
  )
  const end = some === 0 ? 'All is well.' : `${some} of ${findings.length} checks need a hand.`
  return `${lines.join('')}${end}\n`
}

/** On a machine where nothing was served yet, all but database and repositories is looked at. */
async function examine(config: Config): Promise<Finding[]> {
  const node = fine('node', `node ${process.versions.node}`)
  const machine = [await dataFolder(config), await disk(config), await port(config), await gitItself(config)]
  const stands = machine.every(({ name, state }) => state !== 'failed' || name === 'port')
  if (!stands || !existsSync(join(config.data, 'gitstead.db'))) return [node, ...machine]
  return [node, ...machine, ...(await contents(config))]
}

async function contents(config: Config): Promise<Finding[]> {
  let rooms: Rooms
  try {
    rooms = await openRooms(config, openLog('silent'))
  } catch (error) {
    return [bad('database', 'database', wordsOf(error))]
  }
  try {
    return [
      ...(await look('https', 'HTTPS', async () => [await https(rooms)])),
      ...(await look('database', 'database', () => [database(rooms)])),
      ...(await look('volume', 'disks', () => disks(rooms))),
      ...(await look('repositories', 'repositories', () => repositories(rooms))),
    ]
  } finally {
    await closeRooms(rooms)
  }
}

/** A check that cannot be done is bad itself, and hides no other. */
async function look(name: string, words: string, check: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await check()
  } catch (error) {
    return [bad(name, `${words}: could not be looked at`, wordsOf(error))]
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Fault)) return String(error)
  const { detail, stderr } = error.facts
  const [first = ''] = typeof stderr === 'string' ? stderr.split('\n', 1) : []
  return [error.message, detail, first].filter(Boolean).join(' ')
}

async function gitItself({ path }: Config): Promise<Finding> {
  const scratch = mkdtempSync(join(tmpdir(), 'gitstead-doctor-'))
  try {
    const git = await openGit({ dir: scratch, log: openLog('silent'), plain: true, path })
    await git.close()
    return fine('git', `git ${git.version}`)
  } catch (error) {
    return bad('git', 'git', wordsOf(error))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** The folder itself or, where it is not there yet, the one that it will be made in. */
function standing(folder: string): string {
  return existsSync(folder) ? folder : standing(dirname(folder))
}

async function dataFolder({ data }: Config): Promise<Finding> {
  const there = standing(data)
  const isThere = there === data
  try {
    if (!statSync(there).isDirectory()) throw new Error('not a folder')
    await access(there, constants.R_OK | constants.W_OK | constants.X_OK)
    return fine('data', `data folder ${data} ${isThere ? 'is writable' : 'does not exist yet; serve makes it'}`)
  } catch {
    const todo = 'Change its owner to the account that runs Gitstead, or choose another folder with --data.'
    return bad('data', `data folder ${data}: ${isThere ? 'it' : there} is not writable`, todo)
  }
}

async function disk({ data }: Config): Promise<Finding> {
  const stats = await statfs(standing(data))
  const free = stats.bavail * stats.bsize
  const words = `${gib(free)} free on the disk of the data folder`
  if (free > LOW_DISK) return fine('disk', words)
  return { name: 'disk', state: 'warning', words, advice: 'Free some space, or move the data folder to a larger disk.' }
}

/** Only a successful listen shows that a port is free; if our own server holds it, that is as it should be. */
async function port({ data, host, port }: Config): Promise<Finding> {
  const holder = existsSync(join(data, 'gitstead.lock')) ? holderOf(data) : undefined
  if (holder !== undefined) return fine('port', `a server runs on this data at ${holder}`)
  const problem = await new Promise<string | undefined>((resolve) => {
    const probe = createServer()
    probe.once('error', (error) => resolve(error.message))
    probe.listen(port, host, () => probe.close(() => resolve(undefined)))
  })
  if (problem === undefined) return fine('port', `port ${port} on ${host} is free`)
  const todo = 'End the program that holds it, or choose another port with --port.'
  return bad('port', `port ${port} on ${host}: ${problem}`, todo)
}

function holderOf(data: string): string | undefined {
  const lock = takeLock(data)
  if ('heldBy' in lock) return lock.heldBy?.url ?? 'an unknown address'
  lock.release()
  return undefined
}

async function https(rooms: Rooms): Promise<Finding> {
  const { mode, problem, certificate } = await viewForAdmin(rooms, '')
  if (problem !== null)
    return bad('https', `HTTPS: ${problem}`, 'Put it right under Administration, HTTPS, or with gitstead tls.')
  if (mode === 'off') return fine('https', 'HTTPS is off')
  return fine('https', `HTTPS is on, with a certificate until ${certificate?.valid_until.slice(0, 10)}`)
}

function database(rooms: Rooms): Finding {
  const problems = rooms.db.integrity()
  if (problems.length === 0) return fine('database', 'database is whole')
  const todo = 'Stop the server and restore the newest copy beside gitstead.db.'
  return bad('database', `database: ${problems.slice(0, 3).join('; ')}`, todo)
}

/** Added disks; the one of the data folder is looked at by itself. */
function disks(rooms: Rooms): Finding[] {
  return rooms.volumes.all().map(({ id, name }) => {
    const root = rooms.volumes.root(id)
    const { there, writable, free, reserve } = rooms.volumes.space(id)
    const where = `disk ${name} (${root})`
    if (!there) return bad('volume', `${where} is not there`, 'Connect and mount it again at this place.')
    if (!writable) return bad('volume', `${where} can only be read`, 'Mount it so that it can be written.')
    if (free > reserve) return fine('volume', `${where}: ${gib(free - reserve)} until pushes are refused`)
    return bad('volume', `${where} is full up to its reserve`, 'Free some space, or move repositories away.')
  })
}

function gib(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`
}

async function repositories(rooms: Rooms): Promise<Finding[]> {
  const present = rooms.volumes.present()
  const rows = (await listAll(rooms.db.read)).filter(({ volume }) => present.includes(volume))
  const found: Finding[] = []
  for (const row of rows) {
    const repo = repoOf(rooms, row)
    const where = `repository ${row.slug} (${repo.path})`
    found.push(...(await look('repository', where, () => repository(rooms, repo, where))))
  }
  if (found.length > 0) return found
  const { length } = rows
  return [fine('repositories', length === 1 ? '1 repository is whole' : `${length} repositories are whole`)]
}

/** Nothing where it is whole. */
async function repository(rooms: Rooms, repo: Repo, where: string): Promise<Finding[]> {
  if (!existsSync(repo.path)) {
    const todo = 'Restore its folder from a backup, or delete the repository.'
    return [bad('repository', `${where} is missing on disk`, todo)]
  }
  const damage = await findDamage(rooms.git, repo)
  const todo = 'Restore it from a backup, or push the missing commits from a clone.'
  return damage === undefined ? [] : [bad('repository', `${where}: ${damage}`, todo)]
}
