// The formats of HEAD, loose refs and packed-refs, and how the three make one list. Pure: texts in, refs out.
import type { Target } from './peel.ts'
import { SYMLINK, type RefFiles } from './reffiles.ts'
import { isAscii, toText, validRefName } from '../format/refnames.ts'

export interface Ref {
  name: string
  oid: string
  /** What a tag leads to in the end; undefined for all but annotated tags. */
  peeled: string | undefined
  /** The ref that a symbolic one stands for. */
  symref: string | undefined
  /** The name as one character per byte; the order of refs is the order of these. */
  bytes: string
}

export interface Head {
  /** The ref that HEAD stands for, also when it is not born yet; undefined when detached. */
  target: string | undefined
  /** Undefined when unborn. */
  oid: string | undefined
  peeled: string | undefined
}

/** A loose ref resolved to its object. */
export interface Found {
  oid: string
  symref?: string
}

export interface Loose {
  /** By name in bytes. A name with `undefined` is broken: it hides a packed ref of that name, as it does for git. */
  found: Map<string, Found>
  broken: Set<string>
  values: Map<string, string>
  foreign: boolean
}

const SYMREF_DEPTH = 5
const OID = /^([0-9a-f]{40})(?:\s|$)/
const SYMBOLIC = /^ref:\s*(.*?)\s*$/s
const ZERO = '0'.repeat(40)

interface Sources {
  loose: Pick<Loose, 'values'>
  packed: readonly Ref[]
}

export function readLoose(files: RefFiles, packed: readonly Ref[]): Loose {
  const values = new Map<string, string>()
  for (const [folder, { files: inside }] of files.folders)
    for (const [name, { value }] of inside) {
      const full = `${folder}/${name}`
      if (value !== undefined && validRefName(full)) values.set(full, value)
    }
  const loose: Loose = { found: new Map(), broken: new Set(), values, foreign: false }
  for (const [name, value] of values) {
    const found = resolve(value, { loose, packed })
    if (found === 'foreign') loose.foreign = true
    else if (typeof found === 'object' && found.oid !== undefined)
      loose.found.set(name, found.symref === undefined ? { oid: found.oid } : { oid: found.oid, symref: found.symref })
    else loose.broken.add(name)
  }
  return loose
}

export function readHead(value: string, sources: Sources): Omit<Head, 'peeled'> | 'foreign' | undefined {
  const found = resolve(value, sources)
  if (found === 'foreign' || found === undefined) return found
  return { target: found.symref === undefined ? undefined : toText(found.symref), oid: found.oid }
}

interface End {
  oid?: string
  symref?: string
}

/** Where a ref's text leads in the end; `oid` undefined when the last name does not exist; undefined when broken. */
function resolve(value: string, sources: Sources): End | 'foreign' | undefined {
  let end: End = {}
  let text: string | undefined = value
  for (let depth = 0; depth <= SYMREF_DEPTH; depth++) {
    const step = readValue(text)
    if (typeof step !== 'object') return step
    end = step.oid === undefined ? step : { ...end, ...step }
    if (end.oid !== undefined || end.symref === undefined) return end
    text = sources.loose.values.get(end.symref) ?? sources.packed[indexOf(sources.packed, end.symref)]?.oid
    if (text === undefined) return end
  }
  return undefined
}

/** One ref file: an object id or the name of another ref. */
function readValue(text: string): End | 'foreign' | undefined {
  if (text === SYMLINK) return 'foreign'
  const oid = OID.exec(text)?.[1]
  if (oid !== undefined) return oid === ZERO ? undefined : { oid }
  const symref = SYMBOLIC.exec(text)?.[1]
  if (symref?.startsWith('refs/')) return validRefName(symref) ? { symref } : undefined
  // Git also follows links to HEAD and the like; we let git do so.
  return symref !== undefined && validRefName(`refs/${symref}`) ? 'foreign' : undefined
}

export interface PackedRefs {
  refs: readonly Ref[]
  /** Refs of which the file does not say whether they are tags. */
  unpeeled: readonly Ref[]
  /** A line is not what git writes; git refuses such a file too. */
  damaged: boolean
}

const PACKED_LINE = /^[0-9a-f]{40} refs\/[!-~\x80-\xff]+$/

export function parsePacked(content: Buffer | undefined): PackedRefs {
  const text = content?.toString('latin1') ?? ''
  const traits = /^# pack-refs with:(.*)/.exec(text)?.[1]?.split(' ') ?? []
  const refs: Ref[] = []
  const damaged = !readLines(text, refs)
  if (!traits.includes('sorted')) refs.sort(byBytes)
  return { refs, unpeeled: unpeeled(refs, traits), damaged }
}

/** False when a line is not what git writes there. */
function readLines(text: string, refs: Ref[]): boolean {
  const decode = isAscii(text) ? (bytes: string) => bytes : toText
  for (let at = 0, end = 0; at < text.length; at = end + 1) {
    end = text.indexOf('\n', at)
    if (end < 0) return false
    const line = text.slice(at, end)
    const last = refs.at(-1)
    if (line.startsWith('^') && last) last.peeled = line.slice(1)
    else if (PACKED_LINE.test(line)) {
      const bytes = line.slice(41)
      refs.push({ name: decode(bytes), oid: line.slice(0, 40), peeled: undefined, symref: undefined, bytes })
    } else if (!line.startsWith('#')) return false
  }
  return true
}

function unpeeled(refs: Ref[], traits: string[]): Ref[] {
  if (traits.includes('fully-peeled')) return []
  const tagsKnown = traits.includes('peeled')
  return refs.filter((ref) => ref.peeled === undefined && !(tagsKnown && ref.bytes.startsWith('refs/tags/')))
}

/** One sorted list. Loose refs stand before packed ones of their name; what is not readable as a ref is left out. */
export function mergeRefs(
  packed: readonly Ref[],
  loose: Pick<Loose, 'found' | 'broken'>,
  kinds: (oid: string) => Target,
): readonly Ref[] {
  const over: (Ref | { bytes: string })[] = [...loose.broken].map((bytes) => ({ bytes }))
  for (const [bytes, { oid, symref }] of loose.found) {
    const target = kinds(oid)
    const peeled = target.kind === 'tag' ? target.peeled : undefined
    over.push({ name: toText(bytes), oid, peeled, symref: symref && toText(symref), bytes })
  }
  if (over.length === 0) return packed
  over.sort(byBytes)
  let parts: Ref[] = []
  let from = 0
  for (const ref of over) {
    const at = firstAtOrAfter(packed, ref.bytes, from)
    parts = at - from > 64 ? parts.concat(packed.slice(from, at)) : (parts.push(...packed.slice(from, at)), parts)
    if ('oid' in ref) parts.push(ref)
    from = packed[at]?.bytes === ref.bytes ? at + 1 : at
  }
  return parts.concat(packed.slice(from))
}

function byBytes(a: { bytes: string }, b: { bytes: string }): number {
  return a.bytes < b.bytes ? -1 : a.bytes > b.bytes ? 1 : 0
}

function indexOf(refs: readonly Ref[], bytes: string): number {
  const at = firstAtOrAfter(refs, bytes)
  return refs[at]?.bytes === bytes ? at : -1
}

/** Index of the first ref, from `from` on, whose name does not sort before `bytes`. */
export function firstAtOrAfter(refs: readonly Ref[], bytes: string, from = 0): number {
  let low = from
  let high = refs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((refs[middle]?.bytes ?? '') < bytes) low = middle + 1
    else high = middle
  }
  return low
}
