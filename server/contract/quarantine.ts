// Wire shapes of a repository that an admin of the server has closed.
import { z } from 'zod'
import { Line } from './names.ts'

/** `read-only`: nothing is changed. `off`: nothing is read either. */
export const Mode = z.enum(['open', 'read-only', 'off'])
export type Mode = z.infer<typeof Mode>

export const Quarantine = z.object({ mode: Mode, reason: z.string(), since: z.iso.datetime().nullable() })
export type Quarantine = z.infer<typeof Quarantine>

/** Git shows the reason on one line, so it is short. */
export const NewQuarantine = z
  .object({ mode: Mode, reason: Line.max(200, 'Use at most 200 characters.').default('') })
  .refine(({ mode, reason }) => mode === 'open' || reason !== '', {
    path: ['reason'],
    error: 'Say why: everybody who is refused reads it.',
  })
export type NewQuarantine = z.infer<typeof NewQuarantine>
