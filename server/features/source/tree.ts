// What the page of a folder shows, in one answer: where the address leads, its entries, and what it is good to know of them.
import type { Folder, FolderEntry, FolderQuery, RepositoryFigures, Tree } from '../../contract/source.ts'
import { FOLDER_PAGE } from '../../contract/source.ts'
import { pathBytes, pathText } from '../../git/format/paths.ts'
import type { TreeEntry } from '../../git/format/treeobject.ts'
import { countCommits } from '../../git/read/history.ts'
import { readRefs, refsUnder, resolve } from '../../git/read/revisions.ts'
import { type Entry, entryAt, readTree, withSizes } from '../../git/read/trees.ts'
import type { Ask } from '../../route.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from '../repositories/door.ts'
import { fullName } from '../repositories/present.ts'
import { findReadme, folderPage } from './folder.ts'
import { keyOf, memoryOf } from './memory.ts'
import { presentEntry } from './present.ts'
import { locate } from './source.ts'
import { parseGitmodules, repositoryHere } from './submodules.ts'

type TreeAsk = Pick<Ask, 'signal' | 'base'> & { repository: RepositoryView }

export async function readPlace(rooms: Rooms, ask: TreeAsk, address: string, query: FolderQuery): Promise<Tree> {
  const { repository, signal } = ask
  const found = await locate(rooms, repository, address, signal)
  const { commit, entry, ref, kind } = found
  const [sized = entry] = await withSizes(rooms.reads, repoOf(rooms, repository), [entry], signal)
  return {
    ref,
    kind,
    commit,
    path: pathText(entry.path),
    entry: presentEntry(ask, commit, sized),
    folder: entry.kind === 'folder' ? await readFolderPage(rooms, ask, { commit, entry }, query) : null,
  }
}

/** About what a page takes, and each of its entries. */
const [PER_PAGE, PER_ENTRY] = [500, 300]

async function readFolderPage(
  rooms: Rooms,
  ask: TreeAsk,
  place: { commit: string; entry: Entry },
  query: FolderQuery,
): Promise<Folder> {
  const { pages } = memoryOf(rooms)
  const key = keyOf(ask.repository.id, place.entry.oid, query.page, query.filter)
  const known = pages.get(key)
  if (known) return known
  const folder = await makeFolderPage(rooms, ask, place, query)
  const { entries } = folder
  if (!entries.some(({ kind }) => kind === 'submodule')) pages.set(key, folder, PER_PAGE + entries.length * PER_ENTRY)
  return folder
}

async function makeFolderPage(
  rooms: Rooms,
  ask: TreeAsk,
  { commit, entry }: { commit: string; entry: Entry },
  query: FolderQuery,
): Promise<Folder> {
  const { signal } = ask
  const { reads } = rooms
  const repo = repoOf(rooms, ask.repository)
  const tree = await readTree(reads, repo, entry.oid, signal)
  const { total, matching, entries } = folderPage(tree, query)
  const readme = findReadme(tree)
  const [sizes, links, [read]] = await Promise.all([
    withSizes(reads, repo, entries.map(nowhere), signal),
    entries.some(({ kind }) => kind === 'submodule') ? submoduleLinks(rooms, ask, commit) : undefined,
    withSizes(reads, repo, readme ? [nowhere(readme)] : [], signal),
  ])
  const present = (child: Entry): FolderEntry => ({
    name: pathText(child.name),
    kind: child.kind,
    hash: child.oid,
    size: child.size ?? null,
    link: (child.kind === 'submodule' && links?.(Buffer.concat([prefix, child.name]), child.oid)) || null,
  })
  const prefix = entry.path.length === 0 ? entry.path : Buffer.concat([entry.path, Buffer.from('/')])
  return {
    total,
    filter: query.filter,
    matching,
    page: query.page,
    pagelen: FOLDER_PAGE,
    entries: sizes.map(present),
    readme: read ? { name: pathText(read.name), size: read.size ?? 0 } : null,
  }
}

/** Sizes do not depend on where it lies. */
function nowhere(entry: TreeEntry): Entry {
  return { ...entry, path: entry.name }
}

const GITMODULES_MAX = 256 * 1024

/** Pages of submodules by their paths; none where `.gitmodules` is missing, odd, or leads elsewhere. */
async function submoduleLinks(rooms: Rooms, ask: TreeAsk, commit: string) {
  const repo = repoOf(rooms, ask.repository)
  const at = { commit, path: pathBytes('.gitmodules') }
  const file = await entryAt(rooms.reads, repo, at, ask.signal)
  const isFile = file?.kind === 'file' || file?.kind === 'executable'
  const object = isFile
    ? await rooms.reads.objects.read(repo, file.oid, { max: GITMODULES_MAX, signal: ask.signal })
    : undefined
  const urls = parseGitmodules(object?.data?.toString() ?? '')
  return (path: Buffer, oid: string): string | undefined => {
    const name = repositoryHere(urls.get(path.toString()) ?? '', { base: ask.base, fullName: fullName(ask.repository) })
    return name && `/${name}/src/${oid}`
  }
}

export async function readFigures(
  rooms: Rooms,
  repository: RepositoryView,
  revision: string,
  signal: AbortSignal,
): Promise<RepositoryFigures> {
  const repo = repoOf(rooms, repository)
  const { oid } = await resolve(rooms.reads, repo, revision, signal)
  const snapshot = await readRefs(rooms.reads, repo)
  return {
    commits: await countCommits(rooms.reads, repo, { include: [oid] }, signal),
    branches: refsUnder(snapshot, 'refs/heads/').length,
    tags: refsUnder(snapshot, 'refs/tags/').length,
    size: repository.size,
  }
}
