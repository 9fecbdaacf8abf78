import { describe, expect, it } from 'vitest'
import { splitPatches } from './patches.ts'

const oid = (letter: string) => letter.repeat(40)
const NONE = '0'.repeat(40)
const raw = (from: string, to: string, status: string, ...paths: string[]) =>
  `:100644 100644 ${from} ${to} ${status}\0${paths.join('\0')}\0`
const patch = (from: string, to: string, body: string) =>
  `diff --git a/x b/x\nindex ${from}..${to} 100644\n--- a/x\n+++ b/x\n${body}`
const split = (text: string, limits = {}) =>
  splitPatches(Buffer.from(text), { truncated: false, maxBytes: 1000, ...limits }).map(({ change, text, cut }) => [
    (change.newPath ?? change.oldPath)?.toString(),
    text?.split('\n').at(-2),
    cut,
  ])

const HEAD = raw(oid('a'), oid('b'), 'M', 'one') + raw(oid('c'), oid('d'), 'M', 'two')
const ONE = patch(oid('a'), oid('b'), '@@ -1 +1 @@\n-x\n+diff --git a/y b/y\n')
const TWO = patch(oid('c'), oid('d'), '@@ -1 +1 @@\n-1\n+2\n')

describe('splitPatches', () => {
  it('gives each file its own, whatever its lines look like', () => {
    expect(split(`${HEAD}\0${ONE}${TWO}`)).toEqual([
      ['one', '+diff --git a/y b/y', false],
      ['two', '+2', false],
    ])
  })
  it('leaves empty what git left out, and does not give it the next one', () => {
    expect(split(`${HEAD}\0${TWO}`)).toEqual([
      ['one', undefined, false],
      ['two', '+2', false],
    ])
    expect(splitPatches(Buffer.from(`${HEAD}\0${TWO}`), { truncated: false, maxBytes: 9 })[0]?.text).toBe('')
  })
  it('knows renames without a change, and puts both halves of a change of kind together', () => {
    const renamed = 'diff --git a/r b/s\nsimilarity index 100%\nrename from r\nrename to s\n'
    const text = `${raw(oid('e'), oid('e'), 'R100', 'r', 's')}${raw(oid('a'), oid('b'), 'T', 't')}\0${renamed}${patch(
      oid('a'),
      NONE,
      '@@ -1 +0,0 @@\n-old\n',
    )}${patch(NONE, oid('b'), '@@ -0,0 +1 @@\n+new\n')}`
    const [first, second] = splitPatches(Buffer.from(text), { truncated: false, maxBytes: 1000 })
    expect(first?.text).toBe(renamed)
    expect(second?.text).toContain('-old\ndiff --git')
    expect(second?.text).toContain('+new\n')
  })
  it('says what is cut and what is not there at all', () => {
    expect(split(`${HEAD}\0${ONE}`, { truncated: true })).toEqual([
      ['one', '+diff --git a/y b/y', true],
      ['two', undefined, false],
    ])
    expect(splitPatches(Buffer.from(HEAD.slice(0, -3)), { truncated: true, maxBytes: 9 })[0]?.text).toBeUndefined()
    const long = patch(oid('a'), oid('b'), `@@ -0,0 +1 @@\n${'+line\n'.repeat(200)}`)
    const [cut] = splitPatches(Buffer.from(`${HEAD}\0${long}`), { truncated: false, maxBytes: 500 })
    expect(cut?.cut).toBe(true)
    expect(cut?.text).toMatch(/\+line\n$/)
    expect(cut?.text?.length).toBeLessThanOrEqual(501)
    const flat = patch(oid('a'), oid('b'), `@@ -0,0 +1 @@\n+${'x'.repeat(5000)}\n`)
    expect(splitPatches(Buffer.from(`${HEAD}\0${flat}`), { truncated: false, maxBytes: 1000 })[0]?.text).toHaveLength(
      1000,
    )
  })
})
