// A disk of its own for a test: a small file system in memory, where the test may mount one.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  path: string
  /** Reading goes on, writing fails. */
  readOnly(yes: boolean): void
  /** Leaves the empty folder behind, as a disk does that is pulled out. What is on it comes back with `mount`. */
  unmount(): void
  mount(): void
  remove(): void
}

function run(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

/** Why a test that needs a disk of its own cannot be run here; undefined where it can. */
export const noDisks = ((): string | undefined => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root mounts a file system'
  const path = mkdtempSync(join(tmpdir(), 'gitstead-disk-'))
  const able = run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path]) && run('umount', [path])
  rmdirSync(path)
  return able ? undefined : 'this machine lets nobody mount a file system'
})()

export function makeDisk(megabytes: number): SmallDisk {
  // What is pulled out and put back lies at a place of its own meanwhile, and is only bound to the path.
  const [path, store] = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'gitstead-disk-'))) as [string, string]
  need('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', store])
  need('mount', ['--bind', store, path])
  return {
    path,
    readOnly: (yes) => {
      need('mount', ['-o', `remount,${yes ? 'ro' : 'rw'},bind`, path])
    },
    unmount: () => need('umount', ['-l', path]),
    mount: () => need('mount', ['--bind', store, path]),
    remove: () => {
      run('umount', ['-l', path])
      run('umount', ['-l', store])
      rmdirSync(path)
      rmdirSync(store)
    },
  }
}

function need(command: string, args: string[]): void {
  if (!run(command, args)) throw new Error(`${command} ${args.join(' ')} failed`)
}
