// Bitbucket's query language over values: `q=name ~ "web" AND (size > 10 OR x.y = null)` and `sort=-updated_on`.
import { Fault } from './fault.ts'

type Test = (value: unknown) => boolean
type Token = { kind: 'word' | 'text' | 'sign'; text: string }

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|(!=|!~|>=|<=|[=~<>()])|([^\s"=~<>!()]+))/y
const LONGEST = 2000
const DEEPEST = 20

/** Throws `request.invalid` with the place of the mistake. */
export function parseFilter(text: string): Test {
  if (text.length > LONGEST) throw wrong('it is too long')
  const tokens = tokenize(text)
  const state = { at: 0, depth: 0 }
  const test = either(tokens, state)
  if (state.at < tokens.length) throw wrong(`"${tokens[state.at]?.text}" was not expected`)
  return test
}

function wrong(what: string): Fault {
  return new Fault('request.invalid', { detail: `The query cannot be read: ${what}.`, fields: { q: [what] } })
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const from = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (!match) throw wrong(`it stops making sense at character ${from + 1}`)
    const [, quoted, sign, word] = match
    if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replace(/\\(.)/g, '$1') })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign })
    else tokens.push({ kind: 'word', text: word ?? '' })
  }
  return tokens
}

interface State {
  at: number
  depth: number
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && token.text.toUpperCase() === word
}

function either(tokens: Token[], state: State): Test {
  const tests = [both(tokens, state)]
  while (isWord(tokens[state.at], 'OR')) {
    state.at += 1
    tests.push(both(tokens, state))
  }
  return (value) => tests.some((test) => test(value))
}

function both(tokens: Token[], state: State): Test {
  const tests = [single(tokens, state)]
  while (isWord(tokens[state.at], 'AND')) {
    state.at += 1
    tests.push(single(tokens, state))
  }
  return (value) => tests.every((test) => test(value))
}

function single(tokens: Token[], state: State): Test {
  if (isSign(tokens[state.at], '(')) return group(tokens, state)
  const [field, sign, operand] = tokens.slice(state.at, state.at + 3)
  if (field?.kind !== 'word' || sign?.kind !== 'sign' || !operand || operand.kind === 'sign') {
    throw wrong(`a comparison such as name = "x" was expected${field ? ` at "${field.text}"` : ' at the end'}`)
  }
  state.at += 3
  return comparison(field.text.split('.'), sign.text, literal(operand))
}

function group(tokens: Token[], state: State): Test {
  state.at += 1
  state.depth += 1
  if (state.depth > DEEPEST) throw wrong('it is nested too deeply')
  const inner = either(tokens, state)
  if (!isSign(tokens[state.at], ')')) throw wrong('a closing parenthesis is missing')
  state.at += 1
  state.depth -= 1
  return inner
}

function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text
}

function literal({ kind, text }: Token): string | number | boolean | null {
  if (kind === 'text') return text
  if (text === 'null') return null
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

function comparison(path: string[], sign: string, wanted: string | number | boolean | null): Test {
  switch (sign) {
    case '=':
      return (value) => anyOf(value, path, (found) => equal(found, wanted))
    case '!=':
      return (value) => !anyOf(value, path, (found) => equal(found, wanted))
    case '~':
      return (value) => anyOf(value, path, (found) => contains(found, wanted))
    case '!~':
      return (value) => !anyOf(value, path, (found) => contains(found, wanted))
    case '>':
      return (value) => anyOf(value, path, (found) => order(found, wanted) > 0)
    case '>=':
      return (value) => anyOf(value, path, (found) => order(found, wanted) >= 0)
    case '<':
      return (value) => anyOf(value, path, (found) => order(found, wanted) < 0)
    case '<=':
      return (value) => anyOf(value, path, (found) => order(found, wanted) <= 0)
    default:
      throw wrong(`${sign} is no comparison`)
  }
}

/** Follows a dotted path; a list on the way is entered, as any of its elements may match. */
function anyOf(value: unknown, path: string[], test: (found: unknown) => boolean): boolean {
  if (Array.isArray(value)) return value.some((item) => anyOf(item, path, test))
  const [first, ...rest] = path
  if (first === undefined) return test(value ?? null)
  if (typeof value !== 'object' || value === null) return test(null)
  return anyOf((value as Record<string, unknown>)[first], rest, test)
}

function equal(found: unknown, wanted: unknown): boolean {
  if (typeof found === 'string' && typeof wanted === 'string')
    return found.toLowerCase() === wanted.toLowerCase() || sameTime(found, wanted)
  if (typeof found === 'string' && typeof wanted === 'number') return found === String(wanted)
  return found === wanted
}

function contains(found: unknown, wanted: unknown): boolean {
  return typeof found === 'string' && found.toLowerCase().includes(String(wanted).toLowerCase())
}

/** Negative, zero or positive; NaN, which no comparison accepts, where the two have no order. */
function order(found: unknown, wanted: unknown): number {
  if (typeof found === 'number' && typeof wanted === 'number') return found - wanted
  if (typeof found !== 'string' || (typeof wanted !== 'string' && typeof wanted !== 'number')) return Number.NaN
  const [a, b] = [timeOf(found), timeOf(String(wanted))]
  if (a !== undefined && b !== undefined) return a - b
  return found.localeCompare(String(wanted))
}

function sameTime(a: string, b: string): boolean {
  const [left, right] = [timeOf(a), timeOf(b)]
  return left !== undefined && left === right
}

function timeOf(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}

/** A new list in the order that `sort` asks for; the given one when it is empty. */
export function sortBy<T>(values: readonly T[], sort: string | undefined): T[] {
  if (!sort) return [...values]
  const down = sort.startsWith('-')
  const path = sort.replace(/^[-+]/, '').split('.')
  if (path.some((name) => !/^\w+$/.test(name)))
    throw new Fault('request.invalid', { detail: 'The sort field is not valid.', fields: { sort: ['is not a field'] } })
  const key = (value: unknown): unknown =>
    path.reduce((at, name) => (at as Record<string, unknown> | null | undefined)?.[name], value)
  // Each is looked into once, however often it is compared.
  const keyed = values.map((value) => ({ value, key: key(value) }))
  return keyed.sort((a, b) => (down ? -1 : 1) * compare(a.key, b.key)).map(({ value }) => value)
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b)
  return Number(a === undefined || a === null) - Number(b === undefined || b === null)
}

/** Both at once, as list resources have them. */
export function select<T>(values: readonly T[], query: { q?: string | undefined; sort?: string | undefined }): T[] {
  const test = query.q ? parseFilter(query.q) : undefined
  return sortBy(test ? values.filter((value) => test(value)) : values, query.sort)
}
