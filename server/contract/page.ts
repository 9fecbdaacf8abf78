// Bitbucket's page envelope: what a list asks for and how its answer leads to the next page.
import { z } from 'zod'

export const PageQuery = z.object({
  page: z.coerce.number().int().min(1).default(1),
  pagelen: z.coerce.number().int().min(1).max(100).default(10),
  q: z.string().max(4000).optional(),
  sort: z.string().max(200).optional(),
  fields: z.string().max(2000).optional(),
})
export type PageQuery = z.infer<typeof PageQuery>

export interface Page<T> {
  size?: number
  page?: number
  pagelen: number
  next?: string
  previous?: string
  values: T[]
}

/** `target` is path and query of the request, `base` the address that the caller reached. */
export interface Place {
  base: string
  target: string
}

/** Cuts the asked page out of a whole list. */
export function pageOf<T>(all: readonly T[], query: PageQuery, place: Place): Page<T> {
  const { page, pagelen } = query
  const values = all.slice((page - 1) * pagelen, page * pagelen)
  return {
    size: all.length,
    page,
    pagelen,
    ...(page * pagelen < all.length ? { next: withQuery(place, { page: String(page + 1) }) } : {}),
    ...(page > 1 && all.length > 0 ? { previous: withQuery(place, { page: String(page - 1) }) } : {}),
    values,
  }
}

/** A page of a walk that is too long to count; `cursor` leads to the next one and means nothing to the caller. */
export function walkOf<T>(values: T[], query: PageQuery, place: Place, cursor: string | undefined): Page<T> {
  return {
    pagelen: query.pagelen,
    ...(cursor === undefined ? {} : { next: withQuery(place, { ctx: cursor }) }),
    values,
  }
}

function withQuery({ base, target }: Place, changes: Record<string, string>): string {
  const url = new URL(target, base)
  for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value)
  return url.href
}
