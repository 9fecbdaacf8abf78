// What the server writes, kept for the window (the last lines) and in a file that does not grow without bounds.
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'

const KEPT_LINES = 200
const FILE_BYTES = 5 * 2 ** 20

export interface KeptLog {
  line: (text: string) => void
  last: () => string[]
}

/** `folder` gets `gitstead.log` and, once that is full, the one before it as `gitstead.log.1`. */
export function openKeptLog(folder: string): KeptLog {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'gitstead.log')
  const kept: string[] = []
  let size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  return {
    line: (text) => {
      if (text === '') return
      kept.push(text)
      if (kept.length > KEPT_LINES) kept.shift()
      try {
        if (size > FILE_BYTES) {
          renameSync(path, `${path}.1`)
          size = 0
        }
        appendFileSync(path, `${text}\n`, { mode: 0o600 })
        size += Buffer.byteLength(text) + 1
      } catch {
        // A full disk must not end the one who tells about it.
      }
    },
    last: () => [...kept],
  }
}
