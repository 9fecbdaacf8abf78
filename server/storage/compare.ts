// Proves that a copy is the same as what it was made of: every file read anew on both sides, its size and its hash.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Found } from './mirror.ts'

export interface Comparison {
  from: string
  to: string
  /** What was found at `from` before the copy was made. */
  files: readonly Found[]
  signal: AbortSignal
  /** Called with the bytes of the copy that were read so far. */
  progress: (done: number) => void
}

export interface Difference {
  /** From the root on. */
  path: string
  /** `changed`: what was copied is not there any more as it was found. `damaged`: the copy is another. */
  kind: 'changed' | 'damaged'
}

const CHUNK = 1024 * 1024

/** The first file that is not the same, or undefined. */
export async function findDifference(wish: Comparison): Promise<Difference | undefined> {
  let before = 0
  for (const { path, stats } of wish.files) {
    wish.signal.throwIfAborted()
    const tell = (bytes: number): void => wish.progress(before + bytes)
    const [source, copy] = await Promise.all([
      contents(join(wish.from, path), wish.signal, () => {}),
      contents(join(wish.to, path), wish.signal, tell),
    ])
    if (source?.size !== stats.size || source.mtimeMs !== stats.mtimeMs) return { path, kind: 'changed' }
    if (copy?.size !== source.size || copy.hash !== source.hash) return { path, kind: 'damaged' }
    before += stats.size
    wish.progress(before)
  }
  return undefined
}

/** Undefined where there is no such file. */
async function contents(
  path: string,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<{ size: number; mtimeMs: number; hash: string } | undefined> {
  const there = await stat(path).catch(() => undefined)
  if (!there?.isFile()) return undefined
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK, signal })) {
    hash.update(chunk as Buffer)
    size += (chunk as Buffer).length
    progress(size)
  }
  return { size, mtimeMs: there.mtimeMs, hash: hash.digest('hex') }
}
