// npm run bench: ours, git http-backend and the limit side by side, in one run and one table of ratios.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { buildIfStale } from '../../build/fresh.mjs'
import { signing } from './auth.ts'
import { browsing } from './browse.ts'
import { idleFetches, pushes } from './clients.ts'
import { jobs, writes } from './database.ts'
import { gate } from './gate.ts'
import { listings, logins } from './listings.ts'
import { memoryOf } from './meter.ts'
import { SIZES } from './repositories.ts'
import { figure, type Figure, type Line, type Plan } from './results.ts'
import { hold } from './rounds.ts'
import { setStage, type Stage } from './stage.ts'
import { short, table } from './table.ts'
import { transfers } from './transfers.ts'
import { crew } from './workers.ts'

const USAGE = `npm run bench -- [PART …] [--quick] [--only TEXT] [--rounds N] [--json] [--repos DIR]
  PART          git (beside http-backend and static files), browse (what pages ask for, beside plain git), auth (what
                people sign in with), workers (one and two that serve), jobs, writes (several processes on one
                database); default: all
  --quick       small and medium repository only, two short rounds
  --only TEXT   rows whose repository and name contain TEXT, for example ls-refs, "large clone", push
  --rounds N    rounds per row, default 5; the sides take turns in each
  --repos DIR   keeps the generated repositories for the next run
  --json        prints every figure as JSON instead of the table`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string' },
    json: { type: 'boolean', default: false },
    repos: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

interface Options {
  dir: string
  repositories: string
  rounds: number
  seconds: number
}

/** Lines of the table, and sentences below it. */
interface Findings {
  lines: Line[]
  told: string[]
}

/** Then the processes have let go of what nobody uses. */
const REST_MS = 10_000

const PARTS: Record<string, (options: Options) => Promise<Findings>> = {
  git: besideOthers,
  browse: async (options) => {
    const sizes = values.quick ? SIZES.slice(0, 1) : SIZES.slice(-1)
    const stage = await held(setStage({ ...options, sizes, tell, alone: true }))
    const { plans, memory } = await held(browsing(stage))
    const lines = await perform(stage, plans, options)
    const during = memory()
    await sleep(REST_MS)
    const after = memory()
    const told = `${short(during)} MB in proportion at once, ${short(after)} MB after ten seconds of rest`
    return { lines, told: [`Memory after all pages: ${told}; aim 400 MB: ${aim(after <= 400)}`] }
  },
  auth: async (options) => {
    const stage = await held(setStage({ ...options, sizes: SIZES.slice(0, 1), tell, alone: true, privates: true }))
    const { plans } = await held(signing(stage, options.seconds))
    return { lines: await perform(stage, plans, options), told: [] }
  },
  workers: async (options) => {
    const stage = await held(setStage({ ...options, sizes: SIZES.slice(0, 1), tell, alone: true }))
    const { plans, idle } = await held(crew(stage, options.seconds))
    const lines = await perform(stage, plans, options)
    tell('idle memory')
    return { lines: [...lines, ...(await idle(options.rounds))], told: [] }
  },
  jobs: async (options) => ({ lines: await jobs({ ...options, tell }, values.quick ? 200 : 2000), told: [] }),
  writes: async (options) => ({ lines: await writes({ ...options, tell }, values.quick ? 1 : 3), told: [] }),
}

/** What is to be closed, the last that was opened first. */
const open: (() => Promise<void>)[] = []

/** Also what is still being opened when the bench is interrupted is closed. */
function held<T extends { close: () => Promise<void> }>(opening: Promise<T>): Promise<T> {
  open.push(async () => (await opening.catch(() => undefined))?.close())
  return opening
}

async function closeAll(): Promise<void> {
  for (let close = open.pop(); close; close = open.pop()) await close()
}

async function main(): Promise<void> {
  const asked = positionals.length > 0 ? positionals : Object.keys(PARTS)
  const unknown = asked.find((name) => !(name in PARTS))
  if (unknown !== undefined) {
    process.stderr.write(`There is no part ${unknown}.\n${USAGE}\n`)
    process.exitCode = 1
    return
  }
  buildIfStale()
  const root = mkdtempSync(join(tmpdir(), 'gitstead-bench-'))
  try {
    await Promise.race([measure(root, asked), interrupted()])
  } finally {
    await closeAll()
    rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
  // What was under way when it was interrupted would go on against servers that are no more.
  process.exit()
}

async function measure(root: string, asked: string[]): Promise<void> {
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 5))
  const repositories = values.repos ?? join(root, 'repositories')
  const all: Findings = { lines: [], told: [] }
  for (const name of asked) {
    const dir = join(root, name)
    mkdirSync(dir)
    const { lines, told } = (await PARTS[name]?.({ dir, repositories, rounds, seconds: 1 })) ?? all
    all.lines.push(...lines)
    all.told.push(...told)
    await closeAll()
  }
  if (values.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
  else print(all)
}

/** Fails when somebody ends the bench: its servers are stopped and its folder goes all the same. */
function interrupted(): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(`ended by ${signal}`)))
  })
}

async function besideOthers(options: Options): Promise<Findings> {
  const stage = await held(setStage({ ...options, sizes: values.quick ? SIZES.slice(0, 2) : SIZES, tell }))
  const { readyMs, idle } = await startUp(stage, options.rounds)
  tell('correctness')
  const proofs = await gate(stage)
  const { seconds } = options
  const plans = [
    ...listings(stage, seconds),
    ...idleFetches(stage),
    ...transfers(stage),
    ...logins(stage, seconds),
    ...pushes(stage),
  ]
  const lines = await perform(stage, plans, options)
  const after = memoryOf(stage.ours.meter)
  const told = [
    `Ready after ${short(readyMs.median)} ms (${short(readyMs.min)}–${short(readyMs.max)}); aim 1,500 ms: ${aim(readyMs.median <= 1500)}`,
    `Idle memory of all processes: ${short(idle.rss)} MB resident, ${short(idle.pss)} MB in proportion; aim 250 MB: ${aim(idle.pss <= 250)}`,
    `Memory after all rows: ${short(after.rss)} MB resident, ${short(after.pss)} MB in proportion`,
    ...proofs,
    `Rates by ${stage.load.tool}, CPU by ${stage.ours.meter.how}; servers on one core, load on the other.`,
    "CPU is the server's, per request or per row of transfers at once. http-backend checks no credentials.",
    ...(stage.without === undefined ? [] : [`No comparison: ${stage.without}.`]),
  ]
  return { lines, told }
}

async function perform(stage: Stage, plans: Plan[], { rounds }: Options): Promise<Line[]> {
  const all: Line[] = []
  for (const plan of plans.filter(isAsked)) {
    tell(`${plan.repository} ${plan.what}, ${plan.clients} at once`.trim())
    all.push(...(await hold(stage, await plan.contest(), rounds)))
  }
  return all
}

function isAsked({ repository, what }: Plan): boolean {
  return values.only.split(' ').every((word) => `${repository} ${what}`.includes(word))
}

interface StartUp {
  readyMs: Figure
  idle: { rss: number; pss: number }
}

async function startUp(stage: Stage, rounds: number): Promise<StartUp> {
  tell('start')
  const ready: number[] = []
  for (let i = 0; i < rounds; i++) {
    await stage.ours.restart()
    ready.push(stage.ours.readyMs)
  }
  await sleep(2000)
  return { readyMs: figure(ready), idle: memoryOf(stage.ours.meter) }
}

function print({ lines, told }: Findings): void {
  const out = [
    table(lines),
    '',
    ...told,
    `${cpus().length} cores (${cpus()[0]?.model ?? '?'}), load ${loadavg().map(short).join(' ')}`,
    'Ratios of rates: more is better; of ms and of CPU: less is better. Limit: the same bytes from nginx, JSON from Express.',
  ]
  process.stdout.write(`${out.join('\n')}\n`)
}

function aim(met: boolean): string {
  return met ? 'met' : 'MISSED'
}

function tell(text: string): void {
  const load = readFileSync('/proc/loadavg', 'utf8').split(' ')[0]
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text} (load ${load})\n`)
}

if (values.help) process.stdout.write(`${USAGE}\n`)
else await main()
