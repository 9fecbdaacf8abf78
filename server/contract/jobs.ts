// The wire shapes of background work, as admins see it.
import { z } from 'zod'

const Time = z.iso.datetime()

export const JobState = z.enum(['waiting', 'running', 'done', 'failed', 'parked', 'cancelled'])
export type JobState = z.infer<typeof JobState>

export const JobEntry = z.object({
  id: z.string(),
  kind: z.string(),
  /** full_name, or an empty text where the job belongs to none. */
  repository: z.string(),
  state: JobState,
  attempts: z.number(),
  /** What the handler said last, for example git's progress line. */
  progress: z.string(),
  error: z.string().nullable(),
  created_on: Time,
  /** When a waiting job is tried next. */
  next_on: Time.nullable(),
  started_on: Time.nullable(),
  finished_on: Time.nullable(),
})
export type JobEntry = z.infer<typeof JobEntry>

/** GET /admin/jobs: the first of each group, and how many there are of every state. */
export const JobList = z.object({
  counts: z.partialRecord(JobState, z.number()),
  running: z.array(JobEntry),
  waiting: z.array(JobEntry),
  parked: z.array(JobEntry),
  recent: z.array(JobEntry),
})
export type JobList = z.infer<typeof JobList>
