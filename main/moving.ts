// The guided move of the data folder: stop, copy, verify, switch; the folder before stays as it was.
import { copyData } from './commands.ts'
import type { Outcome } from './contract.ts'
import { dataFolder, type Desk, done, tell } from './desk.ts'
import { boot } from './hosting.ts'

export async function pickFolder(desk: Desk, title: string): Promise<string | null> {
  const { canceled, filePaths } = await desk.platform.dialog.showOpenDialog(desk.windows.window, {
    title,
    defaultPath: dataFolder(desk),
    properties: ['openDirectory', 'createDirectory'],
  })
  return canceled ? null : (filePaths[0] ?? null)
}

export async function moveData(desk: Desk): Promise<Outcome> {
  const { now, settings, supervisor, platform } = desk
  if (now.move?.state === 'copying' || now.move?.state === 'verifying')
    return { problem: 'The data is being moved already.' }
  const to = await pickFolder(desk, 'Where the data moves to: an empty folder')
  if (to === null) return done
  const from = dataFolder(desk)
  now.move = { state: 'copying', done: 0, total: 0, words: `Copying to ${to}` }
  tell(desk)
  await supervisor.stop()
  const problem = await copyData(platform.program, from, to, ({ state, done: copied = 0, total = 0 }) => {
    if (state !== 'copying' && state !== 'verifying') return
    const words = state === 'copying' ? `Copying to ${to}` : `Comparing ${to} with what it was copied from`
    now.move = { state, done: copied, total, words }
    tell(desk)
  })
  if (problem === undefined) {
    now.chosen = null
    try {
      settings.change({ data: to })
    } catch {
      // Kept or not, this run goes on with the copy: two folders that both take pushes would part.
      now.chosen = to
      now.notes.push(`The settings could not be written: choose the folder ${to} again at the next start.`)
    }
    const words = `The data is in ${to} now. The folder before, ${from}, is as it was: remove it when you are sure.`
    now.move = { state: 'done', done: 1, total: 1, words }
  } else now.move = { state: 'failed', done: 0, total: 1, words: `${problem} The data is where it was.` }
  await boot(desk)
  return problem === undefined ? done : { problem }
}
