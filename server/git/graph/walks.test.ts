import { array, assert, asyncProperty, boolean, integer, nat, record, uniqueArray, type Arbitrary } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aheadBehindWalk } from './aheadbehind.ts'
import { ancestorWalk, countWalk, logWalk, mergeBaseWalk, type Dag } from './walks.ts'

interface Node {
  parents: number[]
  time: number
}

/** Histories whose dates may be equal or run backwards; a commit's parents stand before it. */
const histories: Arbitrary<Node[]> = array(
  record({ back: uniqueArray(nat(5), { maxLength: 3 }), time: integer({ min: 1, max: 12 }), straight: boolean() }),
  { minLength: 1, maxLength: 40 },
).map((drafts) =>
  drafts.map(({ back, time, straight }, at) => ({
    parents: at === 0 ? [] : [...new Set(back.map((n) => at - 1 - n).filter((id) => id >= 0))],
    time: straight ? at : time,
  })),
)

function dagOf(nodes: Node[]): Dag {
  const levels: number[] = []
  for (const { parents } of nodes) levels.push(1 + Math.max(0, ...parents.map((id) => levels[id] ?? 0)))
  return {
    size: nodes.length,
    time: (id) => nodes[id]?.time ?? 0,
    level: (id) => levels[id] ?? 0,
    parents: (id, into) => void into.splice(0, into.length, ...(nodes[id]?.parents ?? [])),
  }
}

/** These and all that they descend from. */
function all(nodes: Node[], ids: number[], into = new Set<number>()): Set<number> {
  for (const id of ids)
    if (!into.has(id)) {
      into.add(id)
      all(nodes, nodes[id]?.parents ?? [], into)
    }
  return into
}
const ancestors = (nodes: Node[], id: number): Set<number> => all(nodes, [id])
const without = (a: Set<number>, b: Set<number>): Set<number> => new Set([...a].filter((id) => !b.has(id)))
const pace = () => undefined
const picks = array(nat(), { minLength: 1, maxLength: 6 })
const among = (nodes: Node[], numbers: number[]): number[] => numbers.map((n) => n % nodes.length)

describe('walks over any history', () => {
  it('log gives each wanted commit once, page after page as all at once', async () => {
    await assert(
      asyncProperty(histories, picks, array(nat(), { maxLength: 3 }), async (nodes, plus, minus) => {
        const dag = dagOf(nodes)
        const [include, exclude] = [among(nodes, plus), among(nodes, minus)]
        const wanted = without(all(nodes, include), all(nodes, exclude))
        const whole = await logWalk(dag, { include, exclude, limit: 100 }, pace)
        expect(whole.more).toBe(false)
        expect(new Set(whole.ids)).toEqual(wanted)
        expect(whole.ids.length).toBe(wanted.size)
        expect(await countWalk(dag, include, exclude, pace)).toBe(wanted.size)
        const paged: number[] = []
        for (let more = true; more;) {
          const page = await logWalk(dag, { include, exclude, limit: 3, after: paged.at(-1) }, pace)
          paged.push(...page.ids)
          more = page.more
        }
        expect(paged).toEqual(whole.ids)
      }),
    )
  })
  it('log is latest first among those whose children were all shown', async () => {
    const nodes = [1, 5, 3, 9].map((time, at) => ({ parents: at === 3 ? [1, 2] : at === 0 ? [] : [0], time }))
    expect((await logWalk(dagOf(nodes), { include: [3], exclude: [], limit: 9 }, pace)).ids).toEqual([3, 1, 2, 0])
  })
  it('merge bases are the common ancestors that no other one descends from', async () => {
    await assert(
      asyncProperty(histories, nat(), nat(), async (nodes, m, n) => {
        const [a = 0, b = 0] = among(nodes, [m, n])
        const common = new Set([...ancestors(nodes, a)].filter((id) => ancestors(nodes, b).has(id)))
        const best = [...common].filter((id) => ![...common].some((x) => x !== id && ancestors(nodes, x).has(id)))
        const bases = await mergeBaseWalk(dagOf(nodes), a, b, pace)
        expect(new Set(bases)).toEqual(new Set(best))
        expect(bases.length).toBe(best.length)
        expect(await ancestorWalk(dagOf(nodes), a, b, pace)).toBe(ancestors(nodes, b).has(a))
      }),
    )
  })
  it('counts ahead and behind of many branches as of each alone', async () => {
    await assert(
      asyncProperty(histories, nat(), array(nat(), { maxLength: 70 }), async (nodes, n, m) => {
        const base = n % nodes.length
        const tips = among(nodes, m)
        const inBase = ancestors(nodes, base)
        const expected = tips.map((tip) => {
          const own = ancestors(nodes, tip)
          return { ahead: without(own, inBase).size, behind: without(inBase, own).size }
        })
        expect(await aheadBehindWalk(dagOf(nodes), base, tips, pace)).toEqual(expected)
      }),
    )
  })
  it('meets what is common to all branches no more than it must', async () => {
    const nodes = Array.from({ length: 2000 }, (_, at) => ({ parents: at === 0 ? [] : [at - 1], time: at }))
    const dag = dagOf(nodes)
    let steps = 0
    const count = () => void steps++
    expect(await aheadBehindWalk(dag, 1999, [1990, 1995, 1999], count)).toEqual([
      { ahead: 0, behind: 9 },
      { ahead: 0, behind: 4 },
      { ahead: 0, behind: 0 },
    ])
    expect(await mergeBaseWalk(dag, 1999, 1995, count)).toEqual([1995])
    expect(await countWalk(dag, [1999], [1995], count)).toBe(4)
    expect((await logWalk(dag, { include: [1999], exclude: [], limit: 20 }, count)).ids).toHaveLength(20)
    expect(await ancestorWalk(dag, 1980, 1999, count)).toBe(true)
    expect(await ancestorWalk(dag, 1999, 1980, count)).toBe(false)
    expect(steps).toBeLessThan(100)
  })
})
