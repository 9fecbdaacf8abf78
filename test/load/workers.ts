// Rows of what a second process is good for: a JSON resource and a list of refs from one and from two, and idle memory.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerTo, postTarget, rate } from './listings.ts'
import type { Target } from './client.ts'
import { target } from './load.ts'
import { memoryOf, openMeter } from './meter.ts'
import { ADMIN, type Ours, startOurs } from './ours.ts'
import { alone, type Contender, type Contest, type Line, type Plan } from './results.ts'
import type { Side } from './servers.ts'
import type { Stage } from './stage.ts'
import { lsRefs } from './wire.ts'

const CLIENTS = 16

export interface Crew {
  plans: Plan[]
  /** Megabytes of all processes with two that serve, after a start and a rest. */
  idle: (rounds: number) => Promise<Line[]>
  close: () => Promise<void>
}

export async function crew(stage: Stage, seconds: number): Promise<Crew> {
  const [repository] = stage.repositories
  if (!repository) throw new Error('there is no repository to ask for')
  const { name, path } = repository
  const start = (count: number): Promise<Ours> =>
    startOurs(join(stage.dir, `workers-${count}`), { [name]: path }, { env: { GITSTEAD_WORKERS: String(count) } })
  const [one, two] = [await start(1), await start(2)]
  const resource = (side: Ours): Target => target(`${side.url}/2.0/repositories/${ADMIN.name}/${name}`)
  const plain = await startExpress(JSON.parse((await answerTo(resource(one))).toString()) as object)
  const contest = (what: string, ask: (side: Ours) => Target, limit?: Side): Plan => {
    const row = { repository: name, what, clients: CLIENTS }
    const contender = (side: Side, variant: string, to: Target): Contender => ({
      side,
      variant,
      prepare: async () => void (await rate(stage, side, { to, clients: CLIENTS, seconds })),
      sample: () => rate(stage, side, { to, clients: CLIENTS, seconds }),
    })
    const made = (): Contest => ({
      ...row,
      unit: 'req/s',
      pinned: false,
      contenders: [
        contender(one, '1 process', ask(one)),
        contender(two, '2 processes', ask(two)),
        ...(limit ? [contender(limit, '', target(limit.url))] : []),
      ],
    })
    return { ...row, contest: () => Promise.resolve(made()) }
  }
  return {
    plans: [
      contest(`GET of ${await sizeOf(resource(one))} KB of JSON`, resource, plain),
      contest('ls-refs, all', (side) => postTarget(stage, { side, repository: name }, lsRefs())),
    ],
    idle: (rounds) => idle(two, rounds),
    close: async () => {
      for (const side of [one, two, plain]) await side.stop()
    },
  }
}

async function sizeOf(to: Target): Promise<string> {
  return ((await answerTo(to)).length / 1024).toFixed(1)
}

const REST_MS = 5000

async function idle(two: Ours, rounds: number): Promise<Line[]> {
  const [resident, shared]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    await two.restart()
    await sleep(REST_MS)
    const { rss, pss } = memoryOf(two.meter)
    resident.push(rss)
    shared.push(pss)
  }
  const ways = new Map([
    ['shared pages in proportion', shared],
    ['resident', resident],
  ])
  return alone({ repository: '', what: 'idle, 2 processes that serve', unit: 'MB' }, ways)
}

async function startExpress(value: object): Promise<Side> {
  const meter = openMeter('express')
  const [execPath, args] = meter.around(process.execPath, [])
  const child = fork(join(import.meta.dirname, 'express.ts'), { execPath, execArgv: args })
  if (child.pid !== undefined) meter.watch(child.pid)
  child.send(value)
  const [port] = (await once(child, 'message')) as [number]
  return {
    name: 'limit',
    url: `http://127.0.0.1:${port}/`,
    meter,
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      meter.close()
    },
  }
}
