// Tree objects as they lie in git: entries are found by their place, and made into values only where they are shown.

export type EntryKind = 'file' | 'executable' | 'symlink' | 'folder' | 'submodule'

export interface TreeEntry {
  /** Bytes, as names need not be UTF-8: `pathText` makes text of them. */
  name: Buffer
  /** Six octal digits, as git prints them. */
  mode: string
  kind: EntryKind
  oid: string
}

/** A tree's bytes and the length of the ids in them: 20 for SHA-1. */
export interface TreeData {
  data: Buffer
  idBytes: number
}

const [SPACE, SLASH] = [0x20, 0x2f]

/** Where each entry begins, in git's order. What follows after damage is left out. */
export function entryPlaces({ data, idBytes }: TreeData): number[] {
  const places: number[] = []
  for (let at = 0; at < data.length;) {
    const end = data.indexOf(0, at)
    if (end < 0 || end + idBytes >= data.length) return places
    places.push(at)
    at = end + 1 + idBytes
  }
  return places
}

/** The same with folders first, as pages show them. */
export function foldersFirst(tree: TreeData): number[] {
  const folders: number[] = []
  const others: number[] = []
  for (const place of entryPlaces(tree)) (isFolderAt(tree.data, place) ? folders : others).push(place)
  return folders.concat(others)
}

export function entryAtPlace({ data, idBytes }: TreeData, place: number): TreeEntry {
  const space = data.indexOf(SPACE, place)
  const end = data.indexOf(0, place)
  const mode = data.toString('latin1', place, space).padStart(6, '0')
  return {
    name: data.subarray(space + 1, end),
    mode,
    kind: kindOfBits(bitsAt(data, place)),
    oid: data.toString('hex', end + 1, end + 1 + idBytes),
  }
}

export function entries(tree: TreeData): TreeEntry[] {
  return entryPlaces(tree).map((place) => entryAtPlace(tree, place))
}

export function findEntry(tree: TreeData, name: Buffer): TreeEntry | undefined {
  const { data, idBytes } = tree
  if (name.includes(0) || name.includes(SLASH)) return undefined
  for (let at = 0; at < data.length;) {
    const end = data.indexOf(0, at)
    if (end < 0 || end + idBytes >= data.length) return undefined
    const start = end - name.length
    if (data[start - 1] === SPACE && start > at && data.compare(name, 0, name.length, start, end) === 0) {
      // A name may hold spaces itself: the first one ends the mode.
      if (data.indexOf(SPACE, at) === start - 1) return entryAtPlace(tree, at)
    }
    at = end + 1 + idBytes
  }
  return undefined
}

/** Of the name at this place: enough to leave most of them out. */
export function firstByteOfName({ data }: TreeData, place: number): number {
  return data[data.indexOf(SPACE, place) + 1] ?? 0
}

export function kindOf(mode: string): EntryKind {
  return kindOfBits(Number.parseInt(mode, 8))
}

function kindOfBits(bits: number): EntryKind {
  switch (bits & 0o170000) {
    case 0o040000:
      return 'folder'
    case 0o120000:
      return 'symlink'
    case 0o160000:
      return 'submodule'
    default:
      return bits & 0o111 ? 'executable' : 'file'
  }
}

function isFolderAt(data: Buffer, place: number): boolean {
  return kindOfBits(bitsAt(data, place)) === 'folder'
}

const [ZERO, SEVEN] = [0x30, 0x37]

/** The octal digits that begin there, without making a text of them. */
function bitsAt(data: Buffer, place: number): number {
  let bits = 0
  for (let at = place; ; at++) {
    const digit = data[at] ?? 0
    if (digit < ZERO || digit > SEVEN) return bits
    bits = (bits << 3) | (digit - ZERO)
  }
}
