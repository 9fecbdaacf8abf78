// Downloads of a repository's files as one archive, at Bitbucket's address. Made for whoever asks, and stored nowhere.
import { archive, type ArchiveFormat } from '../../git/read/archive.ts'
import { resolve } from '../../git/read/revisions.ts'
import { Fault } from '../../kit/fault.ts'
import { type Ask, type Reply, route, type Route } from '../../route.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from '../repositories/door.ts'

const TYPES: Record<ArchiveFormat, string> = { zip: 'application/zip', 'tar.gz': 'application/gzip' }
const ENDING = /\.(zip|tar\.gz)$/

async function download(rooms: Rooms, ask: Ask<{ archive: string }> & { repository: RepositoryView }): Promise<Reply> {
  const { repository, params, signal, raw } = ask
  const format = ENDING.exec(params.archive)?.[1] as ArchiveFormat | undefined
  if (format === undefined)
    throw new Fault('not-found', { detail: 'An archive is asked for as get/{branch, tag or commit}.zip or .tar.gz.' })
  const repo = repoOf(rooms, repository)
  const { oid } = await resolve(rooms.reads, repo, params.archive.slice(0, -format.length - 1), signal)
  // The name of a branch may be anything; that of the folder is made of what cannot lead out of it.
  const folder = `${repository.slug}-${oid.slice(0, 12)}`
  const headers = {
    'Content-Disposition': `attachment; filename="${folder}.${format}"`,
    'Cache-Control': 'private, no-cache',
    ETag: `"${oid}.${format}"`,
  }
  const type = TYPES[format]
  if (raw.headers['if-none-match'] === headers.ETag) return { kind: 'text', status: 304, type, body: '', headers }
  if (raw.method === 'HEAD') return { kind: 'text', status: 200, type, body: '', headers }
  const body = await archive(rooms.reads, repo, { commit: oid, format, folder }, signal)
  return { kind: 'stream', status: 200, type, body, headers }
}

export const archiveRoutes: Route[] = [
  route({
    method: 'get',
    path: '/:workspace/:repo_slug/get/*archive',
    access: 'repository:read',
    scope: 'repository',
    class: 'archive',
    summary: 'The files of a branch, a tag or a commit as .zip or .tar.gz',
    handle: download,
  }),
]
