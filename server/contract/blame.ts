// The wire shapes of blame: lines of a file with the commits that made them.
import { z } from 'zod'

export const BlameQuery = z.object({
  from: z.coerce.number().int().min(1).default(1),
  /** The last line; without it as many as one answer holds. */
  to: z.coerce.number().int().min(1).optional(),
})

const At = z.object({ commit: z.string(), path: z.string() })

export const BlameRange = At.extend({
  from: z.number(),
  lines: z.number(),
  /** The number of its first line in the file as `commit` made it. */
  source: z.number(),
  /** The file before `commit` changed it; null where it made the file. */
  previous: At.nullable(),
})
export type BlameRange = z.infer<typeof BlameRange>

export const BlameCommit = z.object({
  hash: z.string(),
  author: z.object({ name: z.string(), email: z.string() }),
  date: z.string(),
  /** First line of its message. */
  summary: z.string(),
})
export type BlameCommit = z.infer<typeof BlameCommit>

/** `from` and `to` are the lines that the answer is about; `total` says how many the file has. */
export const BlamePage = At.extend({
  total: z.number(),
  from: z.number(),
  to: z.number(),
  /** The lines themselves; one that is very long ends in …. */
  text: z.array(z.string()),
  ranges: z.array(BlameRange),
  /** Each of those in `ranges` once. */
  commits: z.array(BlameCommit),
})
export type BlamePage = z.infer<typeof BlamePage>
