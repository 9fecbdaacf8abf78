// Wire shapes of what stands at the door: classes of requests.
import { z } from 'zod'

/** One class in one process of the server. Counts begin with the process. */
export const ClassState = z.object({
  class: z.string(),
  process: z.string(),
  running: z.number(),
  waiting: z.number(),
  entered: z.number(),
  /** Found the line full, or waited in it too long. */
  refused: z.number(),
  /** Were not answered in time. */
  late: z.number(),
  places: z.number(),
  line: z.number(),
  patience_seconds: z.number(),
  deadline_seconds: z.number().nullable(),
})
export type ClassState = z.infer<typeof ClassState>
