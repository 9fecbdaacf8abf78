// The server of this machine: found running or started, followed while it runs, asked what goes on.
import { statusOf } from './commands.ts'
import { dataFolder, type Desk, tell } from './desk.ts'
import { isOurs, nextFree } from './port.ts'
import { instanceAt, openServerApi } from './server-api.ts'
import type { ServerStatus } from './supervisor.ts'

/** How often the server is asked what goes on. */
const LOOK_MS = 2000
/** Every so many looks, the repositories are listed too. */
const RECENT_EVERY = 10

/** Looks at the data folder and does what its state asks for: attach, start, or wait for the first run. */
export async function boot(desk: Desk): Promise<void> {
  const { now, settings, platform, supervisor } = desk
  forget(desk)
  now.attached = null
  try {
    now.status = await statusOf(platform.program, now.chosen ?? settings.get().data)
  } catch (error) {
    now.notes.push(error instanceof Error ? error.message : String(error))
    return tell(desk)
  }
  if (now.status.running) {
    now.attached = now.status.running
    connect(desk, now.status.running.url)
  } else if (now.status.accounts > 0 && !now.paused && !now.quitting) supervisor.start()
  tell(desk)
}

export function followServer(desk: Desk): void {
  desk.supervisor.onStatus((status) => heard(desk, status))
}

function heard(desk: Desk, { state, url, refused }: ServerStatus): void {
  const { now } = desk
  if (state === 'running' && url !== null && !now.api) connect(desk, url)
  if (state !== 'running' && !now.attached && now.api) forget(desk)
  now.port = null
  if (refused === 'port') void lookAtPort(desk)
  if (refused === 'in-use') void boot(desk)
  tell(desk)
}

function connect(desk: Desk, url: string): void {
  forget(desk)
  const { now, settings, platform } = desk
  const { admin: kept } = settings.get()
  const admin = kept !== null && now.status.admins.includes(kept) ? kept : now.status.admins[0]
  if (admin !== undefined) now.api = openServerApi({ url, data: dataFolder(desk), admin, program: platform.program })
  void look(desk, true)
}

function forget({ now, windows }: Desk): void {
  now.api?.close()
  now.api = undefined
  now.overview = null
  windows.forgetRepositories()
}

async function lookAtPort(desk: Desk): Promise<void> {
  const { port, lan, lanHost } = desk.settings.get()
  const ours = await isOurs(port, desk.now.status.instance)
  const free = await nextFree(port, lan ? lanHost : '127.0.0.1')
  desk.now.port = { busy: ours ? 'ourselves' : 'stranger', free }
  tell(desk)
}

/** Gives what ends it. */
export function keepLooking(desk: Desk): () => void {
  let looks = 0
  const timer = setInterval(() => void look(desk, looks++ % RECENT_EVERY === 0), LOOK_MS)
  return () => clearInterval(timer)
}

export async function look(desk: Desk, all = false): Promise<void> {
  const { now } = desk
  if (now.attached && (await instanceAt(now.attached.url)) === undefined) return boot(desk)
  const { api } = now
  if (!api) return
  try {
    const overview = await api.overview()
    const recent = all ? (await api.repositories()).map(({ path }) => path) : now.recent
    if (now.api !== api) return
    Object.assign(now, { overview, recent })
    tell(desk)
  } catch {
    // What is wrong with the server, its supervisor sees and says.
  }
}

/** After a change of how it is to run. */
export async function restart(desk: Desk): Promise<void> {
  const { now, supervisor } = desk
  if (now.attached || now.paused || now.status.accounts === 0) return tell(desk)
  await supervisor.restart()
}
