// What a client is told: words dropped wherever they are cut, and reports read as git writes them.
import { array, assert, constantFrom, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { band, FLUSH, pkt } from '../format/pktline.ts'
import type { Push } from './push.ts'
import { readReport, refusal, remoteMessage, without } from './report.ts'

test('a word is dropped from any text, cut anywhere, and nothing else is', () => {
  const parts = array(constantFrom('/data/r.git/', '/data/', '/', '/data/r.gi', 'x', '/data/r.git/pack', 'é'), {
    maxLength: 12,
  })
  assert(
    property(parts, integer({ min: 1, max: 9 }), (words, step) => {
      const text = Buffer.from(words.join(''))
      const drop = without('/data/r.git/')
      const pieces: Buffer[] = []
      for (let at = 0; at < text.length; at += step) pieces.push(drop(text.subarray(at, at + step)))
      pieces.push(drop())
      const out = Buffer.concat(pieces).toString()
      expect(out).not.toContain('/data/r.git/')
      if (!text.includes('/data/r.git/')) expect(out).toBe(text.toString())
    }),
  )
})

const commands = ['refs/heads/a', 'refs/heads/b', 'refs/heads/c'].map((ref) => ({ ref, oldOid: '0', newOid: '1' }))

test('a report names each ref that went and each that did not', () => {
  const lines = ['unpack ok\n', 'ok refs/heads/a\n', 'option refname refs/x\n', 'ng refs/heads/b non-fast-forward\n']
  const report = Buffer.concat([...lines.map((text) => pkt(text)), FLUSH])
  expect(readReport(report, commands)?.map(({ ok, reason }) => [ok, reason])).toEqual([
    [true, undefined],
    [false, 'non-fast-forward'],
    [false, 'git said nothing of it'],
  ])
  expect(readReport(report.subarray(0, -4), commands)).toBeUndefined()
  expect(readReport(Buffer.alloc(0), commands)).toBeUndefined()
})

test('refusals and messages hold no control characters and no line breaks of others', () => {
  const capabilities = new Map([['report-status', '']])
  const push: Pick<Push, 'commands' | 'capabilities'> = { commands: commands.slice(0, 1), capabilities }
  const text = refusal(push, 'no\n0000\u001b[2J').toString()
  expect(text).toBe(Buffer.concat([pkt('unpack ok\n'), pkt('ng refs/heads/a no 0000 [2J\n'), FLUSH]).toString())
  expect(remoteMessage(['a\u0007b\nc'])).toEqual(band(2, 'a b\nc\n'))
  expect(remoteMessage([])).toHaveLength(0)
})
