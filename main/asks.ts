// What each ask of the control page does.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LanAddress } from './addresses.ts'
import { addAdmin, doctor, recover } from './commands.ts'
import type { Ask, Outcome, TestedAddress } from './contract.ts'
import { attempt, dataFolder, type Desk, done, mine, stateOf, tell } from './desk.ts'
import { diagnosticsText } from './diagnostics.ts'
import { boot, restart } from './hosting.ts'
import type { Handlers } from './ipc.ts'
import { startAtLogin } from './login.ts'
import { moveData, pickFolder } from './moving.ts'
import { instanceAt } from './server-api.ts'
import { findUpdate } from './updates.ts'

type Part<N extends keyof Handlers> = Pick<Handlers, N>

export function handlersOf(desk: Desk): Handlers {
  return { ...ofServer(desk), ...ofSettings(desk), ...ofPages(desk), ...ofPeople(desk), ...ofHelp(desk) }
}

function ofServer(
  desk: Desk,
): Part<
  | 'state'
  | 'start'
  | 'restart'
  | 'pause'
  | 'resume'
  | 'takePort'
  | 'overview'
  | 'firstRun'
  | 'chooseFolder'
  | 'moveData'
> {
  const { now, supervisor, settings } = desk
  const start = (): Outcome => {
    now.paused = false
    supervisor.start()
    return done
  }
  return {
    state: () => stateOf(desk),
    overview: () => now.overview,
    start: () => mine(desk, start),
    resume: () => mine(desk, start),
    restart: () =>
      mine(desk, async () => {
        await restart(desk)
        return done
      }),
    pause: () =>
      mine(desk, async () => {
        now.paused = true
        await supervisor.stop()
        tell(desk)
        return done
      }),
    takePort: ({ port }) =>
      mine(desk, async () => {
        settings.change({ port })
        await restart(desk)
        return done
      }),
    chooseFolder: async () => {
      const folder = await pickFolder(desk, 'Where the data of Gitstead lies')
      if (folder !== null) {
        now.chosen = folder
        await boot(desk)
      }
      return { folder }
    },
    firstRun: (given) => firstRun(desk, given),
    moveData: () => mine(desk, () => moveData(desk)),
  }
}

async function firstRun(desk: Desk, { name, password, lan, startAtLogin: login }: Ask<'firstRun'>): Promise<Outcome> {
  const { now, settings, platform } = desk
  if (now.status.accounts > 0) return { problem: 'There is an account already.' }
  const data = dataFolder(desk)
  const problem = await addAdmin(platform.program, data, name, password)
  if (problem !== undefined) return { problem }
  settings.change({ data, admin: name, lan, startAtLogin: login })
  if (login) startAtLogin({ ...platform, system: process.platform }, true)
  now.chosen = null
  await boot(desk)
  return done
}

function ofSettings(desk: Desk): Part<'setSettings' | 'selfTest' | 'checkUpdates' | 'openUpdate'> {
  const { now, platform } = desk
  return {
    setSettings: (change) => setSettings(desk, change),
    selfTest: () => Promise.all(stateOf(desk).lan.map((one) => test(one, now.status.instance))),
    checkUpdates: () => checkUpdates(desk),
    openUpdate: () => {
      if (now.update) platform.openOutside(now.update.url)
      return done
    },
  }
}

async function test(one: LanAddress, own: string | null): Promise<TestedAddress> {
  const found = await instanceAt(one.url)
  const reached = found !== undefined && found === own
  const nobody = 'Nobody answers: a firewall may stand between.'
  return { ...one, reached, said: reached ? 'Answers.' : found ? 'Another server answers there.' : nobody }
}

async function setSettings(desk: Desk, change: Ask<'setSettings'>): Promise<Outcome> {
  const { now, settings, platform } = desk
  if (now.attached && change.lan !== undefined)
    return { problem: 'Who may reach a service is set where it is started.' }
  const before = settings.get()
  const wanted = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  let after
  try {
    after = settings.change(wanted)
  } catch (error) {
    return { problem: `The settings could not be kept: ${error instanceof Error ? error.message : String(error)}` }
  }
  if (after.startAtLogin !== before.startAtLogin)
    startAtLogin({ ...platform, system: process.platform }, after.startAtLogin)
  if (after.lan !== before.lan) await restart(desk)
  tell(desk)
  return done
}

export async function checkUpdates(desk: Desk): Promise<Outcome> {
  const { now, settings, platform } = desk
  const feed = settings.get().updates
  const current = platform.app.getVersion()
  if (feed === null) {
    now.updateState = { state: 'off', version: null, words: 'No place is set where newer versions are looked up.' }
  } else {
    try {
      now.update = await findUpdate(feed, current)
      now.updateState = now.update
        ? {
            state: 'found',
            version: now.update.version,
            words: now.update.notes || `Version ${now.update.version} is out.`,
          }
        : { state: 'none', version: null, words: `Version ${current} is the newest.` }
    } catch (error) {
      now.updateState = {
        state: 'failed',
        version: null,
        words: error instanceof Error ? error.message : String(error),
      }
    }
  }
  tell(desk)
  return done
}

function ofPages(
  desk: Desk,
): Part<'show' | 'go' | 'answerLink' | 'repositories' | 'createRepository' | 'cancelTransfer'> {
  const { now } = desk
  return {
    show: ({ surface }) => (surface === 'repositories' ? showRepositories(desk) : showControl(desk)),
    go: ({ where }) => {
      desk.windows.go(where)
      return done
    },
    answerLink: ({ follow }) => {
      const { wish } = now
      now.wish = undefined
      tell(desk)
      if (!follow || !wish) return done
      if (wish.verb === 'logs') return showControl(desk, 'logs')
      return showRepositories(desk, wish.verb === 'repository' ? wish.path : undefined)
    },
    repositories: async () => (await now.api?.repositories()) ?? [],
    createRepository: ({ name }) => attempt(desk, async (api) => ({ cloneUrl: await api.createRepository(name) })),
    cancelTransfer: ({ id }) =>
      attempt(desk, async (api) => {
        await api.cancelTransfer(id)
        return done
      }),
  }
}

export function showControl(desk: Desk, name?: 'logs' | 'settings'): Outcome {
  const { now, windows } = desk
  if (name !== undefined) now.section = { name, turn: (now.section?.turn ?? 0) + 1 }
  windows.closeRepositories()
  tell(desk)
  return done
}

function showRepositories(desk: Desk, path?: string): Promise<Outcome> {
  const { windows } = desk
  return attempt(desk, async (api) => {
    const fresh = path !== undefined || !windows.hasRepositories()
    await windows.openRepositories(fresh ? await api.entryAddress(path ?? '/') : undefined)
    tell(desk)
    return done
  })
}

function ofPeople(desk: Desk): Part<'people' | 'invite' | 'recover'> {
  const { now, platform } = desk
  return {
    people: async () => (await now.api?.people()) ?? [],
    invite: ({ note }) => attempt(desk, async (api) => ({ link: await api.invite(note) })),
    recover: async (given) => {
      const problem = await recover(platform.program, dataFolder(desk), given)
      return problem === undefined ? done : { problem }
    },
  }
}

function ofHelp(desk: Desk): Part<'logs' | 'openFolder' | 'exportDiagnostics'> {
  const { platform, log } = desk
  const logs = (): string => join(platform.app.getPath('userData'), 'logs')
  return {
    logs: () => log.last(),
    openFolder: async ({ which }) => {
      const problem = await platform.openPath(which === 'data' ? dataFolder(desk) : logs())
      return problem === '' ? done : { problem }
    },
    exportDiagnostics: async () => {
      const { canceled, filePath } = await platform.dialog.showSaveDialog(desk.windows.window, {
        title: 'Save the diagnostics',
        defaultPath: join(platform.app.getPath('documents'), 'gitstead-diagnostics.txt'),
      })
      if (canceled || filePath === '') return done
      await writeFile(filePath, await diagnosticsOf(desk), { mode: 0o600 })
      return { file: filePath }
    },
  }
}

async function diagnosticsOf(desk: Desk): Promise<string> {
  const { now, platform, settings, supervisor, log } = desk
  const { attached, paused, overview } = now
  return diagnosticsText({
    version: platform.app.getVersion(),
    settings: settings.get(),
    status: { server: supervisor.status, attached, paused, overview },
    doctor: await doctor(platform.program, dataFolder(desk)),
    log: log.last(),
    folder: dataFolder(desk),
  })
}
