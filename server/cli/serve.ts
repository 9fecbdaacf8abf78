// gitstead serve: lock, door, processes, tell; and on SIGTERM drain in the opposite order. Loads nothing of the application.
import type { AddressInfo, Server } from 'node:net'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from '../config.ts'
import type { Obstacle, ServerWord } from '../contract/process.ts'
import { openSpawner, type News, type Wish } from '../git/run/spawner.ts'
import { closeDoor, openDoor } from '../ingress/door.ts'
import { StartFailure } from '../ingress/member.ts'
import { openPool, type Pool } from '../ingress/pool.ts'
import { wordsOf } from '../kit/fault.ts'
import { openLog, type Log } from '../kit/log.ts'
import { collectWhenIdle } from '../meters/collector.ts'
import type { Reading } from '../meters/meters.ts'
import { keep } from '../meters/sum.ts'
import { makeFolder } from '../storage/files.ts'
import { type DataLock, takeLock } from '../storage/lock.ts'
import type { Command } from './commands.ts'
import { configOf, parse } from './options.ts'
import { explained, Refusal } from './refusal.ts'

const DRAIN_MS = 10_000
const NAMES = ['host', 'port', 'log', 'tls-cert', 'tls-key', 'trusted-proxy']
const OPTIONS = Object.fromEntries(NAMES.map((name) => [name, { type: 'string' } as const]))

export const serve: Command = {
  async run(args) {
    let config: Config | undefined
    try {
      config = configOf(parse(args, OPTIONS, 0).values)
      await start(config, openLog(config.log))
    } catch (error) {
      throw await refused(config ? explainedStart(error, config) : error)
    }
  },
}

function explainedStart(error: unknown, config: Config): unknown {
  if (error instanceof StartFailure) return new Refusal(error.message, error.obstacle as Obstacle)
  return explained(error, config)
}

/** Whoever started us as a child is told as well, before we end. */
async function refused(error: unknown): Promise<unknown> {
  const reason = error instanceof Refusal ? error.obstacle : 'other'
  await say({ kind: 'refused', reason, message: wordsOf(error) })
  return error
}

function say(word: ServerWord): Promise<void> {
  return new Promise((resolve) => {
    if (process.send && process.connected) process.send(word, undefined, undefined, () => resolve())
    else resolve()
  })
}

async function start(config: Config, log: Log): Promise<void> {
  await makeFolder(config.data)
  const lock = takeLock(config.data)
  if ('heldBy' in lock) {
    const { pid, url } = lock.heldBy ?? { pid: 'unknown', url: '' }
    throw new Refusal(
      `The data folder ${config.data} is in use by another Gitstead (process ${pid}${url ? ` at ${url}` : ''}).`,
      'in-use',
    )
  }
  let pool: Pool | undefined
  try {
    lock.announce('')
    const door = await openDoor(config.host, config.port)
    pool = openPool({ ...poolOf(config, log), crashed: lock.afterCrash })
    const url = urlOf(door)
    pool.serve(door, url)
    const { setup } = await pool.start()
    stopOnSignal({ pool, door, lock, log })
    collectWhenIdle()
    lock.announce(url)
    process.stdout.write(`Gitstead is ready at ${url}\n`)
    void say({ kind: 'ready', url })
    if (setup !== undefined) process.stdout.write(`Set it up at ${url}/setup#token=${setup}\n`)
  } catch (error) {
    await pool?.stop(0)
    lock.release()
    throw error
  }
}

function poolOf(config: Config, log: Log): Omit<Parameters<typeof openPool>[0], 'crashed'> {
  const spawner = openSpawner()
  const self = fileURLToPath(import.meta.url)
  const folder = self.endsWith('.ts') ? join(dirname(self), '..') : dirname(self)
  return {
    entry: join(folder, `worker${extname(self)}`),
    workers: config.workers,
    settings: config,
    git: (tell) => {
      const client = spawner.client((news: News) => tell(news))
      return { wish: (wish) => client.wish(wish as Wish), leave: client.leave }
    },
    keep: (past, last) => keep(past as Reading[], last as Reading[]),
    log,
  }
}

function urlOf(door: Server): string {
  const { address, port, family } = door.address() as AddressInfo
  const host = address === '0.0.0.0' || address === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address
  return `http://${host}:${port}`
}

interface Running {
  pool: Pool
  door: Server
  lock: DataLock
  log: Log
}

/** The door closes, what is in hand finishes, jobs and git end, the databases close, the lock goes last. */
function stopOnSignal({ pool, door, lock, log }: Running): void {
  let stopping = false
  const stop = (signal: string): void => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'draining')
    const stopped = closeDoor(door).then(() => pool.stop(DRAIN_MS))
    stopped.then(
      () => {
        lock.release()
        process.exit(0)
      },
      (error: unknown) => {
        log.error({ err: error }, 'the server did not stop cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  process.on('SIGHUP', () => {
    pool.restart().catch((err: unknown) => log.error({ err }, 'the processes could not be replaced'))
  })
  // The desktop shell starts the server as its child: without the shell nobody could stop it any more.
  if (process.send) process.on('disconnect', () => stop('disconnect'))
}
