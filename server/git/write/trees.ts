// The trees of a commit that edits another: only folders on the way to what changes are read, and only they are written.
import { Fault } from '../../kit/fault.ts'
import { EMPTY_TREE } from '../format/oid.ts'
import { pathText } from '../format/paths.ts'
import { entryAtPlace, entryPlaces, type TreeData, type TreeEntry } from '../format/treeobject.ts'
import type { Reads } from '../read/reads.ts'
import { readTree } from '../read/trees.ts'
import type { Repo } from '../refs/refs.ts'
import type { Stage } from './stage.ts'

/** `oid`: the new content; without one the file goes. */
export interface FileEdit {
  names: readonly string[]
  oid?: string
  /** For a new file; one that is there already stays what it is. */
  executable?: boolean
}

interface Place {
  edit: FileEdit | undefined
  /** By name, one character per byte. */
  below: Map<string, Place>
}

interface Work {
  reads: Reads
  repo: Repo
  stage: Stage
  signal: AbortSignal
}

/** The tree with the edits in it; `from` undefined: there is nothing yet. Throws in words where one cannot be made. */
export async function editTree(work: Work, from: string | undefined, edits: readonly FileEdit[]): Promise<string> {
  const root: Place = { edit: undefined, below: new Map() }
  for (const edit of edits) plant(root, edit)
  return (await folderOf(work, from, { place: root, path: '' })) ?? work.stage.addTree(Buffer.alloc(0))
}

function plant(root: Place, edit: FileEdit): void {
  let at = root
  for (const name of edit.names) {
    const key = Buffer.from(name).toString('latin1')
    let next = at.below.get(key)
    if (!next) at.below.set(key, (next = { edit: undefined, below: new Map() }))
    at = next
  }
  if (at.edit) throw refused(edit.names.join('/'), 'is named twice.')
  at.edit = edit
}

interface Spot {
  place: Place
  /** Of the folder, with a slash at its end; empty for the root. */
  path: string
}

/** The folder's new id; undefined when nothing is left in it. */
async function folderOf(work: Work, from: string | undefined, { place, path }: Spot): Promise<string | undefined> {
  const { reads, repo, stage, signal } = work
  signal.throwIfAborted()
  const tree = from === undefined || from === EMPTY_TREE ? NONE : await readTree(reads, repo, from, signal)
  const there = entriesOf(tree, place.below)
  const changed = new Map<string, TreeEntry | undefined>()
  for (const [key, next] of place.below) {
    const name = Buffer.from(key, 'latin1')
    changed.set(key, await entryOf(work, there.get(key), { name, place: next, path: path + pathText(name) }))
  }
  const data = splice(tree, changed)
  if (data.length === 0) return undefined
  return from !== undefined && data.equals(tree.data) ? from : stage.addTree(data)
}

const NONE: TreeData = { data: Buffer.alloc(0), idBytes: 20 }

/** In one pass, as a folder may be large and many of its files named. */
function entriesOf(tree: TreeData, wanted: ReadonlyMap<string, unknown>): Map<string, TreeEntry> {
  const found = new Map<string, TreeEntry>()
  for (const place of entryPlaces(tree)) {
    const entry = entryAtPlace(tree, place)
    const key = entry.name.toString('latin1')
    if (wanted.has(key) && !found.has(key)) found.set(key, entry)
  }
  return found
}

interface Named extends Spot {
  name: Buffer
}

/** What stands there afterwards. */
async function entryOf(work: Work, entry: TreeEntry | undefined, spot: Named): Promise<TreeEntry | undefined> {
  const { name, place, path } = spot
  const { edit, below } = place
  const before = edit && edit.oid === undefined ? gone(entry, path) : entry
  const folder = below.size === 0 ? folderIn(before) : await inside(work, before, spot)
  if (edit?.oid !== undefined)
    return written(before, { name, path, oid: edit.oid, folder, executable: edit.executable === true })
  return folder === undefined ? undefined : { name, mode: '40000', kind: 'folder', oid: folder }
}

interface Written {
  name: Buffer
  path: string
  oid: string
  /** What is left of the folder of this name. */
  folder: string | undefined
  executable: boolean
}

function written(before: TreeEntry | undefined, { name, path, oid, folder, executable }: Written): TreeEntry {
  if (folder !== undefined) throw refused(path, 'is a folder.')
  if (before?.kind === 'submodule') throw refused(path, 'is a submodule: its files are in another repository.')
  // A link that is written to becomes a file: nothing is ever stored where it leads.
  return before?.kind === 'executable' || (before === undefined && executable)
    ? { name, mode: '100755', kind: 'executable', oid }
    : { name, mode: '100644', kind: 'file', oid }
}

function folderIn(entry: TreeEntry | undefined): string | undefined {
  return entry?.kind === 'folder' ? entry.oid : undefined
}

async function inside(work: Work, entry: TreeEntry | undefined, { place, path }: Spot): Promise<string | undefined> {
  if (entry?.kind === 'symlink') throw refused(path, 'is a symbolic link: nothing is written through it.')
  if (entry?.kind === 'submodule') throw refused(path, 'is a submodule: its files are in another repository.')
  if (entry && entry.kind !== 'folder') throw refused(path, 'is a file, so it cannot hold others.')
  return folderOf(work, entry?.oid, { place, path: `${path}/` })
}

function gone(entry: TreeEntry | undefined, path: string): undefined {
  if (!entry) throw refused(path, 'is not there, so it cannot be deleted.')
  if (entry.kind === 'folder') throw refused(path, 'is a folder. Name the files in it to delete them.')
  if (entry.kind === 'submodule') throw refused(path, 'is a submodule, which is not changed here.')
}

function refused(path: string, what: string): Fault {
  const detail = `${path} ${what}`
  return new Fault('request.invalid', { detail, fields: { [path]: [detail] } })
}

/** Entries that are not named stay byte by byte, however odd; the new ones come in at git's place for them. */
function splice(tree: TreeData, changed: ReadonlyMap<string, TreeEntry | undefined>): Buffer {
  const waiting = [...changed.values()]
    .filter((entry) => entry !== undefined)
    .map((entry) => ({ key: sortKey(entry), bytes: bytesOf(entry) }))
    .toSorted((a, b) => Buffer.compare(a.key, b.key))
  const parts: Buffer[] = []
  for (const place of entryPlaces(tree)) {
    const entry = entryAtPlace(tree, place)
    if (changed.has(entry.name.toString('latin1'))) continue
    const key = sortKey(entry)
    while (waiting[0] && Buffer.compare(waiting[0].key, key) < 0) parts.push(waiting.shift()?.bytes ?? NONE.data)
    const end = tree.data.indexOf(0, place) + 1 + tree.idBytes
    parts.push(tree.data.subarray(place, end))
  }
  return Buffer.concat([...parts, ...waiting.map(({ bytes }) => bytes)])
}

/** Git sorts a folder as if its name ended with a slash. */
function sortKey({ name, kind }: TreeEntry): Buffer {
  return kind === 'folder' ? Buffer.concat([name, SLASH]) : name
}

const SLASH = Buffer.from('/')

function bytesOf({ mode, name, oid }: TreeEntry): Buffer {
  return Buffer.concat([Buffer.from(`${mode} `), name, Buffer.of(0), Buffer.from(oid, 'hex')])
}
