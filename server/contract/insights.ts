// The wire shape of what a repository's history says: who wrote it, and when.
import { z } from 'zod'

const Figures = z.object({
  /** The commit of the main branch that all of it is counted up to. */
  commit: z.string(),
  commits: z.number(),
  contributors: z.number(),
  /** Those with most commits, as git's shortlog has them. */
  people: z.array(
    z.object({
      name: z.string(),
      email: z.string(),
      commits: z.number(),
      first_on: z.iso.datetime(),
      last_on: z.iso.datetime(),
    }),
  ),
  /** The last two years, the oldest week first. */
  weeks: z.array(z.object({ from: z.iso.date(), commits: z.number() })),
  /** Commits by weekday from Monday, and by the hour of the author's own clock. */
  hours: z.array(z.array(z.number())),
})
export type Figures = z.infer<typeof Figures>

/** GET /insights. The first time there are no figures yet; later those before stand until the new ones are counted. */
export const Insights = z.object({
  figures: Figures.nullable(),
  /** How many commits of how many are counted; null when nothing is left to count. */
  counting: z.object({ done: z.number(), total: z.number() }).nullable(),
  branches: z.number(),
  tags: z.number(),
})
export type Insights = z.infer<typeof Insights>
