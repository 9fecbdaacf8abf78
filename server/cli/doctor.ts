// gitstead doctor: looks at all that can be wrong with an installation, and says what to do about each.
import { existsSync } from 'node:fs'
import { access, constants, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { closeRooms, openRooms } from '../app.ts'
import { listAll } from '../features/repositories/actions.ts'
import { Fault } from '../kit/fault.ts'
import { openLog } from '../kit/log.ts'
import type { Rooms } from '../rooms.ts'
import { readHolder, takeLock } from '../storage/lock.ts'
import type { Command } from './commands.ts'
import { configOf, parse } from './options.ts'

interface Finding {
  ok: boolean
  what: string
  todo?: string
}

const LOW_DISK = 2 * 1024 ** 3

export const doctor: Command = {
  async run(args) {
    const { values } = parse(args, { host: { type: 'string' }, port: { type: 'string' } })
    const config = configOf(values)
    const findings = await examine(config)
    for (const { ok, what, todo } of findings)
      process.stdout.write(`${ok ? 'ok  ' : 'BAD '} ${what}${todo ? `\n     → ${todo}` : ''}\n`)
    const bad = findings.filter(({ ok }) => !ok).length
    process.stdout.write(bad === 0 ? 'All is well.\n' : `${bad} of ${findings.length} checks need a hand.\n`)
    if (bad > 0) process.exitCode = 1
  },
}

async function examine(config: Config): Promise<Finding[]> {
  const findings: Finding[] = [{ ok: true, what: `node ${process.versions.node}` }, await dataFolder(config)]
  if (!findings.every(({ ok }) => ok) || !existsSync(join(config.data, 'gitstead.db'))) return findings
  findings.push(await disk(config), await port(config))
  try {
    const rooms = await openRooms(config, openLog('silent'))
    try {
      findings.push({ ok: true, what: `git ${rooms.git.version}` }, database(rooms), ...(await repositories(rooms)))
    } finally {
      await closeRooms(rooms)
    }
  } catch (error) {
    const detail = error instanceof Fault ? `${error.message} ${error.facts.detail ?? ''}` : String(error)
    findings.push({ ok: false, what: 'git and database', todo: detail })
  }
  return findings
}

async function dataFolder({ data }: Config): Promise<Finding> {
  if (!existsSync(data)) return { ok: true, what: `data folder ${data} does not exist yet; serve makes it` }
  try {
    await access(data, constants.R_OK | constants.W_OK | constants.X_OK)
    return { ok: true, what: `data folder ${data} is writable` }
  } catch {
    return {
      ok: false,
      what: `data folder ${data} is not writable`,
      todo: 'Change its owner to the account that runs Gitstead.',
    }
  }
}

async function disk({ data }: Config): Promise<Finding> {
  const stats = await statfs(data)
  const free = stats.bavail * stats.bsize
  const what = `${(free / 1024 ** 3).toFixed(1)} GiB free on the disk of the data folder`
  return free > LOW_DISK
    ? { ok: true, what }
    : { ok: false, what, todo: 'Free some space, or move the data folder to a larger disk.' }
}

/** Only a successful listen shows that a port is free; if our own server holds it, that is as it should be. */
async function port({ data, host, port }: Config): Promise<Finding> {
  const lock = takeLock(data)
  if ('heldBy' in lock)
    return { ok: true, what: `a server runs on this data at ${readHolder(data)?.url ?? 'an unknown address'}` }
  lock.release()
  const problem = await new Promise<string | undefined>((resolve) => {
    const probe = createServer()
    probe.once('error', (error) => resolve(error.message))
    probe.listen(port, host, () => probe.close(() => resolve(undefined)))
  })
  if (problem === undefined) return { ok: true, what: `port ${port} on ${host} is free` }
  return {
    ok: false,
    what: `port ${port} on ${host}: ${problem}`,
    todo: 'End the program that holds it, or choose another port with --port.',
  }
}

function database(rooms: Rooms): Finding {
  const problems = rooms.db.integrity()
  if (problems.length === 0) return { ok: true, what: 'database is whole' }
  return {
    ok: false,
    what: `database: ${problems.slice(0, 3).join('; ')}`,
    todo: 'Stop the server and restore the newest copy beside gitstead.db.',
  }
}

async function repositories(rooms: Rooms): Promise<Finding[]> {
  const rows = await listAll(rooms.db.read)
  const bad: Finding[] = []
  for (const row of rows) {
    const path = rooms.volumes.path(row.volume, row.id)
    const where = `repository ${row.slug} (${path})`
    if (!existsSync(path)) {
      bad.push({
        ok: false,
        what: `${where} is missing on disk`,
        todo: 'Restore its folder from a backup, or delete the repository.',
      })
      continue
    }
    const fsck = await rooms.git.exec({
      name: 'fsck',
      args: ['fsck', '--full', '--no-dangling', '--no-progress'],
      cwd: path,
      deadlineMs: 0,
      expect: [0, 1, 2, 3, 4, 5, 6, 7, 8, 128],
    })
    if (fsck.code !== 0) {
      const first = `${fsck.stderr}${fsck.stdout.toString()}`.trim().split('\n')[0]
      bad.push({
        ok: false,
        what: `${where}: ${first}`,
        todo: 'Restore it from a backup, or push the missing commits from a clone.',
      })
    }
  }
  return bad.length > 0 ? bad : [{ ok: true, what: `${rows.length} repositories are whole` }]
}
