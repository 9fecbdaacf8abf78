// The commits that changed a file or folder, page by page, across renames where that is wanted.
import { readCommit } from './history.ts'
import { isOid } from '../format/oid.ts'
import { pathspec } from '../format/paths.ts'
import { parseRaw } from '../format/rawdiff.ts'
import type { Reads } from './reads.ts'
import type { Repo } from '../refs/refs.ts'
import type { Git } from '../run/run.ts'

/** Where a page begins: so many commits into the history of this path as these commits see it. */
export interface PathPlace {
  include: readonly string[]
  path: Buffer
  skip: number
}

export interface PathWish extends PathPlace {
  exclude?: readonly string[]
  limit: number
  /** Go on under the name that a file had before; for files seen from one commit. */
  follow?: boolean
}

export interface PathPage {
  /** Latest first, with the path as it was in each commit. */
  records: { oid: string; path: Buffer }[]
  /** Undefined on the last page. */
  next: PathPlace | undefined
}

const RENAMES_MAX = 50

export async function pathHistory(reads: Reads, repo: Repo, wish: PathWish, signal?: AbortSignal): Promise<PathPage> {
  const { exclude = [], limit, follow = false } = wish
  const records: PathPage['records'] = []
  let place: PathPlace = { include: wish.include, path: wish.path, skip: wish.skip }
  for (let renames = 0; renames <= RENAMES_MAX; renames++) {
    const wanted = limit - records.length
    const oids = await changing(reads.git, repo, { ...place, exclude, limit: wanted + 1 }, signal)
    for (const oid of oids.slice(0, wanted)) records.push({ oid, path: place.path })
    if (oids.length > wanted) return { records, next: { ...place, skip: place.skip + wanted } }
    const first = oids.at(-1)
    const before =
      follow && first ? await renamedFrom(reads, repo, { oid: first, path: place.path }, signal) : undefined
    if (!before) return { records, next: undefined }
    place = before
    if (records.length === limit) return { records, next: place }
  }
  return { records, next: undefined }
}

/** The latest of the commits up to this one that changed what lies at the path. */
export async function lastChange(
  git: Git,
  repo: Repo,
  { commit, path }: { commit: string; path: Buffer },
  signal?: AbortSignal,
): Promise<string | undefined> {
  const wish = { include: [commit], exclude: [], path, skip: 0, limit: 1 }
  return (await changing(git, repo, wish, signal))[0]
}

/** Git looks at the commit-graph's filters of changed paths, and follows of each merge what made the path what it is. */
async function changing(
  git: Git,
  repo: Repo,
  wish: PathWish & { exclude: readonly string[] },
  signal?: AbortSignal,
): Promise<string[]> {
  const { stdout } = await git.exec({
    name: 'path history',
    args: ['rev-list', `--max-count=${wish.limit}`, `--skip=${wish.skip}`, '--stdin', '--', pathspec(wish.path)],
    repo: repo.id,
    cwd: repo.path,
    input: [...wish.include, ...wish.exclude.map((oid) => `^${oid}`), ''].join('\n'),
    ...(signal ? { signal } : {}),
  })
  return stdout.toString('latin1').split('\n').filter(isOid)
}

/** Where the file was before this commit, when the commit gave it its name. */
async function renamedFrom(
  reads: Reads,
  repo: Repo,
  at: { oid: string; path: Buffer },
  signal?: AbortSignal,
): Promise<PathPlace | undefined> {
  const { parents } = await readCommit(reads, repo, at.oid, signal)
  const [parent] = parents
  if (parent === undefined) return undefined
  const { stdout } = await reads.git.exec({
    name: 'path renames',
    args: ['diff-tree', '-r', '-z', '--raw', '--no-abbrev', '--find-renames', '--diff-filter=R', parent, at.oid],
    repo: repo.id,
    cwd: repo.path,
    ...(signal ? { signal } : {}),
  })
  const change = parseRaw(stdout).find(({ newPath }) => newPath?.equals(at.path))
  return change?.oldPath && { include: [parent], path: change.oldPath, skip: 0 }
}
