// The table of keyboard shortcuts: what the pages answer to, and what the help sheet shows. Pure.

/** What a shortcut does. `own`: the page that it is for answers itself. */
export type Deed =
  | { kind: 'palette'; mode: 'all' | 'files' }
  | { kind: 'help' }
  | { kind: 'go'; to: string }
  /** A page of the repository at hand. */
  | { kind: 'page'; path: string }
  | { kind: 'own' }

export interface Shortcut {
  /** Pressed one after the other; `mod+k` is Ctrl or Cmd with k. */
  keys: readonly string[]
  label: string
  where: 'Everywhere' | 'In a repository' | 'In a file'
  deed: Deed
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ['mod+k'], label: 'Go to anything', where: 'Everywhere', deed: { kind: 'palette', mode: 'all' } },
  { keys: ['?'], label: 'Show these shortcuts', where: 'Everywhere', deed: { kind: 'help' } },
  { keys: ['g', 'd'], label: 'Dashboard', where: 'Everywhere', deed: { kind: 'go', to: '/' } },
  { keys: ['g', 'n'], label: 'Notifications', where: 'Everywhere', deed: { kind: 'go', to: '/notifications' } },
  { keys: ['t'], label: 'Go to a file', where: 'In a repository', deed: { kind: 'palette', mode: 'files' } },
  { keys: ['/'], label: 'Search in the files', where: 'In a repository', deed: { kind: 'page', path: '/search' } },
  { keys: ['g', 's'], label: 'Source', where: 'In a repository', deed: { kind: 'page', path: '' } },
  { keys: ['g', 'c'], label: 'Commits', where: 'In a repository', deed: { kind: 'page', path: '/commits' } },
  { keys: ['g', 'b'], label: 'Branches and tags', where: 'In a repository', deed: { kind: 'page', path: '/branches' } },
  { keys: ['g', 'i'], label: 'Insights', where: 'In a repository', deed: { kind: 'page', path: '/insights' } },
  { keys: ['g', 'a'], label: 'Activity', where: 'In a repository', deed: { kind: 'page', path: '/activity' } },
  { keys: ['y'], label: 'Permanent address of this version', where: 'In a file', deed: { kind: 'own' } },
]

export interface Press {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  /** In a field that takes letters, or while a dialog is open. */
  busy: boolean
}

/** Between the keys of one shortcut. */
const PATIENCE_MS = 1500

/** Gives what a press means, once it completes a shortcut that is open in this place. */
export function openMatcher(table: readonly Shortcut[] = SHORTCUTS) {
  let before: string[] = []
  let at = -Infinity
  return (press: Press, inRepository: boolean, now: number): Deed | undefined => {
    const key = nameOf(press)
    if (press.busy || key === undefined) {
      before = []
      return undefined
    }
    const tried = now - at > PATIENCE_MS ? [[key]] : [[...before, key], [key]]
    at = now
    const open = table.filter(({ where }) => where === 'Everywhere' || inRepository)
    for (const keys of tried) {
      const found = open.find((one) => one.keys.join(' ') === keys.join(' '))
      before = found ? [] : keys
      if (found) return found.deed
      if (open.some((one) => one.keys.join(' ').startsWith(`${keys.join(' ')} `))) return undefined
    }
    before = []
    return undefined
  }
}

/** Undefined for keys that no shortcut is made of. */
function nameOf({ key, ctrlKey, metaKey, altKey }: Press): string | undefined {
  if (altKey || key.length !== 1) return undefined
  return ctrlKey || metaKey ? `mod+${key.toLowerCase()}` : key
}
