// A folder as its page shows it: one page of its entries, those that fit a filter, and what is to be read first.
import type { FolderQuery } from '../../contract/source.ts'
import { FOLDER_PAGE } from '../../contract/source.ts'
import { pathBytes } from '../../git/format/paths.ts'
import {
  entryAtPlace,
  firstByteOfName,
  foldersFirst,
  type TreeData,
  type TreeEntry,
} from '../../git/format/treeobject.ts'

export interface FolderPage {
  total: number
  matching: number
  entries: TreeEntry[]
}

/** Folders first. Only the entries of the page become values, however many there are. */
export function folderPage(tree: TreeData, { page, filter }: FolderQuery): FolderPage {
  const places = foldersFirst(tree)
  const wanted = lower(pathBytes(filter))
  const fitting =
    wanted === '' ? places : places.filter((place) => lower(entryAtPlace(tree, place).name).includes(wanted))
  const shown = fitting.slice((page - 1) * FOLDER_PAGE, page * FOLDER_PAGE)
  return {
    total: places.length,
    matching: fitting.length,
    entries: shown.map((place) => entryAtPlace(tree, place)),
  }
}

/** Byte by byte, as names need not be UTF-8; of letters beyond ASCII it leaves the case. */
function lower(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

const R = Buffer.from('rR')
const README = /^readme(?:\.(?:md|markdown|mkdn?|mdown|rst|te?xt))?$/i
const MARKDOWN = /\.(?:md|markdown|mkdn?|mdown)$/i

/** The README of a folder; the one in Markdown where there are several. */
export function findReadme(tree: TreeData): TreeEntry | undefined {
  const found: TreeEntry[] = []
  for (const place of foldersFirst(tree)) {
    if (!R.includes(firstByteOfName(tree, place))) continue
    const entry = entryAtPlace(tree, place)
    if (entry.name.length > 20 || (entry.kind !== 'file' && entry.kind !== 'executable')) continue
    if (README.test(entry.name.toString('latin1'))) found.push(entry)
  }
  return found.find(({ name }) => MARKDOWN.test(name.toString('latin1'))) ?? found[0]
}
