// Where repositories lie: VOLUME/<2 hex>/<id>.git, so that a rename or a transfer never touches the disk.
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'

export interface Volumes {
  /** Path of a repository's folder, whether it exists or not. */
  path(volume: string, id: string): string
  /** A folder on the same disk for what is being made or thrown away. */
  scratch(volume: string): Promise<string>
  /** Removes what processes that are gone left in the scratch folders. */
  sweepScratch(volume: string): Promise<void>
  /** Moves a finished folder into its place, on disk before this resolves. */
  publish(from: string, volume: string, id: string): Promise<void>
  /** Takes the repository out of its place at once and removes its files afterwards. */
  discard(volume: string, id: string): Promise<void>
  /** Ids of all repositories on disk. */
  list(volume: string): Promise<string[]>
  freeBytes(volume: string): Promise<number>
  names(): string[]
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export async function openVolumes(data: string): Promise<Volumes> {
  const roots = new Map([['main', join(data, 'volumes', 'main')]])
  for (const root of roots.values()) await mkdir(join(root, 'scratch'), { recursive: true })

  const rootOf = (volume: string): string => {
    const root = roots.get(volume)
    if (root === undefined) throw new Error(`There is no volume ${volume}.`)
    return root
  }
  const path = (volume: string, id: string): string => {
    if (!UUID.test(id)) throw new Error('A repository is found by its UUID only.')
    return `${rootOf(volume)}${sep}${id.slice(0, 2)}${sep}${id}.git`
  }
  return {
    path,
    names: () => [...roots.keys()],
    async scratch(volume) {
      const dir = join(rootOf(volume), 'scratch', scratchName())
      await mkdir(dir)
      return dir
    },
    async sweepScratch(volume) {
      const folder = join(rootOf(volume), 'scratch')
      for (const name of await readdir(folder)) {
        const dir = join(folder, name)
        if (await isAbandoned(dir, name)) await rm(dir, { recursive: true, force: true, maxRetries: 3 })
      }
    },
    async publish(from, volume, id) {
      const to = path(volume, id)
      await mkdir(dirname(to), { recursive: true })
      await syncTree(from)
      await rename(from, to)
      await syncFile(dirname(to))
      await syncFile(rootOf(volume))
    },
    async discard(volume, id) {
      const from = path(volume, id)
      if (!existsSync(from)) return
      const away = join(rootOf(volume), 'scratch', scratchName())
      await rename(from, away)
      await syncFile(dirname(from))
      await rm(away, { recursive: true, force: true, maxRetries: 3 })
    },
    async list(volume) {
      const found: string[] = []
      for (const folder of await readdir(rootOf(volume))) {
        if (!/^[0-9a-f]{2}$/.test(folder)) continue
        const names = await readdir(join(rootOf(volume), folder))
        found.push(...names.map((name) => name.replace(/\.git$/, '')).filter((id) => UUID.test(id)))
      }
      return found
    },
    async freeBytes(volume) {
      const stats = await statfs(rootOf(volume))
      return stats.bavail * stats.bsize
    },
  }
}

/** Says which process works in it. */
function scratchName(): string {
  return `${process.pid}-${crypto.randomUUID()}`
}

const LONGEST_WORK_MS = 60 * 60_000

/** Its process is gone, or is another one that has the same number by now. */
async function isAbandoned(dir: string, name: string): Promise<boolean> {
  const pid = Number(/^\d+(?=-)/.exec(name)?.[0] ?? 0)
  const changed = (await stat(dir).catch(() => undefined))?.mtimeMs ?? Date.now()
  if (pid === process.pid) return changed < Date.now() - process.uptime() * 1000
  return !isAlive(pid) || Date.now() - changed > LONGEST_WORK_MS
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function syncTree(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) await syncTree(path)
    else await syncFile(path)
  }
  await syncFile(dir)
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
