// Commit and tag objects as values. Whatever stands in an object, even a broken one, gives a value.

export interface Person {
  name: string
  email: string
  /** Seconds since 1970. */
  seconds: number
  /** Minutes east of Greenwich. */
  offset: number
}

export interface Commit {
  oid: string
  tree: string
  parents: string[]
  author: Person
  committer: Person
  message: string
  /** The armoured signature, which is no part of the message. */
  signature?: string
}

export interface Tag {
  oid: string
  /** What it names: usually a commit. */
  target: string
  targetKind: string
  name: string
  tagger?: Person
  message: string
  signature?: string
}

/** Bytes of a commit or tag that are read at all. */
export const COMMIT_MAX = 16 * 1024 * 1024
const SIGNED_TAG = /^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----$/m

export function parseCommit(oid: string, data: Buffer): Commit {
  const { headers, message } = split(data)
  const all = (name: string): string[] => headers.filter(([key]) => key === name).map(([, value]) => value)
  const signature = all('gpgsig')[0] ?? all('gpgsig-sha256')[0]
  return {
    oid,
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    author: parsePerson(all('author')[0] ?? ''),
    committer: parsePerson(all('committer')[0] ?? ''),
    message,
    ...(signature === undefined ? {} : { signature }),
  }
}

export function parseTag(oid: string, data: Buffer): Tag {
  const { headers, message } = split(data)
  const header = new Map(headers)
  const tagger = header.get('tagger')
  const end = message.search(SIGNED_TAG)
  return {
    oid,
    target: header.get('object') ?? '',
    targetKind: header.get('type') ?? '',
    name: header.get('tag') ?? '',
    ...(tagger === undefined ? {} : { tagger: parsePerson(tagger) }),
    message: end < 0 ? message : message.slice(0, end),
    ...(end < 0 ? {} : { signature: message.slice(end) }),
  }
}

interface Parts {
  headers: [string, string][]
  message: string
}

function split(data: Buffer): Parts {
  const blank = data.indexOf('\n\n')
  const head = blank < 0 ? data : data.subarray(0, blank)
  const encoding = /^encoding (.+)$/m.exec(head.toString('latin1'))?.[1]
  const headers: [string, string][] = []
  for (const line of decode(head, encoding).split('\n')) {
    const last = headers.at(-1)
    const space = line.indexOf(' ')
    if (space === 0 && last) last[1] += `\n${line.slice(1)}`
    else if (space > 0) headers.push([line.slice(0, space), line.slice(space + 1)])
  }
  return { headers, message: blank < 0 ? '' : decode(data.subarray(blank + 2), encoding) }
}

/** In the encoding that the object names, else UTF-8; bytes that are neither read as Latin-1, so that nothing is lost. */
function decode(bytes: Buffer, encoding: string | undefined): string {
  for (const label of [encoding ?? 'utf-8', 'utf-8']) {
    try {
      return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      // The label is unknown or does not fit the bytes.
    }
  }
  return bytes.toString('latin1')
}

/** `Name <mail> seconds zone`, read as git reads it: the time stands behind the last `>`. */
export function parsePerson(line: string): Person {
  const open = line.indexOf('<')
  const close = open < 0 ? -1 : line.indexOf('>', open)
  const time = /^\s*(\d+)(?:\s+([+-]\d+))?/.exec(line.slice(line.lastIndexOf('>') + 1))
  const seconds = Number(time?.[1] ?? 0)
  return {
    name: (open < 0 ? line : line.slice(0, open)).trim(),
    email: close < 0 ? '' : line.slice(open + 1, close).trim(),
    seconds: Number.isSafeInteger(seconds) ? seconds : 0,
    offset: offsetOf(time?.[2] ?? '+0000'),
  }
}

function offsetOf(zone: string): number {
  const digits = Number(zone.slice(1))
  const minutes = Math.trunc(digits / 100) * 60 + (digits % 100)
  // A zone of a day or more is a mistake of the tool that wrote it.
  if (minutes === 0 || minutes >= 24 * 60) return 0
  return zone.startsWith('-') ? -minutes : minutes
}
