// Where counted histories lie between requests and starts: one small file for each repository, which may go at any time.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Rooms } from '../../rooms.ts'
import { listAll } from '../repositories/actions.ts'
import { Tally } from './tally.ts'

const ENDING = '.json'

function folderOf({ config }: Pick<Rooms, 'config'>): string {
  return join(config.data, 'cache', 'insights')
}

/** Undefined where there is none, or none that can be read. */
export async function readTally(rooms: Rooms, repositoryId: string): Promise<Tally | undefined> {
  try {
    const text = await readFile(join(folderOf(rooms), repositoryId + ENDING), 'utf8')
    return Tally.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** A disk that takes nothing costs counting again, and nothing else. */
export async function keepTally(rooms: Rooms, repositoryId: string, tally: Tally): Promise<void> {
  const file = join(folderOf(rooms), repositoryId + ENDING)
  const made = `${file}.${process.pid}`
  try {
    await mkdir(folderOf(rooms), { recursive: true, mode: 0o700 })
    await writeFile(made, JSON.stringify(tally), { mode: 0o600 })
    await rename(made, file)
  } catch (err) {
    rooms.log.warn({ err }, 'what was counted of a history could not be kept')
    await rm(made, { force: true }).catch(() => {})
  }
}

/** After a purge: names and addresses of people stand in it. */
export async function dropTally(rooms: Rooms, repositoryId: string): Promise<void> {
  await rm(join(folderOf(rooms), repositoryId + ENDING), { force: true })
}

/** Drops what is of no repository any more. */
export async function pruneTallies(rooms: Rooms): Promise<void> {
  const names = await readdir(folderOf(rooms)).catch(() => [])
  const there = new Set((await listAll(rooms.db.read)).map(({ id }) => id))
  for (const name of names)
    if (!there.has(name.slice(0, -ENDING.length))) await rm(join(folderOf(rooms), name), { force: true })
}
