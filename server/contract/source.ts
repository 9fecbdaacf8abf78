// Wire shapes of the source pages: a folder as its page shows it, and the last commits of its entries, line by line.
import { z } from 'zod'

/** Entries of one page of a folder. */
export const FOLDER_PAGE = 1000

export const FolderQuery = z.object({
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  /** Only entries whose names hold this, capital letters or not. */
  filter: z.string().max(255).default(''),
})
export type FolderQuery = z.infer<typeof FolderQuery>

export const FolderEntry = z.object({
  name: z.string(),
  kind: z.enum(['file', 'executable', 'symlink', 'folder', 'submodule']),
  hash: z.string(),
  /** Bytes; null for folders and submodules, and where the file itself is missing. */
  size: z.number().nullable(),
  /** Of a submodule that lies on this server: the page of its commit. */
  link: z.string().nullable(),
})
export type FolderEntry = z.infer<typeof FolderEntry>

export const Folder = z.object({
  total: z.number(),
  /** What was filtered by, and how many fit it. */
  filter: z.string(),
  matching: z.number(),
  page: z.number(),
  pagelen: z.number(),
  entries: z.array(FolderEntry),
  readme: z.object({ name: z.string(), size: z.number() }).nullable(),
})
export type Folder = z.infer<typeof Folder>

/** GET /repositories/:workspace/:repo_slug/tree/*rest */
export const Tree = z.object({
  /** As it was asked for: names of refs may hold slashes, and where they end only the server knows. */
  ref: z.string(),
  kind: z.enum(['branch', 'tag', 'ref', 'commit']),
  commit: z.string(),
  path: z.string(),
  /** What lies there, as `format=meta` tells of it. */
  entry: z.looseObject({ type: z.enum(['commit_directory', 'commit_file']), path: z.string() }),
  /** Null for a file. */
  folder: Folder.nullable(),
})
export type Tree = z.infer<typeof Tree>

/**
 * One line of GET …/last-commits/*rest: a commit and the entries that it changed last. The last line of all says that
 * it was all, or why it is not.
 */
export type LastCommitLine =
  | { hash: string; date: string; author: string; message: string; names: string[] }
  | { end: true }
  | { failed: string }

/** GET /repositories/:workspace/:repo_slug/figures */
export const RepositoryFigures = z.object({
  /** That the named revision reaches. */
  commits: z.number(),
  branches: z.number(),
  tags: z.number(),
  /** Bytes on disk. */
  size: z.number(),
})
export type RepositoryFigures = z.infer<typeof RepositoryFigures>
