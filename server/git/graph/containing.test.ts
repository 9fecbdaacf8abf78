import { array, assert, asyncProperty, nat, record, uniqueArray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { containingWalk } from './containing.ts'
import { ancestorWalk, type Dag } from './walks.ts'

const pace = () => undefined
const histories = array(record({ back: uniqueArray(nat(5), { maxLength: 3 }) }), { minLength: 1, maxLength: 40 })

function dagOf(drafts: { back: number[] }[]): Dag {
  const parents = drafts.map(({ back }, at) => [...new Set(back.map((n) => at - 1 - n).filter((id) => id >= 0))])
  const levels: number[] = []
  for (const of of parents) levels.push(1 + Math.max(0, ...of.map((id) => levels[id] ?? 0)))
  return {
    size: drafts.length,
    time: (id) => id,
    level: (id) => levels[id] ?? 0,
    parents: (id, into) => void into.splice(0, into.length, ...(parents[id] ?? [])),
  }
}

describe('containingWalk', () => {
  it('says of each tip what a walk from it alone says', async () => {
    await assert(
      asyncProperty(histories, nat(), async (drafts, pick) => {
        const dag = dagOf(drafts)
        const commit = pick % dag.size
        const tips = drafts.map((_draft, at) => at)
        const alone = await Promise.all(tips.map((tip) => ancestorWalk(dag, commit, tip, pace)))
        expect(await containingWalk(dag, commit, tips, pace)).toEqual(alone)
      }),
    )
  })
  it('looks at nothing older than the commit', async () => {
    const line = dagOf(Array.from({ length: 100 }, (_unused, at) => ({ back: at === 0 ? [] : [0] })))
    let looked = 0
    const counted = { ...line, parents: (id: number, into: number[]) => (looked++, line.parents(id, into)) }
    expect(await containingWalk(counted, 90, [99, 95, 3], pace)).toEqual([true, true, false])
    expect(looked).toBe(18)
  })
})
