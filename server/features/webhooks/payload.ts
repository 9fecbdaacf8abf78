// What a hook tells, in the shapes of Bitbucket Cloud: one builder per kind of event.
import { log, readCommits } from '../../git/read/history.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { findUserById } from '../accounts/actions.ts'
import { braced, presentUser } from '../accounts/present.ts'
import { viewById } from '../repositories/actions.ts'
import { type RefChange, repoOf } from '../repositories/door.ts'
import { presentRepository } from '../repositories/present.ts'
import { type Place, presentCommit } from '../source/present.ts'
import type { EventRow } from './store.ts'

const COMMITS_SHOWN = 5
/** Letters of a body. Further branches and tags of the same push are told by their names and ids alone. */
const DETAILED = 1024 * 1024
const ZERO = /^0+$/

interface Told {
  rooms: Rooms
  event: EventRow
  /** Undefined once it was deleted. */
  repository: RepositoryView | undefined
  base: string
}
type Builder = (told: Told) => Promise<Record<string, unknown>>

/** A kind of event without an entry here is told to no hook. */
const BUILDERS: Record<string, Builder> = {
  'repo:push': async (told) => ({ ...(await common(told)), push: { changes: await changesOf(told) } }),
  'repo:created': common,
  'repo:imported': common,
  'repo:updated': async (told) => ({ ...(await common(told)), changes: updateOf(told.event) }),
  'repo:deleted': common,
}

/** Undefined when what it would tell of is gone. */
export async function buildPayload(rooms: Rooms, event: EventRow, base: string): Promise<string | undefined> {
  const build = BUILDERS[event.kind]
  const found = event.repository_id === null ? undefined : viewById(rooms.db, { kind: 'guest' }, event.repository_id)
  if (!build || (!found && event.kind !== 'repo:deleted')) return undefined
  return JSON.stringify(await build({ rooms, event, repository: found, base }))
}

async function common({ rooms, event, repository, base }: Told): Promise<Record<string, unknown>> {
  const user = event.actor_id === null ? undefined : await findUserById(rooms.db.read, event.actor_id)
  return {
    actor: user ? presentUser(user, base) : machineOf(event),
    repository: repository ? presentable(repository, base) : goneRepository(event),
  }
}

/** A deploy token, told as Bitbucket tells of what is no person. */
function machineOf(event: EventRow): Record<string, unknown> | null {
  const { deploy_token: token } = JSON.parse(event.data) as { deploy_token?: { id: string; name: string } }
  if (!token) return null
  return { type: 'app_user', uuid: braced(token.id), nickname: token.name, display_name: token.name, links: {} }
}

/** What the hook's maker may do is nobody else's concern. */
function presentable(view: RepositoryView, base: string): Record<string, unknown> {
  const { permission: _mine, ...rest } = presentRepository(view, base)
  return rest
}

function goneRepository(event: EventRow): Record<string, unknown> {
  const { full_name = '' } = JSON.parse(event.data) as { full_name?: string }
  return {
    type: 'repository',
    uuid: braced(event.repository_id ?? ''),
    full_name,
    name: full_name.split('/')[1] ?? '',
    links: {},
  }
}

/** Bitbucket tells the old and the new name of what changed; other fields are told by the repository as it is now. */
function updateOf(event: EventRow): Record<string, { old?: unknown; new: unknown }> {
  const { from, to, name, description } = JSON.parse(event.data) as Record<string, string | undefined>
  return {
    ...(from === to ? {} : { slug: { old: from, new: to } }),
    ...(name === undefined ? {} : { name: { new: name } }),
    ...(description === undefined ? {} : { description: { new: description } }),
  }
}

async function changesOf({ rooms, event, repository, base }: Told): Promise<unknown[]> {
  if (!repository) return []
  const { changes } = JSON.parse(event.data) as { changes: RefChange[] }
  const place = { base, repository }
  const told: unknown[] = []
  let size = 0
  // One by one: thousands may be pushed at once, each with the longest messages that git takes.
  for (const change of changes) {
    const one = await presentChange(size < DETAILED ? rooms : undefined, place, change)
    size += JSON.stringify(one).length
    told.push(one)
  }
  return told
}

/** Without `rooms` nothing is read, and what would have to be is left out. */
async function presentChange(
  rooms: Rooms | undefined,
  place: Place,
  change: RefChange,
): Promise<Record<string, unknown>> {
  const { oldOid, newOid, kind } = change
  const commits = kind === 'deleted' || !rooms ? [] : await newCommits(rooms, place, change)
  const shown = commits.slice(0, COMMITS_SHOWN)
  const link = (path: string): { href: string } => ({
    href: `${place.base}/2.0/repositories/${place.repository.workspace.slug}/${place.repository.slug}/${path}`,
  })
  const span = ZERO.test(oldOid) ? newOid : `${newOid}..${oldOid}`
  return {
    old: await refAt(rooms, place, change.ref, oldOid),
    new: await refAt(rooms, place, change.ref, newOid),
    created: kind === 'created',
    closed: kind === 'deleted',
    forced: kind === 'forced',
    commits: shown.map((commit) => presentCommit(place, commit)),
    truncated: !rooms || commits.length > COMMITS_SHOWN,
    links: kind === 'deleted' ? {} : { commits: link(`commits?include=${newOid}`), diff: link(`diff/${span}`) },
  }
}

type Commits = Awaited<ReturnType<typeof readCommits>>

/** One more than are shown, to know whether there are more. A tag of something else than a commit brings none. */
async function newCommits(rooms: Rooms, { repository }: Place, { oldOid, newOid }: RefChange): Promise<Commits> {
  const repo = repoOf(rooms, repository)
  const exclude = ZERO.test(oldOid) ? [] : [oldOid]
  try {
    const page = await log(rooms.reads, repo, { include: [newOid], exclude, limit: COMMITS_SHOWN + 1 })
    return await readCommits(rooms.reads, repo, page.oids)
  } catch {
    return []
  }
}

async function refAt(
  rooms: Rooms | undefined,
  place: Place,
  ref: string,
  oid: string,
): Promise<Record<string, unknown> | null> {
  if (ZERO.test(oid)) return null
  const type = ref.startsWith('refs/tags/') ? 'tag' : ref.startsWith('refs/heads/') ? 'branch' : 'ref'
  // An overwritten tip is kept, so that it can still be read.
  const [commit] = rooms ? await readCommits(rooms.reads, repoOf(rooms, place.repository), [oid]).catch(() => []) : []
  const target = commit ? presentCommit(place, commit) : { type: 'commit', hash: oid }
  return { type, name: ref.replace(/^refs\/(heads|tags)\//, ''), target }
}
