// The wire shapes of the operations pages: how the server fares now, over the last day, and which requests were slow.
import { z } from 'zod'

const Time = z.iso.datetime()
const Count = z.number()
const Ms = z.number().nullable()

export const Check = z.object({
  name: z.string(),
  /** `broken`: something does not work. `strained`: it works, and somebody should look. */
  state: z.enum(['fine', 'strained', 'broken']),
  /** One sentence for the admin. */
  words: z.string(),
})
export type Check = z.infer<typeof Check>

/** GET /health */
export const Health = z.object({ state: Check.shape.state, checks: z.array(Check) })
export type Health = z.infer<typeof Health>

/** One class of requests: what is at work now, and how it went in the last quarter of an hour. */
export const ClassState = z.object({
  name: z.string(),
  running: Count.nullable(),
  waiting: Count.nullable(),
  places: Count.nullable(),
  refused: Count.nullable(),
  late: Count.nullable(),
  requests: Count,
  failed: Count,
  p50: Ms,
  p95: Ms,
  p99: Ms,
})
export type ClassState = z.infer<typeof ClassState>

export const ProcessEntry = z.object({
  name: z.string(),
  role: z.string(),
  state: z.string(),
  pid: Count,
  since: Time,
  connections: Count,
  deaths: Count,
  /** Null where the process did not answer. */
  vitals: z
    .object({
      memory: Count,
      /** Seconds. */
      cpu: Count,
      /** Part of the time, 0 to 1. */
      busy: Count,
      loop_p99: Count,
      loop_max: Count,
      sockets: Count,
      files: Count.nullable(),
    })
    .nullable(),
})
export type ProcessEntry = z.infer<typeof ProcessEntry>

export const GitEntry = z.object({
  command: z.string(),
  pid: Count,
  since: Time,
  /** full_name, or an empty text where it works for none that we know. */
  repository: z.string(),
})
export type GitEntry = z.infer<typeof GitEntry>

/** GET /admin/operations */
export const Operations = z.object({
  at: Time,
  health: Health,
  classes: z.array(ClassState),
  processes: z.array(ProcessEntry),
  supervisor: z.object({ pid: Count, since: Time, memory: Count }),
  caches: z.array(z.object({ name: z.string(), hits: Count, misses: Count })),
  bcrypt: z.object({ waiting: Count, computed: Count }),
  git: z.array(GitEntry),
  jobs: z.array(
    z.object({ kind: z.string(), waiting: Count, running: Count, parked: Count, lag: Count, done: Count, p95: Ms }),
  ),
  disks: z.array(z.object({ volume: z.string(), free: Count, total: Count, ms: Ms, error: z.string().nullable() })),
  database: z.object({ size: Count, wal: Count, writes: Count, p95: Ms }),
  /** Lines of the log that nobody took in time. */
  log_dropped: Count,
  /** When the last backup ended; null: never. */
  backup: Time.nullable(),
})
export type Operations = z.infer<typeof Operations>

/** GET /admin/operations/history: one point for so many seconds; null where nobody measured. */
export const History = z.object({
  seconds: Count,
  /** Of the first point. */
  from: Time,
  series: z.record(z.string(), z.array(z.number().nullable())),
})
export type History = z.infer<typeof History>

/** GET /admin/transfers: one of git that is under way. */
export const TransferEntry = z.object({
  id: z.string(),
  service: z.enum(['git-upload-pack', 'git-receive-pack']),
  repository: z.string(),
  /** Nothing for a guest. */
  account: z.string(),
  address: z.string(),
  since: Time,
  /** Received for a push, sent for all else. */
  bytes: Count,
})
export type TransferEntry = z.infer<typeof TransferEntry>

export const SlowRequest = z.object({
  id: z.string(),
  at: Time,
  /** X-Request-Id, as it stands in the log. */
  request: z.string(),
  process: z.string(),
  class: z.string(),
  method: z.string(),
  /** The pattern of the route, or git's service. */
  route: z.string(),
  account: z.string(),
  address: z.string(),
  repository: z.string(),
  status: Count,
  ms: Count,
  waited_ms: Count,
  /** Git's processes that ran for it; null while one still did. */
  git: z.array(z.object({ command: z.string(), ms: Ms })),
})
export type SlowRequest = z.infer<typeof SlowRequest>

/** GET /admin/slow-requests */
export const SlowRequests = z.object({ slow_ms: Count, slow_git_ms: Count, values: z.array(SlowRequest) })
export type SlowRequests = z.infer<typeof SlowRequests>
