// Rows of clones and fetches: the answers to git's own requests, first and repeated, one and eight at once.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from './client.ts'
import { answerTo, postTarget } from './listings.ts'
import type { Contender, Contest, Plan, Sample } from './results.ts'
import type { Side } from './servers.ts'
import type { Repository, Stage } from './stage.ts'
import { fetch } from './wire.ts'

interface Row {
  repository: Repository
  what: string
  /** The request; a number of its own makes one that costs the same and that no cache has seen. */
  body: (fresh?: number) => Buffer
}

/** Short operations are repeated until a sample lasts this long. */
const SAMPLE_MS = 250
const MOST_REPEATS = 40
/** So many sightings make any answer one that is kept. */
const WARMING = 3

export function transfers(stage: Stage): Plan[] {
  return stage.repositories.flatMap((repository) => [
    ...[full(repository), shallow(repository)].flatMap((row) => [plan(stage, row, 1), plan(stage, row, 8)]),
    ...[1, 100].map((count) => plan(stage, incremental(repository, count), 1)),
  ])
}

function plan(stage: Stage, row: Row, clients: number): Plan {
  const { repository, what } = row
  return { repository: repository.name, what, clients, contest: () => contest(stage, row, clients) }
}

function full(repository: Repository): Row {
  const { tips } = repository
  const body = (fresh?: number): Buffer => {
    // Without one tip that others reach: as much to send, but another question.
    const leave = fresh === undefined ? -1 : fresh % (tips.length - 1)
    return fetch({ wants: tips.filter((_, i) => i !== leave) })
  }
  return { repository, what: 'clone, full', body }
}

function shallow(repository: Repository): Row {
  const { history } = repository
  const body = (fresh = -1): Buffer => fetch({ wants: [history[(fresh + 1) % history.length] ?? ''], depth: 1 })
  return { repository, what: 'clone, depth 1', body }
}

function incremental(repository: Repository, count: number): Row {
  const { history } = repository
  const body = (fresh = -1): Buffer => {
    const at = (fresh + 1) % (history.length - count)
    return fetch({ wants: [history[at] ?? ''], haves: [history[at + count] ?? ''] })
  }
  return { repository, what: `fetch, ${count} commit${count > 1 ? 's' : ''}`, body }
}

async function contest(stage: Stage, row: Row, clients: number): Promise<Contest> {
  const { ours, backend, limit } = stage
  const name = row.repository.name
  const to = (side: Side, body: Buffer): Target => postTarget(stage, { side, repository: name }, body)
  const repeated = to(ours, row.body())
  let fresh = clients * 100
  const contenders: Contender[] = [
    { side: ours, variant: 'first', sample: () => sample(stage, ours, clients, () => to(ours, row.body(fresh++))) },
    {
      side: ours,
      variant: 'repeated',
      prepare: async () => {
        for (let i = 0; i < WARMING; i++) await answerTo(repeated)
      },
      sample: () => sample(stage, ours, clients, () => repeated),
    },
  ]
  if (backend) {
    // As long as ours has to make it: what lies deeper in the history may cost more.
    const next = (): Target => to(backend, row.body(fresh++))
    contenders.push({ side: backend, variant: '', sample: () => sample(stage, backend, clients, next) })
  }
  if (limit) {
    const file = `${name} ${row.what}`.replaceAll(/\W+/g, '-')
    const same = stage.limitFile(file, await answerTo(repeated))
    contenders.push({ side: limit, variant: '', sample: () => sample(stage, limit, clients, () => same) })
  }
  return { repository: name, what: row.what, clients, unit: 'ms', pinned: false, contenders }
}

/** Milliseconds until all clients have the whole answer, and CPU of the server for all of them together. */
async function sample(stage: Stage, side: Side, clients: number, next: () => Target): Promise<Sample> {
  const before = side.meter.cpuMs()
  let took = 0
  let times = 0
  while (times === 0 || (took < SAMPLE_MS && times < MOST_REPEATS)) {
    const to = next()
    const { failed, seconds } = await stage.load.transfer(Array.from({ length: clients }, () => to))
    if (failed > 0) throw new Error(`${failed} of ${clients} transfers from ${to.url} failed`)
    took += seconds * 1000
    times += 1
  }
  // git may still be on its way out when its last byte has arrived.
  await sleep(20)
  return { value: took / times, cpuMs: (side.meter.cpuMs() - before) / times }
}
