// Partial answers: `fields=a.b` keeps, `-a.b` drops, `+a.b` and `*` add to what is there. As Bitbucket has it.

/** Names by what they begin with: however often and in how many ways something is named, each value is looked at once. */
interface Wish {
  /** A name ends here. */
  whole: boolean
  below: Map<string, Wish>
}

/** Gives the part of `value` that the comma-separated `wanted` names. Lists are entered, as their elements are meant. */
export function pickFields(value: unknown, wanted: string): unknown {
  const names = wanted
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const kept = names.filter((name) => !name.startsWith('-') && !name.startsWith('+'))
  const dropped = names.filter((name) => name.startsWith('-')).map((name) => name.slice(1))
  const picked = kept.length > 0 ? keep(value, [treeOf(kept)]) : value
  return dropped.length > 0 ? drop(picked, [treeOf(dropped)]) : picked
}

function treeOf(names: readonly string[]): Wish {
  const root: Wish = { whole: false, below: new Map() }
  for (const name of names) {
    let at = root
    for (const part of name.split('.')) {
      const next = at.below.get(part) ?? { whole: false, below: new Map() }
      at.below.set(part, next)
      at = next
    }
    at.whole = true
  }
  return root
}

/** What is wished of a member of this name. */
function under(wishes: readonly Wish[], name: string): Wish[] {
  return wishes.flatMap(({ below }) => [below.get(name), below.get('*')]).filter((wish) => wish !== undefined)
}

function keep(value: unknown, wishes: readonly Wish[]): unknown {
  if (wishes.some(({ whole, below }) => whole || below.get('*')?.whole === true)) return value
  if (Array.isArray(value)) return value.map((item) => keep(item, wishes))
  if (!isRecord(value)) return value
  const result: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(value)) {
    const below = under(wishes, name)
    if (below.length > 0) result[name] = keep(inner, below)
  }
  return result
}

function drop(value: unknown, wishes: readonly Wish[]): unknown {
  if (Array.isArray(value)) return value.map((item) => drop(item, wishes))
  if (!isRecord(value)) return value
  const result: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(value)) {
    const below = under(wishes, name)
    if (below.some(({ whole }) => whole)) continue
    result[name] = below.length > 0 ? drop(inner, below) : inner
  }
  return result
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
