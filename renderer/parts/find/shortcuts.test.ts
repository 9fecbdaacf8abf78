import { describe, expect, it } from 'vitest'
import { openMatcher, type Press, SHORTCUTS } from './shortcuts.ts'

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  busy: false,
  ...more,
})

describe('the table', () => {
  it('has no shortcut twice, and none that another one begins with', () => {
    const all = SHORTCUTS.map(({ keys }) => keys.join(' '))
    expect(new Set(all).size).toBe(all.length)
    for (const one of all) expect(all.filter((other) => other.startsWith(`${one} `))).toEqual([])
  })
})

describe('a matcher', () => {
  it('takes one key, and keys one after the other', () => {
    const matcher = openMatcher()
    expect(matcher(press('t'), true, 0)).toEqual({ kind: 'palette', mode: 'files' })
    expect(matcher(press('g'), true, 10)).toBeUndefined()
    expect(matcher(press('c'), true, 20)).toEqual({ kind: 'page', path: '/commits' })
    expect(matcher(press('c'), true, 30)).toBeUndefined()
  })
  it('forgets a first key that nothing followed, and begins again with one that does not fit', () => {
    const matcher = openMatcher()
    matcher(press('g'), true, 0)
    expect(matcher(press('c'), true, 5000)).toBeUndefined()
    matcher(press('g'), true, 5100)
    expect(matcher(press('t'), true, 5200)).toEqual({ kind: 'palette', mode: 'files' })
    matcher(press('g'), true, 5300)
    matcher(press('g'), true, 5400)
    expect(matcher(press('b'), true, 5500)).toEqual({ kind: 'page', path: '/branches' })
  })
  it('is silent while somebody types, and for keys held together that are no shortcut', () => {
    const matcher = openMatcher()
    expect(matcher(press('t', { busy: true }), true, 0)).toBeUndefined()
    matcher(press('g'), true, 1)
    matcher(press('x', { busy: true }), true, 2)
    expect(matcher(press('c'), true, 3)).toBeUndefined()
    expect(matcher(press('t', { ctrlKey: true }), true, 10_000)).toBeUndefined()
    expect(matcher(press('t', { altKey: true }), true, 20_000)).toBeUndefined()
    expect(matcher(press('Enter'), true, 30_000)).toBeUndefined()
  })
  it('takes Ctrl and Cmd alike, and what is of a repository only there', () => {
    const matcher = openMatcher()
    for (const held of [{ ctrlKey: true }, { metaKey: true }])
      expect(matcher(press('k', held), false, 0)).toEqual({ kind: 'palette', mode: 'all' })
    expect(matcher(press('t'), false, 0)).toBeUndefined()
    expect(matcher(press('?'), false, 0)).toEqual({ kind: 'help' })
  })
})
