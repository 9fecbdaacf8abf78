// Which files nobody reads line by line: written by programs, brought in from elsewhere, or marked so in .gitattributes.
import type { Folded } from '../../contract/changes.ts'

const LOCKS =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|composer\.lock|Gemfile\.lock|Cargo\.lock|poetry\.lock|uv\.lock|Pipfile\.lock|pdm\.lock|go\.sum|flake\.lock|mix\.lock|pubspec\.lock|Podfile\.lock|Package\.resolved|gradle\.lockfile|packages\.lock\.json)$/
const WRITTEN =
  /\.min\.(?:js|mjs|cjs|css)$|\.(?:js|css|mjs|cjs)\.map$|\.(?:pb|g|designer|generated)\.(?:go|cc|h|cs|dart|ts|js)$|_pb2(?:_grpc)?\.py$|_pb\.(?:js|d\.ts)$|\.snap$|(?:^|\/)__generated__\//i
const BUILT = /(?:^|\/)dist\//
const BROUGHT = /(?:^|\/)(?:node_modules|vendor|vendored|third_party|third-party|bower_components|Godeps|Carthage)\//

/** By the name alone. */
export function foldedByName(path: string): Folded | null {
  if (BROUGHT.test(path)) return { why: 'vendored', by: 'name' }
  return LOCKS.test(path) || WRITTEN.test(path) || BUILT.test(path) ? { why: 'generated', by: 'name' } : null
}

type Mark = 'generated' | 'vendored' | 'not-diffed'

export interface Rule {
  /** Between slashes; of one part for a name at any depth. */
  parts: string[]
  marks: [mark: Mark, set: boolean][]
}

/** So much of a .gitattributes is read; what stands behind it says nothing here. */
export const ATTRIBUTES_MAX = 64 * 1024
const RULES_MAX = 200
const PATTERN_MAX = 300

const WORDS: Record<string, [Mark, boolean]> = {
  'linguist-generated': ['generated', true],
  'linguist-generated=true': ['generated', true],
  '-linguist-generated': ['generated', false],
  'linguist-generated=false': ['generated', false],
  'linguist-vendored': ['vendored', true],
  'linguist-vendored=true': ['vendored', true],
  '-linguist-vendored': ['vendored', false],
  'linguist-vendored=false': ['vendored', false],
  '-diff': ['not-diffed', true],
  binary: ['not-diffed', true],
  diff: ['not-diffed', false],
}

/** The lines that matter here. Patterns that git refuses, and what cannot be matched quickly, are left out. */
export function parseAttributes(text: string): Rule[] {
  const rules: Rule[] = []
  for (const line of text.slice(0, ATTRIBUTES_MAX).split(/\r?\n/)) {
    const [, quoted, plain = '', rest = ''] = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"#]\S*))\s+(.*)$/.exec(line) ?? []
    const pattern = quoted?.replace(/\\(.)/g, '$1') ?? plain
    if (pattern === '' || pattern.length > PATTERN_MAX || /^(?:!|\[attr\])|\/$/.test(pattern)) continue
    const marks = rest
      .split(/\s+/)
      .flatMap((word) => (Object.hasOwn(WORDS, word) ? [WORDS[word] as [Mark, boolean]] : []))
    if (marks.length > 0 && rules.length < RULES_MAX) rules.push({ parts: partsOf(pattern), marks })
  }
  return rules
}

/** A pattern without a slash is of names anywhere; any other begins at the root. */
function partsOf(pattern: string): string[] {
  return pattern.includes('/') ? pattern.replace(/^\//, '').split('/') : ['**', pattern]
}

/** Steps of matching that a list of files may cost; when they are used up, attributes say nothing more. */
export interface Budget {
  steps: number
}

export function openBudget(): Budget {
  return { steps: 20_000_000 }
}

/** Attributes win over names, and later lines over earlier ones, also where they take a mark away. */
export function foldedOf(path: string, rules: readonly Rule[], budget = openBudget()): Folded | null {
  const said = new Map<Mark, boolean>()
  const names = path.split('/')
  for (const { parts, marks } of rules)
    if (matches(parts, names, deep, budget)) for (const [mark, set] of marks) said.set(mark, set)
  for (const why of ['generated', 'vendored', 'not-diffed'] as const)
    if (said.get(why)) return { why, by: 'attributes' }
  const named = foldedByName(path)
  return named && said.get(named.why) === false ? null : named
}

interface Kind {
  /** Stands for any number of items, also none. */
  any: (part: string) => boolean
  one: (part: string, item: string, budget: Budget) => boolean
}

const deep: Kind = {
  any: (part) => part === '**',
  one: (part, name, budget) => matches(part, name, shallow, budget),
}
const shallow: Kind = { any: (sign) => sign === '*', one: (sign, letter) => sign === '?' || sign === letter }

/** Wildcards in the order of length times length: only the last one that stands for any number is ever widened. */
function matches(pattern: ArrayLike<string>, items: ArrayLike<string>, kind: Kind, budget: Budget): boolean {
  const { any, one } = kind
  let [at, item, star, from] = [0, 0, -1, 0]
  while (item < items.length) {
    if (budget.steps-- <= 0) return false
    const part = pattern[at]
    if (part !== undefined && any(part)) {
      star = at++
      from = item
    } else if (part !== undefined && one(part, items[item] ?? '', budget)) {
      at++
      item++
    } else if (star >= 0) {
      at = star + 1
      item = ++from
    } else return false
  }
  while (at < pattern.length && any(pattern[at] ?? '')) at++
  return at === pattern.length
}
