// The changed files as the rows of a tree: folders with one child are one row with it, folded ones hide what is in them.
import type { ChangedFile } from '../../../../server/contract/changes.ts'
import { pathOf } from '../../../code/diff-facts.ts'

export type TreeRow =
  | { kind: 'folder'; path: string; name: string; depth: number; files: number; open: boolean }
  | { kind: 'file'; path: string; name: string; depth: number; at: number; file: ChangedFile }

interface Folder {
  folders: Map<string, Folder>
  files: { name: string; at: number; file: ChangedFile }[]
  count: number
}

/** `at` is the place in the list. `wanted`: part of the path, in any case. */
export function treeRows(files: readonly ChangedFile[], wanted: string, closed: ReadonlySet<string>): TreeRow[] {
  const root: Folder = { folders: new Map(), files: [], count: 0 }
  const needle = wanted.trim().toLowerCase()
  for (const [at, file] of files.entries()) {
    const path = pathOf(file)
    if (needle !== '' && !path.toLowerCase().includes(needle)) continue
    const names = path.split('/')
    let folder = root
    for (const name of names.slice(0, -1)) {
      const inner: Folder = folder.folders.get(name) ?? { folders: new Map(), files: [], count: 0 }
      folder.folders.set(name, inner)
      inner.count++
      folder = inner
    }
    folder.files.push({ name: names.at(-1) ?? '', at, file })
  }
  const rows: TreeRow[] = []
  addRows(rows, root, { path: '', depth: 0, closed })
  return rows
}

function addRows(
  rows: TreeRow[],
  folder: Folder,
  place: { path: string; depth: number; closed: ReadonlySet<string> },
): void {
  const { path, depth, closed } = place
  for (const [first, child] of [...folder.folders].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    let [name, inner] = [first, child]
    for (let only = onlyChild(inner); only; only = onlyChild(inner)) {
      name += `/${only[0]}`
      inner = only[1]
    }
    const here = path === '' ? name : `${path}/${name}`
    const open = !closed.has(here)
    rows.push({ kind: 'folder', path: here, name, depth, files: inner.count, open })
    if (open) addRows(rows, inner, { path: here, depth: depth + 1, closed })
  }
  for (const { name, at, file } of folder.files) rows.push({ kind: 'file', path: pathOf(file), name, depth, at, file })
}

function onlyChild({ folders, files }: Folder): [string, Folder] | undefined {
  return files.length === 0 && folders.size === 1 ? [...folders][0] : undefined
}
