// What the bytes of a file are: text in some encoding with facts that a reader should know, or nothing to read.

export interface Content {
  text: string
  lines: number
  isBinary: boolean
  /** What is unusual about it, in a few words each. */
  facts: string[]
}

const LOOKED_AT = 8000

/** Zero bytes make a file a binary one, as git has it, unless it says that it is UTF-16. */
export function readContent(bytes: Uint8Array): Content {
  const wide = wideOf(bytes)
  if (wide === undefined && bytes.subarray(0, LOOKED_AT).includes(0))
    return { text: '', lines: 0, isBinary: true, facts: [] }
  const { text, encoding } = wide === undefined ? decode(bytes) : { text: decodeAs(wide, bytes), encoding: 'UTF-16' }
  const marked = text.startsWith('\uFEFF')
  const plain = marked ? text.slice(1) : text
  const facts = [encoding, marked && encoding === '' ? 'BOM' : '', lineEnds(plain), lastEnd(plain)]
  return { text: plain, lines: countLines(plain), isBinary: false, facts: facts.filter((fact) => fact !== '') }
}

function wideOf([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

function decode(bytes: Uint8Array): { text: string; encoding: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), encoding: '' }
  } catch {
    return { text: decodeAs('windows-1252', bytes), encoding: 'not UTF-8, shown as Latin-1' }
  }
}

function decodeAs(label: string, bytes: Uint8Array): string {
  return new TextDecoder(label, { ignoreBOM: true }).decode(bytes)
}

function countLines(text: string): number {
  if (text === '') return 0
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

function lineEnds(text: string): string {
  const all = text.split('\n').length - 1
  const windows = text.split('\r\n').length - 1
  if (windows === 0) return ''
  return windows === all ? 'CRLF' : 'mixed line ends'
}

function lastEnd(text: string): string {
  return text === '' || text.endsWith('\n') ? '' : 'no newline at the end'
}

export interface Pointer {
  oid: string
  size: number
}

/** Files up to this size may stand for one that is stored elsewhere. */
export const POINTER_MAX = 1024

/** What Git LFS leaves in place of a large file. */
export function pointerOf(text: string): Pointer | undefined {
  if (!text.startsWith('version https://git-lfs.github.com/spec/v1\n')) return undefined
  const oid = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1]
  const size = /^size (\d{1,15})$/m.exec(text)?.[1]
  return oid === undefined || size === undefined ? undefined : { oid, size: Number(size) }
}

/** Where a symbolic link leads inside the repository; undefined where it leads out of it. */
export function linkTarget(path: string, target: string): string | undefined {
  if (target === '' || target.startsWith('/') || target.includes('\0')) return undefined
  const names = path.split('/').slice(0, -1)
  for (const name of target.split('/')) {
    if (name === '' || name === '.') continue
    if (name !== '..') names.push(name)
    else if (names.pop() === undefined) return undefined
  }
  return names.join('/')
}
