import { array, assert, nat, property, record, uniqueArray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lanesOf } from './lanes.ts'

const commit = (hash: string, ...parents: string[]) => ({ hash, parents: parents.map((hash) => ({ hash })) })

describe('lanesOf', () => {
  it('keeps a line in one lane', () => {
    const rows = lanesOf([commit('c', 'b'), commit('b', 'a'), commit('a')])
    expect(rows.map(({ lane, width }) => [lane, width])).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ])
    expect(rows[0]?.lines).toEqual([{ from: 0, to: 0, kind: 'out', color: 0 }])
    expect(rows[2]?.lines).toEqual([{ from: 0, to: 0, kind: 'in', color: 0 }])
    expect(rows[2]?.below).toEqual([])
  })
  it('opens a lane for what was merged, and closes it where it left', () => {
    const rows = lanesOf([commit('m', 'b', 's'), commit('s', 'a'), commit('b', 'a'), commit('a')])
    expect(rows.map(({ lane }) => lane)).toEqual([0, 1, 0, 0])
    expect(rows[0]?.lines.map(({ to }) => to)).toEqual([0, 1])
    expect(rows[3]?.lines).toEqual([
      { from: 0, to: 0, kind: 'in', color: 0 },
      { from: 1, to: 0, kind: 'in', color: 1 },
    ])
  })
  it('gives another tip its own lane, and a free one again to the next', () => {
    const rows = lanesOf([commit('x', 'a'), commit('y', 'a'), commit('a'), commit('z')])
    expect(rows.map(({ lane }) => lane)).toEqual([0, 1, 0, 0])
  })
  it('draws a merge of a line that is there already to its lane', () => {
    const rows = lanesOf([commit('x', 'a'), commit('m', 'b', 'a'), commit('b', 'a'), commit('a')])
    expect(rows[1]?.lines.filter(({ kind }) => kind === 'out').map(({ to }) => to)).toEqual([1, 0])
  })
  it('changes nothing above when more are known, and every line goes on below', () => {
    const histories = array(record({ back: uniqueArray(nat(6), { maxLength: 3 }) }), { maxLength: 40 })
    assert(
      property(histories, nat(40), (drafts, cut) => {
        const commits = drafts.map(({ back }, at) =>
          commit(
            String(at),
            ...back
              .map((n) => at + 1 + n)
              .filter((id) => id < drafts.length)
              .map(String),
          ),
        )
        const rows = lanesOf(commits)
        expect(lanesOf(commits.slice(0, cut))).toEqual(rows.slice(0, cut))
        for (const [at, row] of rows.entries()) {
          const leaving = new Set(row.lines.flatMap(({ kind, to }) => (kind === 'in' ? [] : [to])))
          expect([...leaving].toSorted((a, b) => a - b)).toEqual(row.below)
          const entering = new Set(rows[at + 1]?.lines.flatMap(({ kind, from }) => (kind === 'out' ? [] : [from])))
          if (at + 1 < rows.length) expect([...entering].toSorted((a, b) => a - b)).toEqual(row.below)
        }
        expect(rows.at(-1)?.below ?? []).toEqual([])
      }),
    )
  })
})
