// Taking a push: git does the work and words the report; we watch the report go by and hold it until rows are written.
import { Readable } from 'node:stream'
import { Fault } from '../../kit/fault.ts'
import { HIDDEN, SERVER_MADE } from '../run/config.ts'
import { syncFolders } from './durable.ts'
import { begun, endFault } from '../run/output.ts'
import { band, FLUSH, pkt, splitter } from '../format/pktline.ts'
import { drain, feed, type Push } from './push.ts'
import { isForeign, findRef, type Refs, type Repo } from '../refs/refs.ts'
import {
  readReport,
  refusal,
  remoteMessage,
  reportsStatus,
  sideBand,
  without,
  withRefused,
  type RefResult,
} from './report.ts'
import type { Git, GitProcess } from '../run/run.ts'
import { completeAtomic } from '../refs/update.ts'
import { watchOver } from './watch.ts'
import { cleanStale } from '../care/upkeep.ts'

export interface Receiving {
  git: Git
  refs: Refs
}

export interface ReceiveOptions {
  /** Aborted when the client goes away. */
  signal: AbortSignal
  env?: Record<string, string>
  /** Who pushes, where many do: none of them gets all places. */
  share?: string
  /** Git starts meanwhile, but is given nothing to do before this has come true. */
  announced?: Promise<unknown>
  /** Asked again while the push is under way: rejecting with a Fault ends it, and the client reads why. */
  still?: () => Promise<void>
  /** Refs of the same push that git is not asked for, each with the reason that the client is told. */
  refused?: ReadonlyMap<string, string>
  /**
   * Called once, however the push ends, before the client learns of it: rows are written here. The lines that it gives
   * are shown to the person who pushes.
   */
  onResult: (outcome: Outcome) => Promise<string[]>
}

/** `unseen`: git ended without a word, and its refs cannot be read now. */
export type Outcome = readonly RefResult[] | 'unseen'

/** The answer's body. Rejects when git fails before it says anything; a later failure ends the stream in an error. */
export async function receivePack(
  rooms: Receiving,
  repo: Repo,
  push: Push,
  options: ReceiveOptions,
): Promise<Readable> {
  // With an empty list a client tries out whether it may push at all.
  if (push.commands.length === 0) return Readable.from([], { objectMode: false })
  const unwritable = push.capabilities.has('atomic') && !rooms.git.plain ? ourOwn(push) : new Map<string, string>()
  if (unwritable.size > 0) return refuseAll(push, unwritable, options)
  const git = await rooms.git.start({
    name: 'receive-pack',
    // By the name `.`: what git says to clients names no path of this machine.
    args: ['receive-pack', '--stateless-rpc', '.'],
    cwd: repo.path,
    repo: repo.id,
    deadlineMs: 0,
    lane: 'push',
    signal: options.signal,
    ...(options.env && { env: options.env }),
    ...(options.share !== undefined && { share: options.share }),
  })
  try {
    await options.announced
  } catch (error) {
    git.kill()
    throw error
  }
  const watch = options.still && watchOver(git, options.still)
  if (git.stdin) feed(push, git.stdin, watch?.gate)
  return begun(relay(rooms, repo, { push, options, git, refused: () => watch?.refused() ?? reasonOf(options.signal) }))
}

/** Git itself refuses these names one by one, but carries out the rest of an atomic push all the same. */
function ourOwn(push: Push): Map<string, string> {
  const hidden = push.commands.filter(({ ref }) =>
    [HIDDEN, ...SERVER_MADE].some((name) => ref === name || ref.startsWith(`${name}/`)),
  )
  return new Map(hidden.map(({ ref }) => [ref, 'deny updating a hidden ref']))
}

async function refuseAll(push: Push, reasons: Map<string, string>, options: ReceiveOptions): Promise<Readable> {
  drain(push.rest)
  await options.onResult(push.commands.map((command) => ({ ...command, ok: false, reason: 'refused' })))
  return Readable.from([refusal(push, reasons)], { objectMode: false })
}

interface Exchange {
  push: Push
  options: ReceiveOptions
  git: GitProcess
  /** Why it was ended by us. */
  refused: () => Fault | undefined
}

/** Progress goes through as it comes; the report is kept back until `onResult` is done with it. */
function relay(rooms: Receiving, repo: Repo, exchange: Exchange): Readable {
  const { push, git } = exchange
  const { stdout } = git
  const held = hold(exchange, rooms.git.plain ? '' : `${repo.path}/`)
  const output = new Readable({
    read: () => stdout?.resume(),
    destroy: (error, done) => {
      git.kill()
      // Git must not block on a full pipe: it is heard to its end even when nobody listens any more.
      stdout?.resume()
      done(error)
    },
  })
  stdout?.on('data', (chunk: Buffer) => {
    const live = held.take(chunk)
    if (live.length > 0 && !output.destroyed && !output.push(live)) stdout.pause()
  })
  const finish = async (): Promise<void> => {
    const end = await git.done
    const reported = reportsStatus(push) ? readReport(held.report(), push.commands) : undefined
    const results = reported ?? (await unreported(rooms, repo, exchange))
    const unsynced = await failureOf(syncFolders(repo, results === 'unseen' ? push.commands : moved(results)))
    const lines = await exchange.options.onResult(results)
    if (unsynced) throw unsynced
    if (output.destroyed) return
    const refused = refusedAnswer(exchange, results)
    if (refused) {
      output.push(Buffer.concat([held.rest(), refused]))
      return void output.push(null)
    }
    const whole = end.code === 0 && (reported !== undefined || !reportsStatus(push))
    if (!whole) return void output.destroy(endFault(end, undefined) ?? new Fault('git.failed', { stderr: end.stderr }))
    output.push(Buffer.concat([held.rest(), sideBand(push) ? remoteMessage(lines) : NOTHING, held.last()]))
    output.push(null)
  }
  stdout?.once('close', () => {
    finish()
      .catch((error: Error) => output.destroy(error))
      .finally(() => void tidy(rooms.git, repo, git))
  })
  return output
}

const NOTHING = Buffer.alloc(0)

interface Held {
  /** What of a chunk may go to the client at once. */
  take: (chunk: Buffer) => Buffer
  report: () => Buffer
  /** What was held back of git's words. */
  rest: () => Buffer
  /** What is sent at the end: the report as git framed it. */
  last: () => Buffer
}

/** `secret`: a path of this machine, which git's messages name and a client has no business with. */
function hold({ push, options }: Exchange, secret: string): Held {
  const chunks: Buffer[] = []
  const report = (): Buffer => Buffer.concat(chunks)
  const whole = (): Buffer => (options.refused ? withRefused(report(), options.refused) : report())
  if (!sideBand(push)) {
    return { take: (chunk) => (chunks.push(chunk), NOTHING), report, rest: () => NOTHING, last: whole }
  }
  const split = splitter()
  const words = secret === '' ? (piece?: Buffer): Buffer => piece ?? NOTHING : without(secret)
  const speak = (piece?: Buffer): Buffer => band(2, words(piece))
  return {
    take: (chunk) => {
      split.push(chunk)
      const live: Buffer[] = []
      for (let packet = split.next(); packet; packet = split.next()) {
        if (packet.kind !== 'data') continue
        if (isReport(packet.data)) chunks.push(packet.data.subarray(1))
        else live.push(packet.data[0] === 2 ? speak(packet.data.subarray(1)) : pkt(packet.data))
      }
      return Buffer.concat(live)
    },
    report,
    rest: () => speak(),
    last: () => Buffer.concat([band(1, whole()), FLUSH]),
  }
}

/** Empty packets of band 1 only keep the connection alive. */
function isReport(data: Buffer): boolean {
  return data[0] === 1 && data.length > 1
}

/** The report where we ended git ourselves before it had moved anything. */
function refusedAnswer({ push, refused }: Exchange, results: Outcome): Buffer | undefined {
  const fault = refused()
  return fault && (results === 'unseen' || moved(results).length === 0) ? refusal(push, fault.message) : undefined
}

/** Ended from outside with a reason to tell, and not because the client went away. */
function reasonOf({ aborted, reason }: AbortSignal): Fault | undefined {
  return aborted && reason instanceof Fault ? reason : undefined
}

function moved(results: readonly RefResult[]): RefResult[] {
  return results.filter((one) => one.ok)
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** Where there is no report, the refs themselves say what was done. Git may have ended half-way. */
async function unreported(rooms: Receiving, repo: Repo, { push, git }: Exchange): Promise<Outcome> {
  await tidy(rooms.git, repo, git)
  const results = await compare(rooms, repo, push)
  if (results === 'unseen' || !push.capabilities.has('atomic')) return results
  return completeAtomic(rooms.git, repo, results)
}

/** As far as they can be read. */
async function compare({ git, refs }: Receiving, repo: Repo, push: Push): Promise<Outcome> {
  const snapshot = await refs.read(repo).catch((err: unknown) => git.log.warn({ err }, 'a push has no known outcome'))
  if (!snapshot || isForeign(snapshot)) return 'unseen'
  return push.commands.map((command) => {
    const now = findRef(snapshot, command.ref)?.oid ?? '0'.repeat(command.newOid.length)
    return now === command.newOid ? { ...command, ok: true } : { ...command, ok: false, reason: 'it was not moved' }
  })
}

/** A git that was ended by force cannot take its quarantine with it. */
async function tidy(git: Git, repo: Repo, { done }: GitProcess): Promise<void> {
  if ((await done).code !== 0) await cleanStale(git, repo).catch((err: unknown) => git.log.warn({ err }, 'tidying up'))
}
