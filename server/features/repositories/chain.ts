// Which of several announced updates of one ref were made, told from where the ref stands now. Pure.

export interface Step {
  /** Number of the push in the journal. */
  push: number
  /** Object ids; a ref that is absent stands at zeros or at nothing. */
  oldOid: string
  newOid: string
  /** Git said that it made this one. */
  sure: boolean
}

/**
 * Walks back from `now`: git compares the old value before it moves a ref, so what was made is one chain, and each step
 * of it started where the one before had led. Where two steps lead to the same value, one that is sure explains it,
 * else the later one; but nobody announces a step from a value before the step to that value was announced.
 */
export function made(now: string, steps: readonly Step[]): Set<Step> {
  const left = steps
    .filter((step) => plain(step.oldOid) !== plain(step.newOid))
    .toSorted((a, b) => Number(b.sure) - Number(a.sure) || b.push - a.push)
  const found = new Set<Step>()
  let at = plain(now)
  let before = Infinity
  for (;;) {
    const i = left.findIndex(({ newOid, sure, push }) => plain(newOid) === at && (sure || push < before))
    const [step] = i < 0 ? [] : left.splice(i, 1)
    if (!step) return found
    found.add(step)
    at = plain(step.oldOid)
    before = step.push
  }
}

function plain(oid: string): string {
  return /^0*$/.test(oid) ? '' : oid
}
