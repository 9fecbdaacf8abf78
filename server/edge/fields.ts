// Partial answers: `fields=a.b` keeps, `-a.b` drops, `+a.b` and `*` add to what is there. As Bitbucket has it.

/** Gives the part of `value` that the comma-separated `wanted` names. Lists are entered, as their elements are meant. */
export function pickFields(value: unknown, wanted: string): unknown {
  const names = wanted
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const kept = names.filter((name) => !name.startsWith('-') && !name.startsWith('+')).map((name) => name.split('.'))
  const dropped = names.filter((name) => name.startsWith('-')).map((name) => name.slice(1).split('.'))
  const picked = kept.length > 0 ? keep(value, kept) : value
  return dropped.reduce((rest, path) => drop(rest, path), picked)
}

function keep(value: unknown, paths: string[][]): unknown {
  if (paths.some((path) => path.length === 0 || (path.length === 1 && path[0] === '*'))) return value
  if (Array.isArray(value)) return value.map((item) => keep(item, paths))
  if (!isRecord(value)) return value
  const result: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(value)) {
    const below = paths.filter(([first]) => first === name || first === '*').map(([, ...rest]) => rest)
    if (below.length > 0) result[name] = keep(inner, below)
  }
  return result
}

function drop(value: unknown, [first, ...rest]: string[]): unknown {
  if (first === undefined) return value
  if (Array.isArray(value)) return value.map((item) => drop(item, [first, ...rest]))
  if (!isRecord(value)) return value
  const entries = Object.entries(value)
    .filter(([name]) => rest.length > 0 || (name !== first && first !== '*'))
    .map(([name, inner]) => [name, rest.length > 0 && (name === first || first === '*') ? drop(inner, rest) : inner])
  return Object.fromEntries(entries)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
