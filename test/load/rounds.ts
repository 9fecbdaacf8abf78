// How a row is measured: the contenders take turns, so that whatever else the machine does falls on all of them alike.
import { lines, type Contest, type Line, type Sample } from './results.ts'
import type { Stage } from './stage.ts'

/** Rounds in which the contenders take turns, every other one in reverse order. */
export async function hold(stage: Stage, contest: Contest, rounds: number): Promise<Line[]> {
  stage.pinned(contest.pinned)
  for (const { prepare } of contest.contenders) await prepare?.()
  const samples: Sample[][] = contest.contenders.map(() => [])
  for (let round = 0; round < rounds; round++) {
    const turns = [...contest.contenders.entries()]
    if (round % 2 === 1) turns.reverse()
    for (const [i, { sample }] of turns) samples[i]?.push(await sample())
  }
  return lines(contest, samples)
}
