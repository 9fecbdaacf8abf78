// Processes as /proc tells of them. Tests ask again and again until it is as they want: a read is cheaper than a program.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

export const hasProc = existsSync('/proc/self/stat')

/** All that run, and those that have ended of which their parent has not heard yet. */
export function everyProcess(): number[] {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** Those whose parent is one of these, in the order of their numbers. */
export function childrenOf(parents: number[]): number[] {
  return parents
    .flatMap(tasksOf)
    .flatMap((place) => readProc(place, 'children').split(' ').filter(Boolean).map(Number))
    .toSorted((a, b) => a - b)
}

/** Of a process, as places below /proc. */
export function tasksOf(pid: number): string[] {
  return namesIn(`/proc/${pid}/task`).map((task) => `${pid}/task/${task}`)
}

/** These as far as they run, and all that they started and what those did. */
export function treeOf(roots: number[]): number[] {
  const tree = roots.filter((pid) => existsSync(`/proc/${pid}`))
  for (let next = childrenOf(tree); next.length > 0; next = childrenOf(next)) tree.push(...next)
  return tree
}

/** The program and its arguments, with spaces between. */
export function commandOf(pid: number): string {
  return readProc(pid, 'cmdline').split('\0').join(' ').trim()
}

/** State and parent, of the kernel's account of a process; a parent of 0 where there is none. */
export function standingOf(pid: number): { state: string; parent: number } {
  const [state = '', parent] = readProc(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ')
  return { state, parent: Number(parent ?? 0) }
}

/** Empty where the process has ended meanwhile, or is not ours to look at. */
export function readProc(place: number | string, name: string): string {
  try {
    return readFileSync(`/proc/${place}/${name}`, 'utf8')
  } catch {
    return ''
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
