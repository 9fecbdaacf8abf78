// Finding a name by some of its letters in their order, best matches first; long lists are gone through in slices.

export interface Hit {
  text: string
  score: number
  /** Places of the letters that were found. */
  at: readonly number[]
}

const START = 10
const AFTER_SIGN = 8
const CAPITAL = 7
const NEXT = 6
const IN_NAME = 12
const WHOLE_NAME = 30
const SIGNS = '/_-. '

/** Letters as they are compared; of the same length as the text, so that places stay what they are. */
function folded(text: string): string {
  const lower = text.toLowerCase()
  return lower.length === text.length ? lower : text
}

/** Undefined where the letters do not stand in the text in this order. `wanted` has no spaces. */
export function match(wanted: string, text: string): Hit | undefined {
  if (wanted === '') return { text, score: 0, at: [] }
  const [letters, line] = [folded(wanted), folded(text)]
  const name = line.lastIndexOf('/') + 1
  // What is typed is a file's own name more often than a part of its path.
  const inName = name > 0 && !letters.includes('/') ? places(letters, line, name) : undefined
  const at = inName ?? places(letters, line, 0)
  if (!at) return undefined
  const whole = line.slice(name) === letters ? WHOLE_NAME : 0
  return { text, at, score: worth(at, text) + (inName ? IN_NAME : 0) + whole - text.length / 50 }
}

/** The tightest stretch that ends where the letters are first complete. */
function places(letters: string, line: string, from: number): number[] | undefined {
  let end = from - 1
  for (const letter of letters) {
    end = line.indexOf(letter, end + 1)
    if (end < 0) return undefined
  }
  const at: number[] = []
  let last = end + 1
  for (let i = letters.length - 1; i >= 0; i--) {
    last = line.lastIndexOf(letters[i] ?? '', last - 1)
    at.unshift(last)
  }
  return at
}

function worth(at: readonly number[], text: string): number {
  let score = 0
  let before = -2
  for (const place of at) {
    const left = text[place - 1]
    if (place === before + 1) score += NEXT
    else if (before >= 0) score -= Math.min(5, place - before) / 2
    if (left === undefined) score += START
    else if (SIGNS.includes(left)) score += AFTER_SIGN
    else if (isCapital(text[place] ?? '') && !isCapital(left)) score += CAPITAL
    before = place
  }
  return score
}

function isCapital(letter: string): boolean {
  return letter !== letter.toLowerCase()
}

export interface Slice {
  /** Whether somebody typed on meanwhile: the rest is not looked at. */
  stale: () => boolean
  /** Lets the page answer to keys and draw. */
  breathe: () => Promise<void>
}

const AT_ONCE = 1500
const SLICE_MS = 8

/** The best `most`; those that are as good in the order of the list. Undefined when it was given up. */
export async function best(
  wanted: string,
  texts: readonly string[],
  most: number,
  { stale, breathe }: Slice,
): Promise<Hit[] | undefined> {
  const letters = wanted.replaceAll(' ', '')
  const hits: Hit[] = []
  let began = performance.now()
  for (let from = 0; from < texts.length; from += AT_ONCE) {
    for (const text of texts.slice(from, from + AT_ONCE)) {
      const hit = match(letters, text)
      if (hit) place(hits, hit, most)
    }
    if (performance.now() - began < SLICE_MS) continue
    await breathe()
    if (stale()) return undefined
    began = performance.now()
  }
  return hits
}

function place(hits: Hit[], hit: Hit, most: number): void {
  const worst = hits.at(-1)
  if (hits.length >= most && worst && worst.score >= hit.score) return
  let at = hits.length
  while (at > 0 && (hits[at - 1]?.score ?? 0) < hit.score) at--
  hits.splice(at, 0, hit)
  if (hits.length > most) hits.pop()
}

/** The text in pieces, those that were found apart from the others. */
export function pieces({ text, at }: Pick<Hit, 'text' | 'at'>): { text: string; found: boolean; from: number }[] {
  const found = new Set(at)
  const all: { text: string; found: boolean; from: number }[] = []
  for (let i = 0; i < text.length; i++) {
    const last = all.at(-1)
    if (last && last.found === found.has(i)) last.text += text[i] ?? ''
    else all.push({ text: text[i] ?? '', found: found.has(i), from: i })
  }
  return all
}
