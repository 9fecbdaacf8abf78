// What a server costs: CPU time of all its processes, also of those that have ended, and the memory they hold.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { readProc, tasksOf, treeOf } from '../helpers/proc.ts'

export interface Meter {
  /** `control group` counts every process; `process tree` misses children that a parent leaves for the system to reap. */
  readonly how: 'control group' | 'process tree'
  /** The command with which a process starts inside the meter. */
  around(command: string, args: string[]): [command: string, args: string[]]
  /** Names the root of a tree; only the process tree needs it. */
  watch(pid: number): void
  cpuMs(): number
  pids(): number[]
  close(): void
}

/** Where control groups may be mounted, and how each tells CPU time in milliseconds. */
const GROUPS: { root: string; cpuMs: (folder: string) => number }[] = [
  { root: '/sys/fs/cgroup/cpuacct', cpuMs: (folder) => Number(text(join(folder, 'cpuacct.usage'))) / 1e6 },
  { root: '/sys/fs/cgroup', cpuMs: (folder) => usage(folder) },
  { root: '/sys/fs/cgroup/unified', cpuMs: (folder) => usage(folder) },
]

function text(file: string): string {
  return readFileSync(file, 'utf8')
}

function usage(folder: string): number {
  return Number(/^usage_usec (\d+)$/m.exec(text(join(folder, 'cpu.stat')))?.[1]) / 1000
}

export function openMeter(name: string): Meter {
  return groupMeter(name) ?? treeMeter()
}

function groupMeter(name: string): Meter | undefined {
  for (const { root, cpuMs } of GROUPS) {
    const folder = join(root, `gitstead-bench-${process.pid}-${name}`)
    try {
      if (!existsSync(join(root, 'cgroup.procs'))) continue
      mkdirSync(folder)
      if (!Number.isFinite(cpuMs(folder))) throw new Error('this control group counts no CPU time')
    } catch {
      remove(folder)
      continue
    }
    const procs = join(folder, 'cgroup.procs')
    return {
      how: 'control group',
      around: (command, args) => ['sh', ['-c', 'echo $$ > "$0" && exec "$@"', procs, command, ...args]],
      watch: () => {},
      cpuMs: () => cpuMs(folder),
      pids: () => text(procs).split('\n').filter(Boolean).map(Number),
      close: () => remove(folder),
    }
  }
  return undefined
}

function remove(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // Not there, or a process has not gone yet: an empty group costs nothing.
  }
}

function treeMeter(): Meter {
  const roots: number[] = []
  return {
    how: 'process tree',
    around: (command, args) => [command, args],
    watch: (pid) => void roots.push(pid),
    cpuMs: () => treeOf(roots).reduce((total, pid) => total + cpuOf(pid), 0),
    pids: () => treeOf(roots),
    close: () => {},
  }
}

/** Own time in nanoseconds from the scheduler, plus that of children already waited for, in ticks of 10 ms. */
function cpuOf(pid: number): number {
  const own = tasksOf(pid)
    .map((task) => Number(readProc(task, 'schedstat').split(' ')[0] ?? 0))
    .reduce((total, ns) => total + ns / 1e6, 0)
  const fields = readProc(pid, 'stat')
    .replace(/^.*\) /, '')
    .split(' ')
  return own + (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) * 10
}

/** Megabytes: resident, and resident with shared pages counted in proportion. */
export function memoryOf(meter: Meter): { rss: number; pss: number } {
  const sum = { rss: 0, pss: 0 }
  for (const pid of meter.pids()) {
    const rollup = readProc(pid, 'smaps_rollup')
    sum.rss += Number(/^Rss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024
    sum.pss += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024
  }
  return sum
}

/** Puts all processes of the meter on these cores (`0`, `0-3`); what they start later inherits it. */
export function pin(meter: Meter, taskset: string, cores: string): void {
  for (const pid of meter.pids()) {
    try {
      execFileSync(taskset, ['-a', '-c', '-p', cores, String(pid)], { stdio: 'ignore' })
    } catch {
      // The process has ended meanwhile.
    }
  }
}
