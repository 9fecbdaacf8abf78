// Handing out connections: what was taken goes, what was lost comes back, whatever comes between.
import { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { openHandout } from './handout.ts'

it('keeps a connection until it is taken, and gives back what was lost', () => {
  const sent: number[] = []
  const out = openHandout((number) => sent.push(number))
  const [a, b, c] = [new Socket(), new Socket(), new Socket()]
  for (const socket of [a, b, c]) out.give(socket, 0)
  expect([sent, out.handed]).toEqual([[1, 2, 3], 3])
  // The second was lost: who is taken afterwards is not mistaken for it.
  out.took(1)
  out.took(3)
  expect([a.destroyed, b.destroyed, c.destroyed]).toEqual([true, false, true])
  expect(out.seen(1)).toEqual([])
  expect(out.seen(3)).toEqual([{ number: 2, socket: b, lost: 0 }])
  expect(out.seen(3)).toEqual([])
  out.took(2)
  expect(b.destroyed).toBe(false)
})

it('gives back all that a dead process had not taken', () => {
  const out = openHandout(() => {})
  const [a, b] = [new Socket(), new Socket()]
  out.give(a, 0)
  out.give(b, 2)
  out.took(1)
  expect(out.leave()).toEqual([{ number: 2, socket: b, lost: 2 }])
  expect(out.leave()).toEqual([])
})
