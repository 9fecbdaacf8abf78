// What there is to say of a changed file in words, beside its lines.
import type { ChangedFile } from '../../server/contract/changes.ts'
import type { PatchFile } from './patch.ts'

const SUBMODULE = '160000'
const KINDS: Record<string, string> = {
  '100644': 'a file',
  '100755': 'an executable file',
  '120000': 'a symbolic link',
  [SUBMODULE]: 'a submodule',
}

type Named = Pick<ChangedFile, 'old' | 'new'>

export function pathOf({ old, new: now }: Named): string {
  return now ?? old ?? ''
}

/** A short id of a path, as it stands in addresses. */
export function anchorOf(path: string): string {
  let hash = 0x811c9dc5
  for (const letter of path) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  return `file-${(hash >>> 0).toString(16).padStart(8, '0')}`
}

export interface Anchor {
  file: string
  side?: 'old' | 'new'
  line?: number
}

/** `file-0a1b2c3d` and `file-0a1b2c3d-new-12` as they stand behind the # of an address. */
export function parseAnchor(hash: string): Anchor | undefined {
  const [, file, side, line] = /^#?(file-[0-9a-f]{8})(?:-(old|new)-(\d{1,8}))?$/.exec(hash) ?? []
  if (file === undefined) return undefined
  return side === undefined ? { file } : { file, side: side as 'old' | 'new', line: Number(line) }
}

const STATES: Record<ChangedFile['status'], string | undefined> = {
  added: 'New',
  removed: 'Deleted',
  renamed: 'Renamed',
  copied: 'Copied',
  retyped: 'Kind changed',
  modified: undefined,
}

export function stateOf({ status }: ChangedFile): string | undefined {
  return STATES[status]
}

/** Changes that no line shows. */
export function sentencesOf(file: ChangedFile): string[] {
  const { status, old_mode: before, new_mode: after } = file
  const both = status !== 'added' && status !== 'removed'
  const sentences: string[] = []
  if (status === 'renamed') sentences.push(`Renamed from ${file.old}.`)
  if (status === 'copied') sentences.push(`Copied from ${file.old}.`)
  if (both && before !== after) sentences.push(modeSentence(before, after))
  if (status === 'added' && after !== '100644' && after !== SUBMODULE)
    sentences.push(`New as ${KINDS[after] ?? `something of mode ${after}`}.`)
  return sentences
}

function modeSentence(before: string, after: string): string {
  if (before === '100644' && after === '100755') return 'It was made executable.'
  if (before === '100755' && after === '100644') return 'It is no longer executable.'
  return `It was ${KINDS[before] ?? `of mode ${before}`} and is ${KINDS[after] ?? `of mode ${after}`} now.`
}

export function isSubmodule({ old_mode: before, new_mode: after }: ChangedFile): boolean {
  return before === SUBMODULE || after === SUBMODULE
}

const WHY = {
  generated: 'This file is written by a program.',
  vendored: 'This file was brought in from elsewhere.',
  'not-diffed': 'Differences of this file are not meant to be read.',
} as const

export const MANY_LINES = 600

/** Why it is folded at first; undefined for what is shown at once. */
export function reasonToFold(file: ChangedFile): string | undefined {
  const { folded } = file
  if (folded) return folded.by === 'attributes' ? `${WHY[folded.why]} So says .gitattributes.` : WHY[folded.why]
  const lines = linesOf(file)
  return lines > MANY_LINES ? `${lines.toLocaleString('en')} lines changed.` : undefined
}

export function linesOf({ added, removed }: ChangedFile): number {
  return (added ?? 0) + (removed ?? 0)
}

/** A patch without lines says one of these. */
export function nothingToShow(file: ChangedFile, patch: PatchFile | undefined): string {
  if (file.is_binary || patch?.binary) return 'A binary file.'
  if (file.status === 'added' || file.status === 'removed') return 'An empty file.'
  if (sentencesOf(file).length > 0) return 'No line was changed.'
  return 'Only white space was changed.'
}

export interface Moved {
  before: string | undefined
  after: string | undefined
}

/** The commits of another repository that a submodule stood at and stands at. */
export function submoduleOf(patch: PatchFile): Moved {
  return valuesOf(patch, /^Subproject commit ([0-9a-f]{40,64})/)
}

/** Sizes of a file that is kept in Git LFS, of which git has a pointer only; undefined for other files. */
export function lfsOf(patch: PatchFile): Moved | undefined {
  const lines = patch.hunks.flatMap((hunk) => hunk.lines)
  if (lines.length > 12 || !lines.some(({ text }) => text === 'version https://git-lfs.github.com/spec/v1'))
    return undefined
  return valuesOf(patch, /^size (\d{1,15})$/)
}

function valuesOf(patch: PatchFile, pattern: RegExp): Moved {
  const lines = patch.hunks.flatMap((hunk) => hunk.lines)
  const value = (kind: 'removed' | 'added'): string | undefined =>
    lines
      .filter((line) => line.kind === kind || line.kind === 'context')
      .flatMap(({ text }) => pattern.exec(text)?.[1] ?? [])[0]
  return { before: value('removed'), after: value('added') }
}

const PICTURE = /\.(?:png|jpe?g|gif|webp|avif|bmp|ico)$/i

export function isPicture(path: string): boolean {
  return PICTURE.test(path)
}
