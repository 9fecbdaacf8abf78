// Rows of the hot path: capabilities and lists of refs, anonymous and with credentials, and sign-ins.
import type { Target } from './client.ts'
import { target } from './load.ts'
import { addPeople, ADMIN } from './ours.ts'
import type { Contender, Contest, Plan, Sample } from './results.ts'
import type { Side } from './servers.ts'
import type { Repository, Stage } from './stage.ts'
import { CAPABILITIES, lsRefs } from './wire.ts'

export const V2 = { 'Git-Protocol': 'version=2' }
const POST = { ...V2, 'Content-Type': 'application/x-git-upload-pack-request' }

export function postTarget(
  stage: Stage,
  to: { side: Side; repository: string },
  body: Buffer,
  login: Record<string, string> = {},
): Target {
  const url = `${stage.url(to.side, to.repository)}/git-upload-pack`
  return target(url, { body, headers: { ...POST, ...login } })
}

/** The whole answer; anything but 200 is an error. */
export async function answerTo({ url, method, headers, body }: Target): Promise<Buffer> {
  const bytes = Uint8Array.from(Buffer.from(body, 'base64'))
  const answer = await fetch(url, { method, headers, redirect: 'error', ...(method === 'POST' ? { body: bytes } : {}) })
  const text = Buffer.from(await answer.arrayBuffer())
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${text.toString().slice(0, 200)}`)
  return text
}

/** Requests per second, and CPU of the server for each. */
export async function rate(
  stage: Pick<Stage, 'load'>,
  side: Side,
  work: { to: Target; clients: number; seconds: number },
): Promise<Sample> {
  const before = side.meter.cpuMs()
  const { requests, failed, seconds } = await stage.load.rate(work.to, work.clients, work.seconds)
  const cpu = side.meter.cpuMs() - before
  if (failed > 0 || requests === 0) throw new Error(`${failed} of ${requests} requests to ${work.to.url} failed`)
  return { value: requests / seconds, cpuMs: cpu / requests }
}

type Ask = (side: Side, login: Record<string, string>) => Target

interface Row {
  repository: string
  what: string
  ask: Ask
}

export function listings(stage: Stage, seconds: number): Plan[] {
  const rows: Row[] = []
  const first = stage.repositories[0]
  if (first) {
    const path = (side: Side): string => `${stage.url(side, first.name)}/${CAPABILITIES}`
    const ask: Ask = (side, login) => target(path(side), { headers: { ...V2, ...login } })
    rows.push({ repository: first.name, what: 'v2 capabilities', ask })
  }
  for (const repository of stage.repositories) {
    rows.push(listing(stage, repository, { what: 'ls-refs, all', body: lsRefs() }))
    rows.push(listing(stage, repository, { what: 'ls-refs, one prefix', body: lsRefs([PREFIX]) }))
  }
  return rows.flatMap((row) =>
    [1, 8].map((clients) => {
      const { repository, what } = row
      return { repository, what, clients, contest: () => contest(stage, row, { clients, seconds }) }
    }),
  )
}

export const PREFIX = 'refs/heads/feature/topic-1'

function listing(stage: Stage, { name }: Repository, { what, body }: { what: string; body: Buffer }): Row {
  const ask: Ask = (side, login) => postTarget(stage, { side, repository: name }, body, login)
  return { repository: name, what, ask }
}

async function contest(stage: Stage, row: Row, load: { clients: number; seconds: number }): Promise<Contest> {
  const { ours, backend, limit } = stage
  const contender = (side: Side, variant: string, to: Target): Contender => ({
    side,
    variant,
    prepare: async () => {
      await answerTo(to)
      // A program that compiles itself as it runs is measured when it has.
      if (side.name === 'ours') await stage.load.rate(to, load.clients, load.seconds)
    },
    sample: () => rate(stage, side, { to, ...load }),
  })
  const contenders = Object.entries(ours.login).map(([variant, login]) =>
    contender(ours, variant, row.ask(ours, login)),
  )
  if (backend) contenders.push(contender(backend, '', row.ask(backend, {})))
  if (limit) {
    const file = `${row.repository} ${row.what}`.replaceAll(/\W+/g, '-')
    contenders.push(contender(limit, '', stage.limitFile(file, await answerTo(row.ask(ours, {})))))
  }
  const { repository, what } = row
  return { repository, what, clients: load.clients, unit: 'req/s', pinned: true, contenders }
}

const PEOPLE = 8

/** Sign-ins: never seen before (eight people at once), and remembered ones; and a password on the API. */
export function logins(stage: Stage, seconds: number): Plan[] {
  const { ours } = stage
  const alone = (what: string, variant: string, make: () => Promise<Contender['sample']>): Plan => {
    const row = { repository: '', what, clients: 8 }
    const contest = async (): Promise<Contest> => {
      const contenders = [{ side: ours, variant, sample: await make() }]
      return { ...row, unit: 'req/s', pinned: variant !== 'first', contenders }
    }
    return { ...row, contest }
  }
  const busy = (to: Target) => async () => () => rate(stage, ours, { to, clients: 8, seconds })
  const admin = { username: ADMIN.name, password: ADMIN.password }
  return [
    alone('sign-in', 'first', () => firstSignIns(stage)),
    alone('sign-in', 'remembered', busy(signIn(ours, admin))),
    alone('GET /2.0/user', 'password', busy(target(`${ours.url}/2.0/user`, { headers: ours.login.password }))),
  ]
}

function signIn(side: Side, who: { username: string; password: string }): Target {
  const headers = { 'Content-Type': 'application/json' }
  return target(`${side.url}/api/gitstead/1/session`, { body: Buffer.from(JSON.stringify(who)), headers })
}

async function firstSignIns(stage: Stage): Promise<Contender['sample']> {
  const { ours } = stage
  const people = (await addPeople(ours, PEOPLE)).map((who) => signIn(ours, who))
  return async () => {
    // What was verified is remembered by the process: a new one has to compute.
    await ours.restart()
    const before = ours.meter.cpuMs()
    const { failed, seconds } = await stage.load.transfer(people)
    if (failed > 0) throw new Error(`${failed} sign-ins failed`)
    return { value: PEOPLE / seconds, cpuMs: (ours.meter.cpuMs() - before) / PEOPLE }
  }
}
