// Rows measured with real git end to end: fetches that find nothing new, and pushes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gitEnv } from '../helpers/git.ts'
import { runGit } from './git.ts'
import type { Contender, Contest, Plan, Sample } from './results.ts'
import type { Side } from './servers.ts'
import type { Repository, Stage } from './stage.ts'

const FETCHES_PER_SAMPLE = 5

/** `git fetch` by a client that has everything. */
export function idleFetches(stage: Stage): Plan[] {
  return stage.repositories.map((repository) => {
    const row = { repository: repository.name, what: 'git fetch, nothing new', clients: 1 }
    const contest = async (): Promise<Contest> => ({ ...row, ...REAL, contenders: await fetchers(stage, repository) })
    return Object.assign(row, { contest })
  })
}

const REAL = { unit: 'ms', pinned: false } as const

async function fetchers(stage: Stage, repository: Repository): Promise<Contender[]> {
  const contenders: Contender[] = []
  for (const side of sidesOf(stage)) {
    const clone = await clientOf(stage, repository, `fetch-${side.name}`)
    const url = stage.url(side, repository.name)
    for (const [variant, login] of logins(stage, side)) {
      const args = [...login, '-C', clone, 'fetch', '-q', url, '+refs/heads/*:refs/remotes/origin/*']
      const sample = (): Promise<Sample> => timed(stage, side, { args, times: FETCHES_PER_SAMPLE })
      contenders.push({ side, variant, prepare: async () => void (await sample()), sample })
    }
  }
  return contenders
}

/** Credentials go with the first request, so that both sides see as many: git itself would be refused once before. */
function logins(stage: Stage, side: Side): [variant: string, args: string[]][] {
  const header = `Authorization: ${stage.ours.login['app password']['Authorization'] ?? ''}`
  const withHeader = ['-c', `http.extraHeader=${header}`]
  if (side.name !== 'ours') return [['', withHeader]]
  return [
    ['anonymous', []],
    ['app password', withHeader],
  ]
}

/** Pushes of new commits to a branch. They change the repositories: to be measured last. */
export function pushes(stage: Stage): Plan[] {
  return stage.repositories.flatMap((repository) =>
    [1, 1_000].map((count) => {
      const what = `push, ${count.toLocaleString('en-US')} commit${count > 1 ? 's' : ''}`
      const row = { repository: repository.name, what, clients: 1 }
      const contest = async (): Promise<Contest> => ({
        ...row,
        ...REAL,
        contenders: await pushers(stage, repository, count),
      })
      return Object.assign(row, { contest })
    }),
  )
}

async function pushers(stage: Stage, repository: Repository, count: number): Promise<Contender[]> {
  const contenders: Contender[] = []
  for (const side of sidesOf(stage)) {
    const clone = await clientOf(stage, repository, `push-${count}-${side.name}`)
    const [variant, login] = logins(stage, side).at(-1) ?? ['', []]
    const branch = `refs/heads/bench-${count}`
    const args = [...login, '-C', clone, 'push', '-q', stage.url(side, repository.name), `${branch}:${branch}`]
    const sample = async (): Promise<Sample> => {
      await addCommits(stage, clone, { branch, count })
      await quiet(side)
      return timed(stage, side, { args, times: 1 })
    }
    contenders.push({ side, variant, prepare: async () => void (await sample()), sample })
  }
  return contenders
}

function sidesOf({ ours, backend }: Stage): Side[] {
  return backend ? [ours, backend] : [ours]
}

/** A client's repository with all branches and tags, without copying a byte. */
export async function clientOf(stage: Stage, repository: Repository, name: string): Promise<string> {
  const path = join(stage.dir, 'clients', `${repository.name}-${name}`)
  const refspec = ['-c', 'remote.origin.fetch=+refs/heads/*:refs/remotes/origin/*', '-c', 'gc.auto=0']
  await runGit(['clone', '-q', '--bare', '--shared', ...refspec, repository.path, path], { home: stage.dir })
  return path
}

async function timed(stage: Stage, side: Side, { args, times }: { args: string[]; times: number }): Promise<Sample> {
  const before = side.meter.cpuMs()
  const start = performance.now()
  for (let i = 0; i < times; i++) await runGit(args, { home: stage.dir })
  const took = performance.now() - start
  await sleep(20)
  return { value: took / times, cpuMs: (side.meter.cpuMs() - before) / times }
}

/** Upkeep after one push is not measured with the next one. */
async function quiet(side: Side): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const before = side.meter.cpuMs()
    await sleep(100)
    if (side.meter.cpuMs() - before < 3) return
  }
}

let commits = 0

/** Each commit changes one file. */
async function addCommits(
  stage: Stage,
  clone: string,
  { branch, count }: { branch: string; count: number },
): Promise<void> {
  const base = await runGit(['-C', clone, 'rev-parse', '--verify', '-q', branch], { home: stage.dir }).catch(() =>
    runGit(['-C', clone, 'rev-parse', 'refs/heads/main'], { home: stage.dir }),
  )
  const text = Array.from({ length: count }, (_, i) => {
    const who = `Bench <bench@example.com> ${1_500_000_000 + ++commits} +0000`
    const content = `step ${commits}\n`
    const from = i === 0 ? `from ${base}\n` : ''
    const data = `data ${content.length}\n${content}\n`
    return `commit ${branch}\ncommitter ${who}\n${data}${from}M 100644 inline part0/bench-${i % 50}.txt\n${data}\n`
  })
  const env = gitEnv(join(stage.dir, 'home'))
  const child = spawn('git', ['-C', clone, 'fast-import', '--quiet', '--done'], {
    env,
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  const ended = once(child, 'exit')
  child.stdin.end(`${text.join('')}done\n`)
  const [code] = (await ended) as [number]
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`)
}
