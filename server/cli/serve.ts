// gitstead serve: lock, open, listen, tell; and on SIGTERM drain in the opposite order.
import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { openApp, type App } from '../app.ts'
import type { Config } from '../config.ts'
import { makeSetupLink } from '../features/invitations/actions.ts'
import { listen, type Listener } from '../ingress/listener.ts'
import { openLog, type Log } from '../kit/log.ts'
import { type DataLock, takeLock } from '../storage/lock.ts'
import type { Command } from './commands.ts'
import { configOf, parse } from './options.ts'
import { explained, Refusal } from './refusal.ts'

const DRAIN_MS = 10_000

export const serve: Command = {
  usage: '  serve  [--host 127.0.0.1] [--port 7990]          serve repositories and pages until SIGTERM',
  async run(args) {
    const { values } = parse(args, { host: { type: 'string' }, port: { type: 'string' }, log: { type: 'string' } })
    const config = configOf(values)
    try {
      await start(config, openLog(config.log))
    } catch (error) {
      throw explained(error, config)
    }
  },
}

async function start(config: Config, log: Log): Promise<void> {
  mkdirSync(config.data, { recursive: true, mode: 0o700 })
  const lock = takeLock(config.data)
  if ('heldBy' in lock) {
    const { pid, url } = lock.heldBy ?? { pid: 'unknown', url: '' }
    throw new Refusal(
      `The data folder ${config.data} is in use by another Gitstead (process ${pid}${url ? ` at ${url}` : ''}).`,
    )
  }
  let app: App | undefined
  try {
    lock.announce('')
    app = await openApp(config, log, { crashed: lock.afterCrash })
    const listener = await listen(app.listener, config)
    stopOnSignal({ app, listener, lock, log })
    await announce(app, listener, lock)
  } catch (error) {
    await app?.close()
    lock.release()
    throw error
  }
}

async function announce(app: App, listener: Listener, lock: DataLock): Promise<void> {
  const { address, port, family } = listener.server.address() as AddressInfo
  const host = address === '0.0.0.0' || address === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address
  const url = `http://${host}:${port}`
  app.rooms.address.url = url
  lock.announce(url)
  const setup = await makeSetupLink(app.rooms)
  process.stdout.write(`Gitstead is ready at ${url}\n`)
  if (setup) process.stdout.write(`Set it up at ${url}/setup#token=${setup.secret}\n`)
}

interface Running {
  app: App
  listener: Listener
  lock: DataLock
  log: Log
}

/** The listener closes, what is in hand finishes, jobs and git end, the database closes, the lock goes last. */
function stopOnSignal({ app, listener, lock, log }: Running): void {
  let stopping = false
  const stop = (signal: string): void => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'draining')
    listener
      .close(DRAIN_MS)
      .then(() => app.close())
      .then(
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
  // The desktop shell starts the server as its child: without the shell nobody could stop it any more.
  if (process.send) process.on('disconnect', () => stop('disconnect'))
}
