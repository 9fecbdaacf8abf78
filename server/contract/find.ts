// The wire shapes of finding things in a repository: text in its files, its files by name, and how far branches stand apart.
import { z } from 'zod'

export const SEARCH_MODES = ['words', 'regexp'] as const

/** GET /search: a page of files with their matching lines. */
export const SearchResult = z.object({
  /** The commit that was looked in. */
  commit: z.string(),
  values: z.array(
    z.object({
      path: z.string(),
      lines: z.array(
        z.object({
          line: z.number(),
          segments: z.array(z.object({ text: z.string(), match: z.boolean() })),
          /** The line is longer than this. */
          cut: z.boolean(),
        }),
      ),
      /** The file has further matching lines. */
      more: z.boolean(),
    }),
  ),
  /** Why the search ended before it had looked everywhere. */
  cut: z.enum(['time', 'size']).nullable(),
  /** `after` for the next page; null on the last. */
  next: z.string().nullable(),
})
export type SearchResult = z.infer<typeof SearchResult>

/** GET /files: all paths of a commit, for going to one by its name. */
export const FileList = z.object({
  /** The name that the commit was asked for by, without a path behind it. */
  ref: z.string(),
  commit: z.string(),
  /** There are more files than are listed. */
  truncated: z.boolean(),
  values: z.array(z.string()),
})
export type FileList = z.infer<typeof FileList>

/** GET /ahead-behind: how many commits each branch has that the base lacks, and the other way round. */
export const AheadBehindList = z.object({
  /** Null where the base does not exist. */
  base: z.string().nullable(),
  values: z.array(
    z.object({
      name: z.string(),
      hash: z.string(),
      /** Null where its history cannot be followed. */
      ahead: z.number().nullable(),
      behind: z.number().nullable(),
    }),
  ),
})
export type AheadBehindList = z.infer<typeof AheadBehindList>
