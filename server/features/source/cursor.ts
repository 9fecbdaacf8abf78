// Where a walk through history goes on, as the opaque `ctx` of the next page.
import { z } from 'zod'
import { Fault } from '../../kit/fault.ts'

/** So many commits are pinned in a cursor; beyond it, names are looked up again on each page. */
export const PINNED_MAX = 128

const Oids = z.array(z.string().regex(/^[0-9a-f]{40,64}$/)).max(PINNED_MAX)

const LogCursor = z.object({
  /** The commits that the names meant on the first page, so that a push in between shifts nothing. */
  include: Oids.optional(),
  exclude: Oids.optional(),
  /** The last commit of the page before. */
  after: Oids.element.optional(),
  /** For the history of a path, which may have had another name: how many of its commits were shown. */
  path: z.string().max(8192).optional(),
  skip: z.int().min(0).optional(),
})
export type LogCursor = z.infer<typeof LogCursor>

export function packCursor(cursor: LogCursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url')
}

export function unpackCursor(text: string | undefined): LogCursor | undefined {
  if (text === undefined) return undefined
  const parsed = LogCursor.safeParse(parseJson(Buffer.from(text, 'base64url').toString()))
  if (!parsed.success)
    throw new Fault('request.invalid', { detail: 'This page is not known. Begin again at the first.' })
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
