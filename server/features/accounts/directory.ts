// Finding a person by what was typed of their name: which names match, and which matches come first.

export interface Named {
  name: string
  display_name: string
}

/** Without case and accents, so that jose finds José. */
function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim()
}

/** At most `most`: the name itself, then names and words of names that begin so, then those that hold it somewhere. */
export function bestMatches<T extends Named>(people: readonly T[], typed: string, most: number): T[] {
  const wanted = fold(typed)
  const ranked = people.map((person) => ({ person, rank: rankOf(person, wanted) }))
  return ranked
    .filter(({ rank }) => rank < 3)
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ person }) => person)
}

function rankOf({ name, display_name }: Named, wanted: string): number {
  const shown = fold(display_name)
  if (name === wanted || shown === wanted) return 0
  if (name.startsWith(wanted) || shown.startsWith(wanted) || shown.includes(` ${wanted}`)) return 1
  return name.includes(wanted) || shown.includes(wanted) ? 2 : 3
}
