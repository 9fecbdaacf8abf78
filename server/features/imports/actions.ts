// Imports: a repository is made at once, a job fetches into it, and a failed or cancelled one leaves nothing behind.
import type { Visibility } from '../../contract/names.ts'
import { Fault, wordsOf } from '../../kit/fault.ts'
import { checkedAddress } from '../../kit/netguard.ts'
import { type Purpose, seal, unseal } from '../../kit/seal.ts'
import { fetchInto, remoteHead } from '../../git/care/fetch.ts'
import { type NewEvent, record } from '../../outbox/events.ts'
import { claimJob, enqueue, findJob, finishJob, type Job } from '../../outbox/queue.ts'
import { FinalFailure, type JobRun } from '../../outbox/runner.ts'
import type { RepositoryView, Rooms, User, WorkspaceView } from '../../rooms.ts'
import { readSettings } from '../accounts/settings.ts'
import { changeRepository, createRepository, deleteRepository, viewById } from '../repositories/actions.ts'
import { recordImport, repoOf } from '../repositories/door.ts'
import { needOpen } from '../repositories/quarantine.ts'
import { whileRoom } from '../repositories/room.ts'
import { type ImportAddress, parseAddress } from './address.ts'
import { detach, forgetLogin, jobsOf } from './store.ts'

export interface NewImport {
  url: string
  name: string
  visibility: Visibility
  username?: string | null | undefined
  password?: string | null | undefined
}

interface Login {
  username: string
  password: string
}

/** What the job's row holds. The login lies there under the installation's key, as another process does the work. */
type Stored = { url: string; sealed?: string }

function storedOf(rooms: Rooms, repositoryId: string, url: URL, login: Login): Stored {
  if (login.username === '' && login.password === '') return { url: url.href }
  return { url: url.href, sealed: seal(rooms.key, loginOf(repositoryId), Buffer.from(JSON.stringify(login))) }
}

const loginOf = (repositoryId: string): Purpose => ({ use: 'import', of: repositoryId })

function readLogin(rooms: Rooms, { repository_id, data }: Job): Login | undefined {
  const { sealed } = JSON.parse(data) as Stored
  if (sealed === undefined || repository_id === null) return undefined
  const opened = unseal(rooms.key, loginOf(repository_id), sealed)
  if (!opened) throw new Fault('import.failed', { detail: 'The password was lost. Begin the import anew.' })
  return JSON.parse(opened.toString()) as Login
}

export async function startImport(
  rooms: Rooms,
  by: { user: User; workspace: WorkspaceView; address: string },
  wanted: NewImport,
): Promise<Job> {
  if (by.workspace.role !== 'owner' && by.workspace.role !== 'member') {
    throw new Fault('auth.forbidden', { detail: 'Only members of the workspace import into it.' })
  }
  const from = parseAddress(wanted.url)
  await checkedAddress(from.url, readSettings(rooms.db).allowed_imports)
  const { name, visibility } = wanted
  const repositoryId = await createRepository(rooms, by, { name, visibility })
  const about = { actorId: by.user.id, repositoryId }
  const login = { username: wanted.username ?? from.username, password: wanted.password ?? from.password }
  const id = await rooms.db.write(async (tx) => {
    const place = { workspaceId: by.workspace.id, address: by.address, data: { url: from.url.href } }
    await record(tx, { kind: 'import:started', ...about, ...place })
    return enqueue(tx, { kind: 'import', ...about, data: storedOf(rooms, repositoryId, from.url, login) })
  })
  rooms.bus.tell({ kind: 'jobs' })
  const job = await findJob(rooms.db.read, id)
  if (!job) throw new Fault('not-found')
  return job
}

/** Runs a fresh import in this process, as at the shell there may be no runner; false when a server took it already. */
export async function importNow(rooms: Rooms, run: JobRun): Promise<boolean> {
  if (!(await rooms.db.write((tx) => claimJob(tx, run.job.id)))) return false
  try {
    await runImport(rooms, run)
    await rooms.db.write((tx) => finishJob(tx, run.job.id, { state: 'done' }))
    return true
  } catch (error) {
    const text = wordsOf(error)
    await rooms.db.write((tx) =>
      finishJob(tx, run.job.id, { state: run.signal.aborted ? 'cancelled' : 'failed', error: text }),
    )
    throw error
  }
}

export function imports(rooms: Rooms, user: User): Promise<Job[]> {
  return jobsOf(rooms.db.read, user.isAdmin ? null : user.id)
}

export async function importById(rooms: Rooms, user: User, id: string): Promise<Job> {
  const job = /^\d{1,15}$/.test(id) ? await findJob(rooms.db.read, Number(id)) : undefined
  if (job?.kind !== 'import' || (job.actor_id !== user.id && !user.isAdmin)) throw new Fault('not-found')
  return job
}

export async function cancelImport(
  rooms: Rooms,
  { user, address }: { user: User; address: string },
  id: string,
): Promise<void> {
  const job = await importById(rooms, user, id)
  if (job.state !== 'waiting' && job.state !== 'running') {
    throw new Fault('conflict', { detail: 'This import has ended already.' })
  }
  await rooms.db.write(async (tx) => {
    await finishJob(tx, job.id, { state: 'cancelled', error: 'Cancelled.' })
    await record(tx, { kind: 'import:cancelled', actorId: user.id, address, ...aboutOf(rooms, job) })
  })
  rooms.bus.tell({ kind: 'cancel', job: job.id })
  if (job.state === 'waiting') await clearAway(rooms, job)
}

/** The job. Safe to repeat: a fetch goes on from what is there. */
export async function runImport(rooms: Rooms, { job, signal, progress }: JobRun): Promise<void> {
  const view = viewOf(rooms, job)
  if (!view) return
  needOpen(view)
  try {
    await fetchAll(rooms, view, { job, signal, progress })
  } catch (error) {
    const left = await findJob(rooms.db.read, job.id)
    if (signal.aborted && left?.state === 'running') throw error
    const reason = wordsOf(error)
    if (!signal.aborted) await noteFailure(rooms, job, reason)
    await clearAway(rooms, job)
    throw new FinalFailure(reason)
  } finally {
    // Not where it is begun anew in another process.
    if (!signal.aborted) await rooms.db.write((tx) => forgetLogin(tx, job.id))
  }
}

async function fetchAll(rooms: Rooms, view: RepositoryView, { job, signal, progress }: JobRun): Promise<void> {
  const { url } = JSON.parse(job.data) as Stored
  const from: ImportAddress = { ...parseAddress(url), ...readLogin(rooms, job) }
  const address = await addressNow(rooms, from.url)
  const source = { ...from, address }
  const repo = repoOf(rooms, view)
  progress('Asking the other server …')
  const head = await remoteHead(rooms.git, source, signal)
  rooms.volumes.needRoom(view.volume)
  await whileRoom(rooms, { volume: view.volume, signal }, (signal) =>
    fetchInto(rooms.git, repo, source, { signal, progress }),
  )
  if (head !== undefined && head !== view.main_branch) {
    await changeRepository(rooms, { actor: { kind: 'guest' }, address: 'import' }, view, { mainBranch: head })
  }
  await recordImport(rooms, view, { actorId: job.actor_id, url })
}

/** Asked again: since the import began, the name may lead elsewhere, or the admin may have taken the permission back. */
async function addressNow(rooms: Rooms, url: URL): Promise<string> {
  try {
    return await checkedAddress(url, readSettings(rooms.db).allowed_imports)
  } catch (error) {
    if (error instanceof Fault) throw new Fault('import.failed', { detail: error.facts.detail ?? error.message })
    throw error
  }
}

function viewOf(rooms: Rooms, job: Job): RepositoryView | undefined {
  return job.repository_id === null ? undefined : viewById(rooms.db, { kind: 'guest' }, job.repository_id)
}

/** Its address without a login: what was typed into it is kept from the job's row too. */
function aboutOf(rooms: Rooms, job: Job): Pick<NewEvent, 'workspaceId' | 'repositoryId'> & { data: { url: string } } {
  const { url } = JSON.parse(job.data) as Stored
  const workspaceId = viewOf(rooms, job)?.workspace_id ?? null
  return { workspaceId, repositoryId: job.repository_id, data: { url } }
}

function noteFailure(rooms: Rooms, job: Job, reason: string): Promise<number> {
  const { data, ...place } = aboutOf(rooms, job)
  const facts = { ...data, reason: reason.slice(0, 500) }
  return rooms.db.write((tx) => record(tx, { kind: 'import:failed', actorId: job.actor_id, ...place, data: facts }))
}

/** After a cancel by an admin. */
export { clearAway as clearImport }

/** Takes the half-filled repository away; the job's row is kept without it, so that its words can still be read. */
async function clearAway(rooms: Rooms, job: Job): Promise<void> {
  const view = viewOf(rooms, job)
  if (!view) return
  await rooms.db.write((tx) => detach(tx, job.id))
  await deleteRepository(rooms, { actor: { kind: 'guest' }, address: 'import' }, view)
}
