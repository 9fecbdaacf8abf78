// What must be on disk before we say so: files and the folders that name them, synced.
import { mkdir, open, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Everything below, and the folder itself. */
export async function syncTree(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) await syncTree(path)
    else if (entry.isFile()) await syncFile(path)
  }
  await syncFile(dir)
}

/** A file or a folder. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Makes the folders that lead to a place; gives the topmost one that was not there. One by one: Node's own way tries for
 * ever where a file system takes no folders and says that their parent is missing, as /proc does.
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  const missing: string[] = []
  for (let at = path; !(await isThere(at)); at = dirname(at)) missing.unshift(at)
  for (const folder of missing) await makeOne(folder)
  const [made] = missing
  if (made !== undefined) await syncFile(dirname(made))
  return made
}

/** Of what another process has made meanwhile nothing is said. A link that leads nowhere stands for a disk that is not there. */
async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    if (!(await isThere(folder)))
      throw Object.assign(new Error('a link leads nowhere'), { code: 'ENOENT', syscall: 'mkdir' })
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory() || Promise.reject(wrongKind())
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

function wrongKind(): Error {
  return Object.assign(new Error('not a folder'), { code: 'ENOTDIR' })
}
