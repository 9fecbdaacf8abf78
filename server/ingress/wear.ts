// When a process has served for long enough: whatever it lets grow without knowing, a successor begins anew. Pure.

/** Each process is worn at a number of its own, so that they do not go one on the heels of the other. */
const SPREAD = 0.25

/**
 * Gives what counts a request. `worn` is called when there were about `limit`, and again after as many more: the
 * successor may have failed to come up. No limit: never.
 */
export function openWear(limit: number, worn: () => void, random = Math.random): () => void {
  if (limit === 0) return () => {}
  let left = lifetime(limit, random)
  return () => {
    left -= 1
    if (left > 0) return
    left = lifetime(limit, random)
    worn()
  }
}

function lifetime(limit: number, random: () => number): number {
  return Math.max(1, Math.round(limit * (1 - SPREAD + 2 * SPREAD * random())))
}
