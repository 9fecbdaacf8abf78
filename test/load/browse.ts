// Rows of what pages ask for, on a large repository: our answers over HTTP beside the plain git commands for the same.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { gitEnv } from '../helpers/git.ts'
import { clientOf } from './clients.ts'
import { runGit } from './git.ts'
import { answerTo } from './listings.ts'
import { target } from './load.ts'
import { memoryOf, openMeter } from './meter.ts'
import { ADMIN } from './ours.ts'
import type { Contender, Contest, Plan, Sample } from './results.ts'
import type { Side } from './servers.ts'
import type { Repository, Stage } from './stage.ts'

export interface Browsing {
  plans: Plan[]
  /** Megabytes of all processes of the server, shared pages in proportion. */
  memory: () => number
  close: () => Promise<void>
}

/** So often in one sample; one goes before those that count, so that V8 has met what is measured. */
const USUAL_TIMES = 20
/** Of the commit that changes many files. */
const MANY = 3000
const BRANCHES = 500
const TOUCHED = 10

interface Row {
  what: string
  /** Addresses that one page asks for, one after the other. */
  ask: (base: string) => Promise<string[]>
  /** Commands of git that give the same; only some of them are run where they are many: `of` how many those stand for. */
  git?: (() => Promise<string[][]>) | undefined
  of?: number
  /** What a sample needs first and is not measured. */
  before?: () => Promise<unknown>
  times?: number
  /** Only until its answer begins; or as the server says itself how long it took until then. */
  until?: 'first byte' | 'answered'
  variant?: string
}

interface Ground {
  stage: Stage
  repository: Repository
  /** A client's copy, as new commits are made in it; the objects are those of the generated one. */
  path: string
  git: Side
  ask: (args: string[]) => Promise<string>
}

export async function browsing(stage: Stage): Promise<Browsing> {
  const repository = stage.repositories.at(-1)
  if (!repository) throw new Error('there is no repository to look at')
  const git = gitSide()
  const path = await clientOf(stage, repository, 'browse')
  const ask = (args: string[]): Promise<string> => runGit(['-C', path, ...args], { home: stage.dir })
  const ground: Ground = { stage, repository, path, git, ask }
  const rows = await rowsOf(ground)
  return {
    plans: rows.map((row) => ({
      repository: repository.name,
      what: row.what,
      clients: 1,
      contest: () => Promise.resolve(contestOf(ground, row)),
    })),
    memory: () => memoryOf(stage.ours.meter).pss,
    close: () => git.stop(),
  }
}

/** Commands of git by themselves, each as its own process: what a server without a memory would start. */
function gitSide(): Side {
  const meter = openMeter('git')
  return { name: 'backend', url: '', meter, stop: () => Promise.resolve(meter.close()) }
}

function contestOf(ground: Ground, row: Row): Contest {
  const head = { repository: ground.repository.name, what: row.what, clients: 1 }
  const contenders: Contender[] = [ours(ground, row)]
  if (row.git) contenders.push(theirs(ground, row, row.git))
  return { ...head, unit: 'ms', pinned: false, contenders }
}

function ours({ stage, repository }: Ground, row: Row): Contender {
  const own = `${stage.ours.url}/api/gitstead/1/repositories/${ADMIN.name}/${repository.name}`
  const sample = async (): Promise<Sample> => {
    await row.before?.()
    const urls = await row.ask(own)
    const times = row.times ?? USUAL_TIMES
    const cpu = stage.ours.meter.cpuMs()
    let ms = 0
    for (let i = 0; i < times; i++) {
      const began = performance.now()
      let said = 0
      for (const url of urls)
        if (row.until === 'answered') said += await renderTimeOf(url)
        else await (row.until === 'first byte' ? beginningOf(url) : answerTo(target(url)))
      ms += row.until === 'answered' ? said : performance.now() - began
    }
    return { value: ms / times, cpuMs: (stage.ours.meter.cpuMs() - cpu) / times }
  }
  return { side: stage.ours, variant: row.variant ?? '', prepare: async () => void (await sample()), sample }
}

async function beginningOf(url: string): Promise<void> {
  const answer = await fetch(url)
  const reader = answer.body?.getReader()
  await reader?.read()
  await reader?.cancel()
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`)
}

/** In milliseconds, by its own header. */
async function renderTimeOf(url: string): Promise<number> {
  const answer = await fetch(url)
  await answer.arrayBuffer()
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`)
  return Number(answer.headers.get('x-render-time')) * 1000
}

function theirs({ stage, path, git }: Ground, row: Row, commands: () => Promise<string[][]>): Contender {
  const sample = async (): Promise<Sample> => {
    const all = await commands()
    const cpu = git.meter.cpuMs()
    const began = performance.now()
    for (const args of all) await runMetered(stage, git, ['-C', path, ...args])
    const times = (row.of ?? all.length) / all.length
    return { value: (performance.now() - began) * times, cpuMs: (git.meter.cpuMs() - cpu) * times }
  }
  return { side: git, variant: '', sample }
}

async function runMetered(stage: Stage, { meter }: Side, args: string[]): Promise<void> {
  const [command, all] = meter.around('git', args)
  const child = spawn(command, all, { env: gitEnv(join(stage.dir, 'home')), stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.pid !== undefined) meter.watch(child.pid)
  const ended = once(child, 'close')
  child.stdout.resume()
  const [code] = (await ended) as [number]
  // git grep and diff tell by 1 whether they found something.
  if (code > 1) throw new Error(`git ${args.join(' ').slice(0, 200)} ended with ${code}`)
}

function fixed(...urls: string[]): Row['ask'] {
  return () => Promise.resolve(urls)
}

function own(...paths: string[]): Row['ask'] {
  return (base) => Promise.resolve(paths.map((path) => `${base}/${path}`))
}

function commands(...all: string[][]): Row['git'] {
  return () => Promise.resolve(all)
}

async function rowsOf(ground: Ground): Promise<Row[]> {
  const { stage, repository, ask } = ground
  const folder = 'wide'
  const entries = (await ask(['ls-tree', '--name-only', 'main', `${folder}/`])).split('\n')
  const file = entries[0] ?? ''
  const branches = (await ask(['for-each-ref', '--format=%(refname:short)', 'refs/heads/feature'])).split('\n')
  const chosen = branches.slice(-BRANCHES)
  const [oldest = 'main'] = chosen
  const api = `${stage.ours.url}/2.0/repositories/${ADMIN.name}/${repository.name}`
  const tree = [`tree/main/${folder}`, `last-commits/main/${folder}`]
  const some = entries.slice(0, 20).map((path) => ['log', '-1', '--format=%H', 'main', '--', path])
  const names = new URLSearchParams(chosen.map((name) => ['name', name]))
  const far = chosen.slice(0, 20).map((name) => ['rev-list', '--left-right', '--count', `main...${name}`])
  const many = await pushChange(ground, { branch: 'many', from: 'main', paths: await manyPaths(ground) })
  const log = `${api}/commits/main?pagelen=50`
  return [
    {
      what: `tree page, ${entries.length} entries`,
      variant: 'warm',
      ask: own(...tree),
      git: commands(...some),
      of: entries.length,
    },
    {
      what: `tree page after a push of ${TOUCHED} files`,
      variant: 'first visit',
      before: () => pushChange(ground, { branch: 'visited', paths: entries.slice(0, TOUCHED) }),
      times: 1,
      ask: own(`tree/visited/${folder}`, `last-commits/visited/${folder}`),
    },
    {
      what: 'names of a folder, first byte',
      ask: own(`tree/main/${folder}`),
      until: 'first byte',
      git: commands(['ls-tree', '-l', 'main', `${folder}/`]),
    },
    { what: 'file', ask: fixed(`${api}/src/main/${file}`), git: commands(['cat-file', 'blob', `main:${file}`]) },
    {
      what: 'log, 50 commits',
      ask: fixed(log),
      git: commands(['log', '-50', '--format=raw', 'main']),
    },
    { what: 'log, 50 commits', variant: 'by X-Render-Time', until: 'answered', ask: fixed(log) },
    {
      what: 'history of a file',
      times: 5,
      ask: fixed(`${api}/filehistory/main/${file}?pagelen=50`),
      git: commands(['log', '-50', '--follow', '--format=raw', 'main', '--', file]),
    },
    {
      what: 'blame',
      variant: 'repeated',
      ask: own(`blame/main/${file}`),
      git: commands(['blame', '--porcelain', 'main', '--', file]),
    },
    {
      what: 'merge base',
      ask: fixed(`${api}/merge-base/main..${oldest}`),
      git: commands(['merge-base', 'main', oldest]),
    },
    {
      what: `ahead and behind of ${chosen.length} branches`,
      times: 5,
      ask: own(`ahead-behind?${names}`),
      git: commands(...far),
      of: chosen.length,
    },
    {
      what: `list of changes, ${MANY.toLocaleString('en-US')} files`,
      times: 5,
      ask: own(`changes/${many}`),
      git: commands(['diff-tree', '-r', '--raw', '--numstat', '-M', `${repository.history[0]}`, many]),
    },
    {
      what: 'find a word',
      times: 2,
      ask: own('search?q=zzqqxx&ref=main'),
      git: commands(['grep', '-n', '-i', '-I', '-F', '-e', 'zzqqxx', 'main']),
    },
    {
      what: 'archive, tar.gz',
      times: 1,
      ask: fixed(`${stage.ours.url}/${ADMIN.name}/${repository.name}/get/main.tar.gz`),
      git: commands(['archive', '--format=tar.gz', 'main']),
    },
  ]
}

async function manyPaths({ ask }: Ground): Promise<string[]> {
  const all = (await ask(['ls-tree', '-r', '--name-only', 'main'])).split('\n')
  return all.filter((path) => !path.startsWith('wide/')).slice(0, MANY)
}

let steps = 0

/** A commit on top of the branch that adds a line's worth to each of the files, pushed to our server; gives its id. */
async function pushChange(
  { stage, repository, path, ask }: Ground,
  { branch, from = `refs/heads/${branch}`, paths }: { branch: string; from?: string; paths: readonly string[] },
): Promise<string> {
  const known = await ask(['rev-parse', '--verify', '-q', from]).catch(() => ask(['rev-parse', 'main']))
  const who = `Bench <bench@example.com> ${1_600_000_000 + ++steps} +0000`
  const content = `step ${steps}\n`
  const data = `data ${content.length}\n${content}\n`
  const files = paths.map((path) => `M 100644 inline ${path}\n${data}`).join('')
  const text = `commit refs/heads/${branch}\ncommitter ${who}\n${data}from ${known}\n${files}\ndone\n`
  const args = ['-C', path, 'fast-import', '--quiet', '--done', '--force']
  const child = spawn('git', args, { env: gitEnv(join(stage.dir, 'home')), stdio: ['pipe', 'inherit', 'inherit'] })
  const ended = once(child, 'close')
  child.stdin.end(text)
  const [code] = (await ended) as [number]
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`)
  const url = new URL(stage.url(stage.ours, repository.name))
  Object.assign(url, { username: ADMIN.name, password: ADMIN.password })
  await ask(['push', '-q', '-f', url.href, `refs/heads/${branch}:refs/heads/${branch}`])
  return ask(['rev-parse', `refs/heads/${branch}`])
}
