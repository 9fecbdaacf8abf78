// npm run bench: ours, git http-backend and the limit side by side, in one run and one table of ratios.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { buildIfStale } from '../../build/fresh.mjs'
import { idleFetches, pushes } from './clients.ts'
import { gate } from './gate.ts'
import { listings, logins } from './listings.ts'
import { memoryOf } from './meter.ts'
import { SIZES } from './repositories.ts'
import { figure, type Figure, type Line, type Plan } from './results.ts'
import { hold } from './rounds.ts'
import { setStage, type Stage } from './stage.ts'
import { short, table } from './table.ts'
import { transfers } from './transfers.ts'

const USAGE = `npm run bench -- [--quick] [--only TEXT] [--rounds N] [--json] [--repos DIR]
  --quick       small and medium repository only, two short rounds
  --only TEXT   rows whose repository and name contain TEXT, for example ls-refs, "large clone", push
  --rounds N    rounds per row, default 5; the sides take turns in each
  --repos DIR   keeps the generated repositories for the next run
  --json        prints every figure as JSON instead of the table`

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string' },
    json: { type: 'boolean', default: false },
    repos: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(`${USAGE}\n`)
else await main()

async function main(): Promise<void> {
  buildIfStale()
  const dir = mkdtempSync(join(tmpdir(), 'gitstead-bench-'))
  const options = {
    rounds: Number(values.rounds ?? (values.quick ? 2 : 5)),
    seconds: 1,
    sizes: values.quick ? SIZES.slice(0, 2) : SIZES,
  }
  const setting = setStage({
    dir,
    repositories: values.repos ?? join(dir, 'repositories'),
    sizes: options.sizes,
    tell,
  })
  try {
    await Promise.race([setting.then((stage) => perform(stage, options)), interrupted()])
  } finally {
    const stage = await setting.catch(() => undefined)
    await stage?.close()
    rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
  // What was under way when it was interrupted would go on against servers that are no more.
  process.exit()
}

/** Fails when somebody ends the bench: its servers are stopped and its folder goes all the same. */
function interrupted(): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(`ended by ${signal}`)))
  })
}

async function perform(stage: Stage, options: { rounds: number; seconds: number }): Promise<void> {
  const start = await startUp(stage, options.rounds)
  tell('correctness')
  const proofs = await gate(stage)
  const all: Line[] = []
  const plans = [
    ...listings(stage, options.seconds),
    ...idleFetches(stage),
    ...transfers(stage),
    ...logins(stage, options.seconds),
    ...pushes(stage),
  ]
  for (const plan of plans.filter(isAsked)) {
    tell(`${plan.repository} ${plan.what}, ${plan.clients} at once`.trim())
    all.push(...(await hold(stage, await plan.contest(), options.rounds)))
  }
  const after = memoryOf(stage.ours.meter)
  if (values.json) process.stdout.write(`${JSON.stringify({ start, after, lines: all }, null, 2)}\n`)
  else print(stage, { all, start, after, proofs })
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

interface Findings {
  all: Line[]
  start: StartUp
  after: { rss: number; pss: number }
  proofs: string[]
}

function print(stage: Stage, { all, start, after, proofs }: Findings): void {
  const { readyMs, idle } = start
  const out = [
    table(all),
    '',
    `Ready after ${short(readyMs.median)} ms (${short(readyMs.min)}–${short(readyMs.max)}); aim 1,500 ms: ${aim(readyMs.median <= 1500)}`,
    `Idle memory of all processes: ${short(idle.rss)} MB resident, ${short(idle.pss)} MB in proportion; aim 250 MB: ${aim(idle.rss <= 250)}`,
    `Memory after all rows: ${short(after.rss)} MB resident, ${short(after.pss)} MB in proportion`,
    ...proofs,
    `${cpus().length} cores (${cpus()[0]?.model ?? '?'}), load ${loadavg().map(short).join(' ')}, ${stage.load.tool} for rates, CPU by ${stage.ours.meter.how}`,
    'Rates: servers on one core, load on the other. Ratios of rates: more is better; of ms and of CPU: less is better.',
    "CPU is the server's, per request or per row of transfers at once. http-backend checks no credentials.",
    ...(stage.without === undefined ? [] : [`No comparison: ${stage.without}.`]),
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
