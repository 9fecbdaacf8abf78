// A push: its commands read from the head of the body, through the door, into git, and git's own report back.
import type { Readable } from 'node:stream'
import { drain, type Push, readPush } from '../../git/wire/push.ts'
import { receivePack } from '../../git/wire/receive.ts'
import { refusal } from '../../git/wire/report.ts'
import type { Fault } from '../../kit/fault.ts'
import type { GitAsk } from '../../route.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { conclude } from './conclude.ts'
import { announce, refusals, repoOf } from './door.ts'
import { inWords } from './failure.ts'
import { whenOpen } from './gate.ts'
import { needOpen, needOpenNow } from './quarantine.ts'
import { whileRoom } from './room.ts'

const LATE = 'Your push is stored. Pages show it later, as the database cannot be written right now.'

export async function push(rooms: Rooms, ask: GitAsk): Promise<Buffer | Readable> {
  const asked = await readPush(ask.body)
  try {
    const refused = refusals(asked.commands)
    if (refused.size > 0) {
      drain(ask.body)
      return refusal(asked, refused)
    }
    if (asked.commands.length === 0) return await tryOut(rooms, ask, asked)
    return await whenOpen(rooms, ask, (repository) =>
      whileRoom(rooms, { volume: repository.volume, signal: ask.signal }, (signal) =>
        take(rooms, takingOf(ask, repository, signal), asked),
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

/** Nothing of the push but its list of refs is looked at. */
export async function refusePush(ask: GitAsk, fault: Fault): Promise<Buffer> {
  const asked = await readPush(ask.body)
  drain(ask.body)
  return refusal(asked, fault.message)
}

type Taking = Pick<GitAsk, 'actor' | 'address' | 'share' | 'again' | 'repository' | 'signal'>

function takingOf({ actor, address, share, again }: GitAsk, repository: RepositoryView, signal: AbortSignal): Taking {
  return { actor, address, share, again, repository, signal }
}

async function take(rooms: Rooms, ask: Taking, asked: Push): Promise<Readable> {
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
      still: async () => {
        await ask.again()
        await needOpenNow(rooms.db.read, repository.id)
      },
      onResult: async (results) => {
        concluded = true
        return (await conclude(rooms, repository, await id, results)) ? [] : [LATE]
      },
    })
  } catch (error) {
    const announced = await id.catch(() => undefined)
    if (!concluded && announced !== undefined) await conclude(rooms, repository, announced, 'unseen')
    throw error
  }
}

/** With an empty list a client tries out whether it may push at all. */
async function tryOut(rooms: Rooms, ask: GitAsk, asked: Push): Promise<Readable> {
  needOpen(ask.repository)
  const quiet = { signal: ask.signal, share: ask.share, onResult: () => Promise.resolve([]) }
  return receivePack(rooms, repoOf(rooms, ask.repository), asked, quiet)
}
