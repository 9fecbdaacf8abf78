// A push: its commands read from the head of the body, through the door, into git, and git's own report back.
import type { Readable } from 'node:stream'
import { drain, readPush } from '../../git/push.ts'
import { receivePack } from '../../git/receive.ts'
import { refusal } from '../../git/report.ts'
import type { GitAsk } from '../../route.ts'
import type { Rooms } from '../../rooms.ts'
import { announce, refusals, repoOf, settle } from './door.ts'

export async function push(rooms: Rooms, ask: GitAsk): Promise<Buffer | Readable> {
  const asked = await readPush(ask.body)
  const refused = refusals(asked.commands)
  if (refused.size > 0) {
    drain(ask.body)
    return refusal(asked, refused)
  }
  const origin = {
    actor: ask.actor,
    address: ask.address,
    ...(asked.certificate === undefined ? {} : { certificate: asked.certificate }),
  }
  const id = asked.commands.length > 0 ? await announce(rooms, ask.repository, asked.commands, origin) : undefined
  return receivePack(rooms, repoOf(rooms, ask.repository), asked, {
    signal: ask.signal,
    onResult: async (results) => {
      if (id === undefined) return []
      // What git did cannot be undone by a row that fails: the journal stays open and the reconciler writes it.
      try {
        await settle(rooms, ask.repository, id, results)
      } catch (error) {
        rooms.log.error(
          { err: error, push: id, repository: ask.repository.id },
          'a push is on disk, its row comes later',
        )
      }
      return []
    },
  })
}
