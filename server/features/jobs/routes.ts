// Routes of background work for admins: what runs, waits, is parked or has ended; resume, discard, cancel.
import { JobEntry, JobList } from '../../contract/jobs.ts'
import { Fault } from '../../kit/fault.ts'
import { record } from '../../outbox/events.ts'
import {
  countJobs,
  discardJob,
  findJob,
  finishJob,
  type Job,
  type ListedJob,
  listJobs,
  resumeJob,
} from '../../outbox/queue.ts'
import { type Ask, done, json, route, type Route } from '../../route.ts'
import type { Rooms } from '../../rooms.ts'
import type { Tx } from '../../db/open.ts'
import { personOf } from '../accounts/session.ts'

const OWN = '/api/gitstead/1/admin/jobs'
const SHOWN = 100

function present(job: ListedJob): JobEntry {
  return {
    id: String(job.id),
    kind: job.kind,
    repository: job.repository_slug === null ? '' : `${job.workspace_slug}/${job.repository_slug}`,
    state: job.state,
    attempts: job.attempts,
    progress: job.progress,
    error: job.error,
    created_on: job.created_at,
    next_on: job.state === 'waiting' ? job.run_at : null,
    started_on: job.started_at,
    finished_on: job.finished_at,
  }
}

async function jobList(rooms: Rooms): Promise<JobList> {
  const list = async (states: Job['state'][]): Promise<JobEntry[]> =>
    (await listJobs(rooms.db.read, states, SHOWN)).map(present)
  return {
    counts: await countJobs(rooms.db.read),
    running: await list(['running']),
    waiting: await list(['waiting']),
    parked: await list(['parked']),
    recent: await list(['done', 'failed', 'cancelled']),
  }
}

async function needJob(rooms: Rooms, id: string): Promise<Job> {
  const job = /^\d{1,15}$/.test(id) ? await findJob(rooms.db.read, Number(id)) : undefined
  if (!job) throw new Fault('not-found')
  return job
}

/** The change and its event together; a conflict when the job is not in the state that the admin saw. */
async function change(
  rooms: Rooms,
  ask: Ask<{ id: string }>,
  what: { event: string; otherwise: string },
  write: (tx: Tx, id: number) => Promise<boolean>,
): Promise<Job> {
  const job = await needJob(rooms, ask.params.id)
  await rooms.db.write(async (tx) => {
    if (!(await write(tx, job.id))) throw new Fault('conflict', { detail: what.otherwise })
    const data = { job: job.id, kind: job.kind }
    const repositoryId = job.repository_id
    await record(tx, { kind: what.event, actorId: personOf(ask).id, repositoryId, address: ask.address, data })
  })
  return job
}

function cancel(tx: Tx, id: number): Promise<boolean> {
  return finishJob(tx, id, { state: 'cancelled', error: 'Cancelled by an admin.' })
}

/** `afterCancel`: what is left to do for a job that was cancelled before it ran, by its kind. */
export function jobRoutes(afterCancel: (rooms: Rooms, job: Job) => Promise<void>): Route[] {
  return [
    route({
      method: 'get',
      path: OWN,
      access: 'admin',
      scope: 'session',
      summary: 'Background work: what runs, waits, is parked, and has ended lately',
      answer: JobList,
      handle: async (rooms) => json(await jobList(rooms)),
    }),
    route({
      method: 'post',
      path: `${OWN}/:id/resume`,
      access: 'admin',
      scope: 'session',
      summary: 'Try a parked job again, with all its attempts anew',
      handle: async (rooms, ask) => {
        const what = { event: 'job:resumed', otherwise: 'This job is not parked any more.' }
        await change(rooms, ask, what, resumeJob)
        rooms.bus.tell({ kind: 'jobs' })
        return done()
      },
    }),
    route({
      method: 'post',
      path: `${OWN}/:id/discard`,
      access: 'admin',
      scope: 'session',
      summary: 'Give up on a parked job',
      handle: async (rooms, ask) => {
        await change(rooms, ask, { event: 'job:discarded', otherwise: 'This job is not parked any more.' }, discardJob)
        return done()
      },
    }),
    route({
      method: 'post',
      path: `${OWN}/:id/cancel`,
      access: 'admin',
      scope: 'session',
      summary: 'End a job that waits or runs',
      handle: async (rooms, ask) => {
        const what = { event: 'job:cancelled', otherwise: 'This job has ended already.' }
        const job = await change(rooms, ask, what, cancel)
        rooms.bus.tell({ kind: 'cancel', job: job.id })
        if (job.state === 'waiting') await afterCancel(rooms, job)
        return done()
      },
    }),
  ]
}
