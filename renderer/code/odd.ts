// Signs that a reader does not see and a compiler does: they are shown by their names. (CVE-2021-42574, Trojan Source.)

export interface Odd {
  code: string
  name: string
  /** It turns the order of what is read: code may not say what it seems to. */
  turns: boolean
}

const TURNING: Record<number, string> = {
  0x061c: 'Arabic letter mark',
  0x200e: 'left-to-right mark',
  0x200f: 'right-to-left mark',
  0x202a: 'left-to-right embedding',
  0x202b: 'right-to-left embedding',
  0x202c: 'pop directional formatting',
  0x202d: 'left-to-right override',
  0x202e: 'right-to-left override',
  0x2066: 'left-to-right isolate',
  0x2067: 'right-to-left isolate',
  0x2068: 'first strong isolate',
  0x2069: 'pop directional isolate',
}

const UNSEEN: Record<number, string> = {
  0x00ad: 'soft hyphen',
  0x034f: 'combining grapheme joiner',
  0x115f: 'Hangul choseong filler',
  0x1160: 'Hangul jungseong filler',
  0x17b4: 'Khmer vowel inherent AQ',
  0x17b5: 'Khmer vowel inherent AA',
  0x180e: 'Mongolian vowel separator',
  0x200b: 'zero width space',
  0x200c: 'zero width non-joiner',
  0x200d: 'zero width joiner',
  0x2028: 'line separator',
  0x2029: 'paragraph separator',
  0x2060: 'word joiner',
  0x2061: 'function application',
  0x2062: 'invisible times',
  0x2063: 'invisible separator',
  0x2064: 'invisible plus',
  0x3164: 'Hangul filler',
  0xfeff: 'zero width no-break space',
  0xffa0: 'halfwidth Hangul filler',
}

/** Joiners between letters of scripts that need them and in emoji are seen by what they do. */
const ODD =
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u2064\u2066-\u2069\u3164\uFEFF\uFFA0\u{E0000}-\u{E007F}]|\u034F|(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}])[\u200C\u200D]/gu

/** Pieces of a line: text as it is, and odd signs. The common line is one piece. */
export function splitOdd(text: string): (string | Odd)[] {
  const pieces: (string | Odd)[] = []
  let from = 0
  for (const match of text.matchAll(ODD)) {
    if (match.index > from) pieces.push(text.slice(from, match.index))
    pieces.push(oddOf(match[0].codePointAt(0) ?? 0))
    from = match.index + match[0].length
  }
  if (from < text.length || pieces.length === 0) pieces.push(text.slice(from))
  return pieces
}

function oddOf(code: number): Odd {
  const name = TURNING[code] ?? UNSEEN[code] ?? (code >= 0xe0000 ? 'tag' : 'control character')
  return { code: `U+${code.toString(16).toUpperCase().padStart(4, '0')}`, name, turns: code in TURNING }
}

export interface OddLines {
  /** Numbers of lines that hold signs which turn the order of reading, and which hold others that are not seen. */
  turning: number[]
  unseen: number[]
}

export function oddLines(lines: readonly string[]): OddLines {
  const found: OddLines = { turning: [], unseen: [] }
  for (const [i, line] of lines.entries()) {
    if (line.search(ODD) < 0) continue
    const odd = splitOdd(line).filter((piece) => typeof piece !== 'string')
    if (odd.some(({ turns }) => turns)) found.turning.push(i + 1)
    if (odd.some(({ turns }) => !turns)) found.unseen.push(i + 1)
  }
  return found
}
