// Serving a repository: advertisements and ref lists in process, packs from the cache, and git itself for the rest.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Fault } from '../../kit/fault.ts'
import { type Lru, openLru } from '../../kit/lru.ts'
import {
  lsRefs,
  openMemo,
  pushNonce,
  receiveNothing,
  receiveRefs,
  serviceLine,
  uploadRefs,
  type Memo,
  type Protocol,
  type Service,
} from './advertise.ts'
import { HIDDEN, SERVER_MADE } from '../run/config.ts'
import { fetchShape, oldFetchShape, type FetchShape } from './fetchkey.ts'
import { ask, learn, type Learned } from './learn.ts'
import { begun, outputOf, sayable } from '../run/output.ts'
import type { PackCache } from './packcache.ts'
import { pkt, readChunk } from '../format/pktline.ts'
import { feed } from './push.ts'
import { isForeign, type Foreign, type Refs, type Repo, type Snapshot } from '../refs/refs.ts'
import { parseLsRefs, parseRequest, readPackets, type LsRefs } from './request.ts'
import type { Git, GitCall } from '../run/run.ts'

/** What the rooms of a process offer to serving. */
export interface Serving {
  git: Git
  refs: Refs
  packs: PackCache
  wire: Wire
}

/** What the installed git says of itself, asked at the first need, and answers made before. */
export interface Wire {
  memo: Memo
  /** Refs that those who fetch, and those who push, are not told of. */
  hidden: { fetch: readonly string[]; push: readonly string[] }
  learned: () => Promise<Learned>
  /** Requests for a list of refs by their bytes: few texts are asked for again and again. */
  listings: Lru<LsRefs>
}

export type { Repo } from '../refs/refs.ts'

export interface UploadAsk {
  protocol: Protocol
  /** The request body, already unpacked from gzip. */
  body: Readable
  /** Aborted when the client goes away. */
  signal: AbortSignal
  /** Who asks, where many do: none of them gets all places. */
  share?: string
}

/** Bodies up to this size are looked into; longer ones go straight to git. */
const PEEK = 1024 * 1024
/** Bytes of all remembered requests, and of the longest one that is worth it. */
const LISTINGS = 1024 * 1024
const SHORT = 4096

export function openWire(git: Git): Wire {
  let asked: Promise<Learned> | undefined
  const learned = (): Promise<Learned> => {
    asked ??= learn(git).catch((error: unknown) => {
      asked = undefined
      throw error
    })
    return asked
  }
  // A lent repository keeps nothing of ours; what its own config hides makes git answer.
  const hidden = git.plain ? { fetch: [], push: [] } : { fetch: [HIDDEN], push: [HIDDEN, ...SERVER_MADE] }
  return { memo: openMemo(), hidden, learned, listings: openLru(LISTINGS) }
}

/** The body of `GET …/info/refs`. */
export async function advertise(
  serving: Serving,
  repo: Repo,
  what: { service: Service; protocol: Protocol },
): Promise<Buffer> {
  const { service, protocol } = what
  const forPush = service === 'git-receive-pack'
  const learned = await serving.wire.learned()
  if (protocol === 2 && !forPush && isOurs(serving, serving.refs.config(repo))) return learned.v2
  const snapshot = await serving.refs.read(repo)
  if (!isAnswerable(serving, snapshot) || has(repo, 'shallow') || (forPush && borrows(serving, repo))) {
    const body = await ask(serving.git, repo.path, [service.slice(4), protocol])
    return Buffer.concat([Buffer.from(serviceLine(service, protocol)), body])
  }
  if (protocol === 2 && !forPush) return learned.v2
  const { memo, hidden } = serving.wire
  const from = { protocol, memo, hidden: forPush ? hidden.push : hidden.fetch, nonce: nonceOf(serving, repo) }
  return (forPush ? receiveRefs : uploadRefs)(snapshot, learned, from)
}

/** As `advertise` for pushing, where there is no repository yet. */
export async function advertiseNew({ wire }: Pick<Serving, 'wire'>, protocol: Protocol): Promise<Buffer> {
  return receiveNothing(await wire.learned(), protocol)
}

/** The body of the answer to `POST …/git-upload-pack`. What cannot be served is said in it, in git's own form. */
export async function uploadPack(serving: Serving, repo: Repo, what: UploadAsk): Promise<Buffer | Readable> {
  try {
    return await answer(serving, repo, what)
  } catch (error) {
    if (!sayable(error)) throw error
    serving.git.log.warn({ err: error, facts: error.facts, repository: repo.id }, 'a fetch could not be served')
    return pkt(`ERR ${error.message}`)
  }
}

async function answer(serving: Serving, repo: Repo, what: UploadAsk): Promise<Buffer | Readable> {
  const { head, whole } = await peek(what.body)
  const wish = whole ? understand(serving, head, what.protocol) : undefined
  const snapshot = wish && (await serving.refs.read(repo))
  if (snapshot && isAnswerable(serving, snapshot)) {
    if (wish.listing) return listRefs(serving, snapshot, wish.listing)
    const fetch = { snapshot, shape: wish.shape, head, protocol: what.protocol }
    const kept = await fromCache(serving, repo, fetch)
    if (kept) return checkRefusal(await begun(endWith(kept, what.signal)), snapshot)
  }
  return checkRefusal(await passThrough(serving, repo, what, head), snapshot)
}

function listRefs({ wire }: Serving, snapshot: Snapshot, listing: LsRefs): Buffer {
  return lsRefs(snapshot, listing, { memo: wire.memo, hidden: wire.hidden.fetch })
}

type Wish = { listing: LsRefs; shape?: never } | { shape: FetchShape; listing?: never }

/** What we can answer without asking git, or once for many; undefined for all else, mistakes included. */
function understand({ wire }: Serving, body: Buffer, protocol: Protocol): Wish | undefined {
  const text = protocol === 2 && body.length <= SHORT ? body.toString('latin1') : undefined
  const known = text === undefined ? undefined : wire.listings.get(text)
  if (known) return { listing: known }
  const wish = parse(body, protocol)
  if (text !== undefined && wish?.listing) wire.listings.set(text, wish.listing, text.length)
  return wish
}

function parse(body: Buffer, protocol: Protocol): Wish | undefined {
  const all = readPackets(body)
  if (!all) return undefined
  const request = protocol === 2 ? parseRequest(all) : undefined
  const listing = request?.command === 'ls-refs' ? parseLsRefs(request) : undefined
  if (listing) return { listing }
  const shape = request ? fetchShape(request) : protocol === 2 ? undefined : oldFetchShape(all)
  return shape && { shape }
}

interface Fetch {
  snapshot: Snapshot
  shape: FetchShape
  head: Buffer
  protocol: Protocol
}

function fromCache(serving: Serving, repo: Repo, { snapshot, shape, ...fetch }: Fetch): Promise<Readable | undefined> {
  const asked = {
    repoId: repo.id,
    text: `${snapshot.version}\n${fetch.protocol}\n${shape.text}`,
    guess: () => packBytes(repo) / (shape.partial ? 8 : 1),
    rare: shape.haves,
  }
  return serving.packs.answer(asked, async (file) => {
    const git = await serving.git.start({ ...uploadCall(repo, fetch.protocol), lane: 'pack', stdoutFile: file })
    git.stdin?.end(fetch.head)
    return git
  })
}

/** Git says "not our ref" of a ref that we told of ourselves, where the truth is that its object is gone. */
function checkRefusal(stream: Readable, snapshot: Snapshot | Foreign | undefined): Readable {
  const first = stream.read() as Buffer | null
  if (!first) return stream
  const oid = /^[0-9a-f]{4}ERR upload-pack: not our ref ([0-9a-f]{40})/.exec(first.toString('latin1', 0, 80))?.[1]
  if (oid !== undefined && snapshot && !isForeign(snapshot) && snapshot.refs.some((ref) => ref.oid === oid)) {
    stream.destroy()
    throw new Fault('git.corrupt', { detail: 'an object in it is missing or cannot be read', oid })
  }
  stream.unshift(first)
  return stream
}

/** Git answers; its stdout goes to the client as fast as the client takes it. */
async function passThrough(serving: Serving, repo: Repo, what: UploadAsk, head: Buffer): Promise<Readable> {
  const { signal, share } = what
  const call = {
    ...uploadCall(repo, what.protocol),
    lane: 'fetch' as const,
    signal,
    ...(share !== undefined && { share }),
  }
  const git = await serving.git.start(call)
  if (git.stdin) feed({ head, rest: what.body }, git.stdin)
  return outputOf(git)
}

function uploadCall(repo: Repo, protocol: Protocol): GitCall {
  return {
    name: 'upload-pack',
    // By the name `.`: what git says to clients names no path of this machine.
    args: ['upload-pack', '--strict', '--stateless-rpc', '.'],
    cwd: repo.path,
    repo: repo.id,
    env: protocol === 0 ? {} : { GIT_PROTOCOL: `version=${protocol}` },
    deadlineMs: 0,
  }
}

async function peek(body: Readable): Promise<{ head: Buffer; whole: boolean }> {
  const chunks: Buffer[] = []
  let size = 0
  for (let chunk = await readChunk(body); chunk; chunk = await readChunk(body)) {
    chunks.push(chunk)
    size += chunk.length
    if (size > PEEK) return { head: joined(chunks), whole: false }
    if (hasEnded(body)) break
  }
  return { head: joined(chunks), whole: true }
}

function joined(chunks: Buffer[]): Buffer {
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
}

/** A request that came whole and was read needs no further turn of the event loop to say so. */
function hasEnded(body: Readable & { complete?: boolean }): boolean {
  return body.complete === true && body.readableLength === 0 && !body.errored
}

function endWith(stream: Readable, signal: AbortSignal): Readable {
  const onAbort = (): void => void stream.destroy()
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  stream.once('close', () => signal.removeEventListener('abort', onAbort))
  return stream
}

function isAnswerable(serving: Serving, snapshot: Snapshot | Foreign): snapshot is Snapshot {
  return !isForeign(snapshot) && isOurs(serving, snapshot.config)
}

/** A lent repository whose own config changes what clients see is left to git. */
function isOurs(serving: Serving, config: Snapshot['config'] | undefined): boolean {
  return config !== undefined && config.foreign === undefined && (config.ordinary || !serving.git.plain)
}

/** Whether git would advertise the refs of a repository that this one borrows objects from. */
function borrows(serving: Serving, repo: Repo): boolean {
  return serving.git.plain && has(repo, 'objects/info/alternates')
}

function has(repo: Repo, file: string): boolean {
  return statSync(join(repo.path, file), { throwIfNoEntry: false }) !== undefined
}

function nonceOf(serving: Serving, repo: Repo): string | undefined {
  const seed = serving.git.home.nonceSeed
  return seed === undefined ? undefined : pushNonce(seed, repo.path, Math.floor(Date.now() / 1000))
}

/** About as much as a full clone weighs. */
function packBytes(repo: Repo): number {
  const folder = join(repo.path, 'objects/pack')
  let bytes = 0
  if (!has(repo, 'objects/pack')) return 0
  for (const name of readdirSync(folder))
    if (name.endsWith('.pack')) bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0
  return bytes
}
