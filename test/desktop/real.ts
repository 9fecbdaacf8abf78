// The desktop under a real Electron, where one is: driven by Playwright, with the built bundle as it is.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { _electron, type Page } from 'playwright'
import type { Answers, AskName, DesktopState } from '../../main/contract.ts'
import { eventually } from '../helpers/invariant.ts'
import { addAdmin, remove, tempDir } from '../helpers/server.ts'
import type { Driven, Group } from './scenarios.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** The program of a package by `GITSTEAD_ELECTRON`, or what the npm package has fetched; undefined where there is neither. */
export function findElectron(): string | undefined {
  const given = process.env['GITSTEAD_ELECTRON']
  if (given !== undefined) return given
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  const name = join(folder, 'path.txt')
  if (!existsSync(name)) return undefined
  const program = join(folder, 'dist', readFileSync(name, 'utf8').trim())
  return existsSync(program) ? program : undefined
}

export async function openReal(program: string, port: number, { settings, prepare }: Group): Promise<Driven> {
  const userData = tempDir('gitstead-real-')
  mkdirSync(userData, { recursive: true })
  const data = join(userData, settings?.folder ?? 'data')
  if (settings) {
    if (settings.folder === undefined) addAdmin(data)
    writeFileSync(join(userData, 'settings.json'), JSON.stringify({ data, port, ...settings.raw }))
  }
  prepare?.(userData)
  const packaged = process.env['GITSTEAD_ELECTRON'] !== undefined
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const app = await _electron.launch({
    executablePath: program,
    args: [...root, `--user-data-dir=${userData}`, ...(packaged ? [] : [ROOT])],
  })
  await app.evaluate(({ shell }) => {
    const opened: string[] = []
    Reflect.set(globalThis, '__opened', opened)
    shell.openExternal = (url) => {
      opened.push(url)
      return Promise.resolve()
    }
  })
  const page = await app.firstWindow()
  const ask = <N extends AskName>(name: N, given?: unknown): Promise<Answers[N]> =>
    page.evaluate(
      ([asked, sent]) => {
        const { ask: asks } = Reflect.get(globalThis, 'gitstead')
        return sent === undefined ? asks(asked) : asks(asked, sent)
      },
      [name, given] as const,
    ) as Promise<Answers[N]>
  const state = (): Promise<DesktopState> => ask('state')
  return {
    page,
    userData,
    data,
    port,
    ask,
    state,
    until: async (wanted, ms = 60_000) => {
      if (!(await eventually(async () => wanted(await state()), ms)))
        throw new Error(`It did not come to that: ${JSON.stringify(await state(), undefined, 1)}`)
      return state()
    },
    repositories: async () => {
      const isView = (one: Page): boolean => one !== page && one.url().startsWith('http')
      await eventually(() => app.windows().some(isView))
      const view = app.windows().find(isView)
      if (!view) throw new Error('There is no view of repositories.')
      return view
    },
    opened: () => app.evaluate(() => (Reflect.get(globalThis, '__opened') as string[]).splice(0)),
    link: (address) =>
      app.evaluate(({ app: own }, given) => void own.emit('second-instance', {}, ['gitstead', given]), address),
    quit: async () => {
      await app.close()
      remove(userData)
    },
  }
}
