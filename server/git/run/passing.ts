// Folders that last no longer than their process: outside the data, which may lie on a disk that cannot be written now.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from '../../kit/process.ts'

const PREFIX = 'gitstead-git-'

/** Readable by this account only. Its path is of few characters, as the system allows no long ones for sockets. */
export function passingFolder(): string {
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`))
}

/** Those of processes that were killed; what belongs to somebody else cannot be removed, and stays. */
export function sweepPassing(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN
    if (!(pid > 0) || isAlive(pid)) continue
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true })
    } catch {
      // Another account's.
    }
  }
}
