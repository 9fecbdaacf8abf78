// Processes as /proc tells of them. Tests ask again and again until it is as they want: a read is cheaper than a program.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

export const hasProc = existsSync('/proc/self/stat')

/** Those whose parent is one of these, in the order of their numbers. */
export function childrenOf(parents: number[]): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parents.includes(parentOf(pid)))
    .toSorted((a, b) => a - b)
}

export function commandOf(pid: number): string {
  return read(pid, 'cmdline').split('\0').join(' ').trim()
}

function parentOf(pid: number): number {
  return Number(/^.*\) \S (\d+)/s.exec(read(pid, 'stat'))?.[1])
}

/** Empty where the process has ended meanwhile. */
function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
