// What was typed and is not committed yet, kept by the browser: a reload, a crash or an ended session takes none of it.

export interface Draft {
  /** What the file is called now. */
  path: string
  text: string
  /** The commit that was edited; none in an empty repository. */
  base: string | undefined
  at: number
}

/** Of one person and one file. */
export interface Place {
  user: string
  repository: string
  branch: string
  /** As it stands in the repository; for a new file, its folder with a slash at the end. */
  path: string
}

const PREFIX = 'gitstead:draft:'
const KEPT_MS = 14 * 86_400_000

function keyOf({ user, repository, branch, path }: Place): string {
  return `${PREFIX}${JSON.stringify([user, repository, branch, path])}`
}

/** False where the browser has no room for it, or keeps nothing at all. */
export function keepDraft(place: Place, draft: Draft): boolean {
  try {
    localStorage.setItem(keyOf(place), JSON.stringify(draft))
    return true
  } catch {
    return false
  }
}

export function readDraft(place: Place): Draft | undefined {
  forgetOld()
  try {
    const kept = localStorage.getItem(keyOf(place))
    return kept === null ? undefined : (JSON.parse(kept) as Draft)
  } catch {
    return undefined
  }
}

export function dropDraft(place: Place): void {
  try {
    localStorage.removeItem(keyOf(place))
  } catch {
    // Nothing is kept, so nothing is left.
  }
}

function forgetOld(): void {
  try {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
      const { at } = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Draft>
      if (at === undefined || at < Date.now() - KEPT_MS) localStorage.removeItem(key)
    }
  } catch {
    // What cannot be read is not offered.
  }
}
