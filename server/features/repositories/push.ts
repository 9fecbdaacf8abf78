// A push: its commands read from the head of the body, through the door, into git, and git's own report back.
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { FLUSH, packets, pkt } from '../../git/format/pktline.ts'
import { drain, type Push, readPush, withoutRefs } from '../../git/wire/push.ts'
import { receivePack } from '../../git/wire/receive.ts'
import { readReport, refusal } from '../../git/wire/report.ts'
import { Fault } from '../../kit/fault.ts'
import type { GitAsk } from '../../route.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { conclude } from './conclude.ts'
import { announce, type RefCommand, refusals, type RefResult, repoOf } from './door.ts'
import { inWords } from './failure.ts'
import { whenOpen } from './gate.ts'
import { fullName } from './present.ts'
import { needOpen, needOpenNow } from './quarantine.ts'
import { whileRoom } from './room.ts'

const LATE = 'Your push is stored. Pages show it later, as the database cannot be written right now.'

export async function push(rooms: Rooms, ask: GitAsk): Promise<Buffer | Readable> {
  const asked = await askedOf(ask)
  try {
    const refused = refusals(asked.commands)
    if (isRefusedWhole(asked, refused)) {
      drain(ask.body)
      return refusal(asked, refused)
    }
    const rest = refused.size === 0 ? asked : withoutRefs(asked, refused)
    if (asked.commands.length === 0) return await tryOut(rooms, ask, asked)
    return await whenOpen(rooms, ask, (repository) =>
      whileRoom(rooms, { volume: repository.volume, signal: ask.signal }, (signal) =>
        take(rooms, takingOf(ask, repository, signal), { asked: rest, refused }),
      ),
    )
  } catch (error) {
    // git shows its user the reasons of a report, but only the number of any other answer to a push.
    const fault = inWords(error)
    rooms.log.warn({ err: error, repository: ask.repository.id }, 'a push was not taken')
    // A client sends all of its pack before it reads why nobody wants it, and a pack for which there is no room is large.
    drain(ask.body, fault.code === 'storage.full' ? Infinity : undefined)
    return refusal(asked, fault.message)
  }
}

async function askedOf({ begun, body }: GitAsk): Promise<Push> {
  return begun?.push ?? readPush(body)
}

/** Nothing is left of it, or all of it was to be done or nothing, or what is asked for is signed as it stands. */
export function isRefusedWhole(asked: Push, refused: ReadonlyMap<string, string>): boolean {
  if (refused.size === 0) return false
  const all = asked.commands.every(({ ref }) => refused.has(ref))
  return all || asked.capabilities.has('atomic') || asked.certificate !== undefined
}

/** Nothing of the push but its list of refs is looked at. */
export async function refusePush(ask: GitAsk, fault: Fault): Promise<Buffer> {
  const asked = await askedOf(ask)
  drain(ask.body)
  return refusal(asked, fault.message)
}

export type Taking = Pick<GitAsk, 'actor' | 'address' | 'share' | 'again' | 'repository' | 'signal' | 'begun'>

function takingOf(ask: GitAsk, repository: RepositoryView, signal: AbortSignal): Taking {
  const { actor, address, share, again, begun } = ask
  return { actor, address, share, again, begun, repository, signal }
}

interface Wish {
  asked: Push
  /** Refs of the same push that are not taken, with the reason. */
  refused?: ReadonlyMap<string, string>
}

async function take(rooms: Rooms, ask: Taking, { asked, refused }: Wish): Promise<Readable> {
  const { actor, address, repository } = ask
  const { certificate } = asked
  const atomic = asked.capabilities.has('atomic')
  const origin = { actor, address, atomic, ...(certificate === undefined ? {} : { certificate }) }
  // Written while git starts, which gets its commands when this is on disk.
  const id = announce(rooms, repository, asked.commands, origin)
  id.catch(() => {})
  let concluded = false
  try {
    return await receivePack(rooms, repoOf(rooms, repository), asked, {
      signal: ask.signal,
      share: ask.share,
      announced: id,
      ...(refused && { refused }),
      still: async () => {
        await ask.again()
        await needOpenNow(rooms.db.read, repository.id)
      },
      onResult: async (results) => {
        concluded = true
        const told = await conclude(rooms, repository, await id, results)
        return [...madeFor(ask), ...(told ? [] : [LATE])]
      },
    })
  } catch (error) {
    const announced = await id.catch(() => undefined)
    if (!concluded && announced !== undefined) await conclude(rooms, repository, announced, 'unseen')
    throw error
  }
}

function madeFor({ begun, repository }: Taking): string[] {
  return begun?.made ? [`Gitstead made the repository ${fullName(repository)}.`] : []
}

export interface NewObjects {
  command: RefCommand
  /** A pack with all that the ref leads to and the repository does not have. */
  pack: () => Promise<Readable>
}

export interface Pushed extends RefResult {
  /** What else git had to say. */
  words: string
}

/** What the server makes itself comes in like everybody's push. Throws where it may not be; git's refusal is a value. */
export async function pushOwn(rooms: Rooms, ask: Taking, { command, pack }: NewObjects): Promise<Pushed> {
  const reason = refusals([command]).get(command.ref)
  if (reason !== undefined) return { ...command, ok: false, reason, words: '' }
  try {
    return await whenOpen(rooms, ask, (repository) =>
      whileRoom(rooms, { volume: repository.volume, signal: ask.signal }, async (signal) => {
        const asked = ownPush(command, await pack())
        const answer = await take(rooms, { ...ask, repository, signal }, { asked }).catch((error: unknown) => {
          asked.rest.destroy()
          throw error
        })
        return readAnswer(await buffer(answer), command)
      }),
    )
  } catch (error) {
    throw inWords(error)
  }
}

const ABLE = ['report-status', 'side-band-64k', 'quiet']

function ownPush(command: RefCommand, pack: Readable): Push {
  const { ref, oldOid, newOid } = command
  // Until git reads it nobody does, and a pack that cannot be made shall end this push and nothing else.
  pack.on('error', () => {})
  const head = Buffer.concat([pkt(`${oldOid} ${newOid} ${ref}\0${ABLE.join(' ')}`), FLUSH])
  return { commands: [command], capabilities: new Map(ABLE.map((name) => [name, ''])), options: [], head, rest: pack }
}

function readAnswer(answer: Buffer, command: RefCommand): Pushed {
  const bands = packets(answer).flatMap((packet) => (packet.kind === 'data' ? [packet.data] : []))
  const of = (band: number): Buffer =>
    Buffer.concat(bands.filter((data) => data[0] === band).map((data) => data.subarray(1)))
  const [result] = readReport(of(1), [command]) ?? []
  if (!result) throw new Fault('git.failed', { name: 'receive-pack', stderr: of(2).toString() })
  return { ...result, words: of(2).toString() }
}

/** With an empty list a client tries out whether it may push at all. */
async function tryOut(rooms: Rooms, ask: GitAsk, asked: Push): Promise<Readable> {
  needOpen(ask.repository)
  const quiet = { signal: ask.signal, share: ask.share, onResult: () => Promise.resolve([]) }
  return receivePack(rooms, repoOf(rooms, ask.repository), asked, quiet)
}
