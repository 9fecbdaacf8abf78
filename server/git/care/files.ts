// The files of a repository as somebody sees them who copies them while it is at work. Pure.
const PASSING = /(^|\/)(tmp_|\.tmp-|[^/]*\.lock$|incoming-)/

/** What writers of this moment will rename or remove by themselves. */
export function isPassing(path: string): boolean {
  return PASSING.test(path)
}

/** Objects never change under their name; all else is small and may. */
export function mayChange(path: string): boolean {
  return !path.startsWith('objects/')
}

/**
 * Refs before objects, so that all that they lead to comes after them; loose refs before packed ones, as packing writes
 * the packed ones first; and a pack's index after its pack.
 */
export function copyRank(path: string): number {
  if (path === 'HEAD' || path.startsWith('refs/')) return 0
  if (path === 'packed-refs') return 1
  if (!path.startsWith('objects/')) return 2
  if (path.endsWith('.pack') || path.endsWith('.mtimes')) return 3
  return /\.(idx|rev|bitmap)$/.test(path) ? 5 : 4
}
