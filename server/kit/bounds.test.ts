// Bounds of classes as an admin writes them.
import { expect, test } from 'vitest'
import { parseBounds } from './bounds.ts'

test('places, line, patience and deadline of each class', () => {
  expect(parseBounds('')).toEqual({})
  expect(parseBounds('api=64:512')).toEqual({ api: { running: 64, waiting: 512 } })
  expect(parseBounds(' git=8:0:30,  api=1:2:3:4 ')).toEqual({
    git: { running: 8, waiting: 0, patienceMs: 30_000 },
    api: { running: 1, waiting: 2, patienceMs: 3000, deadlineMs: 4000 },
  })
})

test.each(['api', 'api=', 'api=0:5', 'api=5', 'ssh=5:5', 'api=5:-1', 'api=5:5:0', '__proto__=5:5', 'api=5:5:5:5:5'])(
  '%s is refused in words',
  (text) => {
    expect(parseBounds(text)).toContain(`${text} is no bound of a class`)
  },
)
