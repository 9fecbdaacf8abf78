// A folder becomes a volume: it is looked at closely, made where it is missing, and marked so that it is known again.
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, realpath, rm, rmdir } from 'node:fs/promises'
import { isAbsolute, join, parse, sep } from 'node:path'
import { Fault } from '../kit/fault.ts'
import { MARKER } from './disk.ts'
import { makeFolder, syncFile } from './files.ts'

export interface Adoption {
  id: string
  /** As an admin typed it. */
  folder: string
  /** Our data folder, and where new disks may be mounted in it. */
  data: string
  /** Folders of the volumes that are there already. */
  others: readonly string[]
}

/** What a fresh file system may hold by itself. */
const HARMLESS = new Set(['lost+found'])
const NOT_A_PATH = /[\p{Cc}]/u

/** Gives the folder's own path, without links. Leaves nothing behind when it refuses. */
export async function adopt({ id, folder, data, others }: Adoption): Promise<string> {
  if (!isAbsolute(folder) || NOT_A_PATH.test(folder)) throw refused('Give the whole path of the folder, from / on.')
  const made = await makeFolder(folder).catch((error: unknown) => Promise.reject(explained(error)))
  try {
    const path = await realpath(folder)
    const problem = apart(path, { data: await realpath(data), others })
    if (problem !== undefined) throw refused(problem)
    await mark(path, id)
    return path
  } catch (error) {
    // Folders that we made, and that nobody has put anything into.
    if (made !== undefined) await removeEmpty(folder, made)
    throw error instanceof Fault ? error : explained(error)
  }
}

/** Takes the mark away, and what is empty of our own making. */
export async function disown(path: string): Promise<void> {
  await rm(join(path, MARKER), { force: true })
  await rmdir(join(path, 'scratch')).catch(() => {})
}

function apart(path: string, { data, others }: Pick<Adoption, 'data' | 'others'>): string | undefined {
  if (path === parse(path).root) return 'The root of the whole file system cannot be a disk for repositories.'
  if (isWithin(data, path)) return 'The data folder of this server lies in that folder.'
  const mounts = join(data, 'volumes')
  if (isWithin(path, data) && (!isWithin(path, mounts) || path === mounts))
    return 'That folder belongs to the data of this server. Choose one outside of it.'
  const other = others.find((one) => isWithin(path, one) || isWithin(one, path))
  return other === undefined ? undefined : `That folder and the disk ${other} lie within each other.`
}

/** The folder itself counts. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

async function mark(path: string, id: string): Promise<void> {
  const found = (await readdir(path)).filter((name) => !HARMLESS.has(name))
  if (found.includes(MARKER))
    throw refused('That folder is a disk of a Gitstead already, of this one or another. Remove it there first.')
  if (found.length > 0) throw refused('That folder is not empty. Give repositories a folder of their own.')
  const file = await open(join(path, MARKER), 'wx', 0o600)
  try {
    await file.writeFile(`${JSON.stringify({ id, note: 'Gitstead keeps repositories here.' })}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await mkdir(join(path, 'scratch'), { recursive: true })
    await syncFile(path)
  } catch (error) {
    await rm(join(path, MARKER), { force: true })
    throw error
  }
}

async function removeEmpty(folder: string, from: string): Promise<void> {
  for (let at = folder; isWithin(at, from) && existsSync(at); at = join(at, '..'))
    if (
      !(await rmdir(at).then(
        () => true,
        () => false,
      ))
    )
      return
}

const REASONS: Record<string, string> = {
  EACCES: 'The server may not write there. Give the folder to the account that runs Gitstead.',
  EPERM: 'The server may not write there. Give the folder to the account that runs Gitstead.',
  EROFS: 'That disk can only be read.',
  ENOSPC: 'That disk is full.',
  ENOENT: 'Nothing can be made there.',
  ENOTDIR: 'A file stands in the way of that folder.',
  EEXIST: 'A file stands in the way of that folder, or somebody else is adding it right now.',
  ENAMETOOLONG: 'That path is too long.',
  ELOOP: 'That path leads in a circle.',
}

function explained(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reason = REASONS[code]
  return reason === undefined ? error : refused(reason)
}

function refused(detail: string): Fault {
  return new Fault('request.invalid', { detail, fields: { path: [detail] } })
}
