// git over HTTP: the four routes of the smart protocol, handed to the git rooms by the repository's path.
import type { Readable } from 'node:stream'
import { advertise, uploadPack } from '../../git/wire/serve.ts'
import type { GitAsk, GitRoute } from '../../route.ts'
import type { Rooms } from '../../rooms.ts'
import { repoOf } from './door.ts'
import { fetchRefusal, inWords, saidToFetch } from './failure.ts'
import { push, refusePush } from './push.ts'
import { needOpen } from './quarantine.ts'

/** A disk that is not there is told like any other reason why git cannot answer. */
async function fetched(rooms: Rooms, ask: GitAsk): Promise<Buffer | Readable> {
  return uploadPack(rooms, repoOf(rooms, ask.repository), ask)
}

export const gitRoutes: GitRoute[] = [
  {
    method: 'get',
    service: 'git-upload-pack',
    access: 'repository:read',
    scope: 'repository',
    class: 'git',
    summary: 'Advertise refs to a client that fetches',
    handle: async (rooms, { repository, protocol }) => ({
      type: 'application/x-git-upload-pack-advertisement',
      body: await advertise(rooms, repoOf(rooms, repository), { service: 'git-upload-pack', protocol }).catch(
        (error: unknown) => Promise.reject(inWords(error)),
      ),
    }),
  },
  {
    method: 'post',
    service: 'git-upload-pack',
    access: 'repository:read',
    scope: 'repository',
    class: 'git',
    summary: 'Send refs or a pack to a client that fetches',
    handle: async (rooms, ask) => ({
      type: 'application/x-git-upload-pack-result',
      body: await fetched(rooms, ask).catch((error: unknown) => fetchRefusal(rooms, ask.repository, error)),
    }),
    refuse: async (_ask, fault) => ({ type: 'application/x-git-upload-pack-result', body: saidToFetch(fault) }),
  },
  {
    method: 'get',
    service: 'git-receive-pack',
    access: 'repository:write',
    scope: 'repository:write',
    class: 'git',
    summary: 'Advertise refs to a client that pushes',
    handle: async (rooms, { repository, protocol }) => {
      // A client shows what is said here; what is said of the push itself comes after it has sent all of its pack.
      needOpen(repository)
      const what = { service: 'git-receive-pack', protocol } as const
      const body = await advertise(rooms, repoOf(rooms, repository), what).catch((error: unknown) => {
        throw inWords(error)
      })
      return { type: 'application/x-git-receive-pack-advertisement', body }
    },
  },
  {
    method: 'post',
    service: 'git-receive-pack',
    access: 'repository:write',
    scope: 'repository:write',
    class: 'git',
    summary: 'Take a push',
    handle: async (rooms, ask) => ({ type: 'application/x-git-receive-pack-result', body: await push(rooms, ask) }),
    refuse: async (ask, fault) => ({
      type: 'application/x-git-receive-pack-result',
      body: await refusePush(ask, fault),
    }),
  },
]
