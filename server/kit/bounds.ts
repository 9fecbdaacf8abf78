// The classes of requests, and their bounds as text: `api=64:512:30:60`.
import type { Bounds, LaneCounts } from './lanes.ts'

/**
 * Requests of one class share a bound on how many run at once, a line for the rest, and a time to answer in. A stream
 * of events goes over into `live` by itself, as it stays open for as long as a page does.
 */
export const CLASSES = ['web', 'api', 'git', 'archive', 'lfs', 'live'] as const
export type Class = (typeof CLASSES)[number]

export interface ClassBounds extends Bounds {
  /** Until the answer begins; none where the pace is the client's, whose connection must then not be idle. */
  deadlineMs?: number
}

export interface ClassCounts extends LaneCounts {
  bounds: ClassBounds
  /** Answers that did not begin in time. */
  late: number
}

const ONE = /^(\w+)=([1-9]\d{0,4}):(\d{1,5})(?::([1-9]\d{0,3}))?(?::([1-9]\d{0,3}))?$/

/** Places, length of the line, seconds to wait in it, seconds to answer in. Gives a sentence when it is not understood. */
export function parseBounds(text: string): Partial<Record<Class, ClassBounds>> | string {
  const found: Partial<Record<Class, ClassBounds>> = {}
  for (const part of text.split(/[\s,]+/).filter(Boolean)) {
    const [, name, running, waiting, patience, deadline] = ONE.exec(part) ?? []
    const known = CLASSES.find((one) => one === name)
    if (known === undefined) return `${part} is no bound of a class; one reads api=64:512 or api=64:512:30:60`
    found[known] = {
      running: Number(running),
      waiting: Number(waiting),
      ...(patience === undefined ? {} : { patienceMs: Number(patience) * 1000 }),
      ...(deadline === undefined ? {} : { deadlineMs: Number(deadline) * 1000 }),
    }
  }
  return found
}
