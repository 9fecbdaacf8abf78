// Everything that the rows play on: three servers with the same repositories, a load, and what each repository holds.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { prepareHome } from '../../server/git/run/config.ts'
import { ensureNginx, findNginx, findProgram } from '../../build/nginx.mjs'
import type { Target } from './client.ts'
import { runGit } from './git.ts'
import { openLoad, target, type Load } from './load.ts'
import { pin } from './meter.ts'
import { ADMIN, startOurs, type Ours } from './ours.ts'
import { ensureRepository, type Size } from './repositories.ts'
import { startBackend, startLimit, type Programs, type Side } from './servers.ts'

export interface Repository {
  name: string
  /** As generated. */
  path: string
  /** Objects that a clone asks for: all branches and tags. */
  tips: string[]
  /** The newest commit of main and its first parents. */
  history: string[]
}

export interface Stage {
  dir: string
  ours: Ours
  /** Absent where nginx and fcgiwrap are not to be had: `without` says why. */
  backend?: Side
  limit?: Side
  without?: string
  load: Load
  repositories: Repository[]
  /** Runs the servers on one core (the load has another), or on all of them again. */
  pinned(on: boolean): void
  /** Address of a repository on a side. */
  url(side: Side, repository: string): string
  /** Puts these bytes before static nginx. */
  limitFile(name: string, bytes: Buffer): Target
  close(): Promise<void>
}

export interface Wanted {
  dir: string
  /** Folder that keeps generated repositories. */
  repositories: string
  sizes: readonly Size[]
  tell: (text: string) => void
  /** Without installing anything and without tools that measure in whole seconds: for a test of the bench itself. */
  plain?: boolean
  /** Without the servers that ours is measured against. */
  alone?: boolean
  /** A private repository beside each public one. */
  privates?: boolean
}

const HISTORY = 1_000

export async function setStage(wanted: Wanted): Promise<Stage> {
  const { dir, repositories, sizes, tell, plain = false, alone = false, privates = false } = wanted
  const made: Repository[] = []
  for (const size of sizes) {
    tell(`repository ${size.name}`)
    made.push(await study(dir, size.name, await ensureRepository(repositories, size)))
  }
  tell('servers')
  const paths = Object.fromEntries(made.map(({ name, path }) => [name, path]))
  const ours = await startOurs(join(dir, 'ours'), paths, { privates })
  const programs = alone ? { problem: 'none was asked for' } : plain ? findNginx() : ensureNginx()
  const others = 'problem' in programs ? { without: programs.problem } : await startOthers(dir, paths, programs)
  const taskset = cpus().length > 1 ? findProgram('taskset') : undefined
  const load = openLoad({ dir, plain, taskset: taskset === undefined ? undefined : { path: taskset, core: '1' } })
  const sides = [ours, ...('backend' in others ? [others.backend, others.limit] : [])]
  return {
    dir,
    ours,
    ...others,
    load,
    repositories: made,
    pinned: (on) => {
      if (taskset !== undefined) for (const side of sides) pin(side.meter, taskset, on ? '0' : `0-${cpus().length - 1}`)
    },
    url: (side, repository) =>
      side.name === 'ours' ? `${side.url}/${ADMIN.name}/${repository}.git` : `${side.url}/${repository}.git`,
    limitFile: (name, bytes) => {
      writeFileSync(join(dir, 'files', name), bytes)
      return target(`${'limit' in others ? others.limit.url : ''}/${name}`)
    },
    close: async () => {
      load.close()
      for (const side of sides) await side.stop()
    },
  }
}

async function startOthers(
  dir: string,
  paths: Record<string, string>,
  programs: Programs,
): Promise<{ backend: Side; limit: Side }> {
  const copies = join(dir, 'backend-repositories')
  const files = join(dir, 'files')
  mkdirSync(files, { recursive: true })
  for (const [name, path] of Object.entries(paths)) cpSync(path, join(copies, `${name}.git`), { recursive: true })
  const { env } = prepareHome(join(dir, 'backend-home'), { path: process.env['PATH'] ?? '', plain: false })
  return {
    backend: await startBackend(join(dir, 'backend'), { repositories: copies, programs, env }),
    limit: await startLimit(join(dir, 'limit'), { files, programs }),
  }
}

async function study(dir: string, name: string, path: string): Promise<Repository> {
  const ask = (args: string[]): Promise<string> => runGit(['-C', path, ...args], { home: dir })
  const tips = await ask(['for-each-ref', '--format=%(objectname)', 'refs/heads', 'refs/tags'])
  const history = await ask(['rev-list', '--first-parent', `--max-count=${HISTORY}`, 'refs/heads/main'])
  return { name, path, tips: [...new Set(tips.split('\n'))], history: history.split('\n') }
}
