// Patches of several files in one output of git, each given to the file that it is of. Pure: bytes in, values out.
import { parseRawHead, type RawChange } from './rawdiff.ts'

export interface FilePatch {
  change: RawChange
  /** Git's own text; undefined where the output ended before it. Empty where only ignored white space changed. */
  text: string | undefined
  /** It ends before its end. */
  cut: boolean
}

const START = Buffer.from('\ndiff --git ')
const INDEX = /^index ([0-9a-f]+)\.\.([0-9a-f]+)/m
const HEAD_MAX = 16_384

/** Reads `--patch-with-raw -z --full-index`. `truncated`: the output was ended at its limit. */
export function splitPatches(bytes: Buffer, limits: { truncated: boolean; maxBytes: number }): FilePatch[] {
  const { changes, rest } = parseRawHead(bytes)
  const pieces = cutUp(rest)
  const patches = changes.map((change): FilePatch => ({ change, text: '', cut: false }))
  let at = 0
  for (const [place, piece] of pieces.entries()) {
    const owner = patches.findIndex((patch, i) => i >= at && owns(patch.change, piece))
    const patch = patches[owner]
    if (!patch) continue
    at = owner
    const whole = piece.length <= limits.maxBytes
    patch.text += (whole ? piece : wholeLines(piece, limits.maxBytes)).toString()
    patch.cut ||= !whole || (limits.truncated && place === pieces.length - 1)
  }
  if (limits.truncated) for (const patch of patches.slice(pieces.length === 0 ? 0 : at + 1)) patch.text = undefined
  return patches
}

/** No line of a file begins as a header does: each has a sign before it. */
function cutUp(rest: Buffer): Buffer[] {
  const pieces: Buffer[] = []
  let from = rest.indexOf(START.subarray(1))
  while (from >= 0) {
    const next = rest.indexOf(START, from)
    pieces.push(rest.subarray(from, next < 0 ? rest.length : next + 1))
    from = next < 0 ? -1 : next + 1
  }
  return pieces
}

/** Known by the ids on both sides; what changed its kind comes as two patches, one that removes and one that adds. */
function owns({ oldOid, newOid, status }: RawChange, piece: Buffer): boolean {
  const [, from, to] = INDEX.exec(headOf(piece)) ?? []
  if (from === undefined || to === undefined) return oldOid === newOid
  if (status !== 'retyped') return from === oldOid && to === newOid
  return (from === oldOid && isNone(to)) || (isNone(from) && to === newOid)
}

function headOf(piece: Buffer): string {
  const end = piece.indexOf('\n@@ ')
  return piece.toString('latin1', 0, Math.min(end < 0 ? piece.length : end, HEAD_MAX))
}

function isNone(oid: string): boolean {
  return /^0+$/.test(oid)
}

function wholeLines(piece: Buffer, max: number): Buffer {
  const end = piece.lastIndexOf(0x0a, max)
  // A line longer than all that is shown is cut in its middle.
  return piece.subarray(0, end > max / 2 ? end + 1 : max)
}
