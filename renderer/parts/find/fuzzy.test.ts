import { array, assert, nat, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { best, match, pieces } from './fuzzy.ts'

const slice = { stale: () => false, breathe: () => Promise.resolve() }

async function order(wanted: string, texts: string[]): Promise<string[] | undefined> {
  return (await best(wanted, texts, 10, slice))?.map(({ text }) => text)
}

describe('finding by letters', () => {
  it('takes what has the letters in their order, whatever their case', () => {
    expect(match('rdme', 'docs/README.md')?.at).toEqual([5, 8, 9, 10])
    expect(match('mdr', 'docs/README.md')).toBeUndefined()
    expect(match('', 'x')?.at).toEqual([])
    expect(match('i', 'İ')?.at ?? []).toEqual([])
  })
  it('prefers the name to the path, beginnings to middles, and whole names to all', async () => {
    expect(await order('app', ['apple/pie/x.ts', 'src/app.ts', 'src/wrapper.ts', 'x/y'])).toEqual([
      'src/app.ts',
      'src/wrapper.ts',
      'apple/pie/x.ts',
    ])
    expect(await order('index.ts', ['src/index.tsx', 'src/index.ts', 'index.ts.bak'])).toEqual([
      'src/index.ts',
      'src/index.tsx',
      'index.ts.bak',
    ])
    expect((await order('fb', ['fabric.ts', 'foo-bar.ts', 'FooBar.ts']))?.at(-1)).toBe('fabric.ts')
    expect(await order('src/ap', ['app/src.ts', 'src/app.ts'])).toEqual(['src/app.ts'])
  })
  it('looks past spaces, and keeps the order of what is as good', async () => {
    expect(await order('sr app', ['x/app', 'src/app'])).toEqual(['src/app'])
    expect(await order('a', ['ab', 'ac', 'ad'])).toEqual(['ab', 'ac', 'ad'])
  })
  it('gives no more than are wanted, the best of all', async () => {
    const texts = Array.from({ length: 5000 }, (_, i) => `folder/${i}/file.ts`)
    const hits = await best('4999', [...texts, '4999'], 3, slice)
    expect(hits).toHaveLength(2)
    expect(hits?.[0]?.text).toBe('4999')
    expect(await best('file', texts, 3, slice)).toHaveLength(3)
  })
  it('gives up when somebody typed on', async () => {
    const texts = Array.from({ length: 400_000 }, (_, i) => `some/long/folder/of/files/${i}/file.ts`)
    expect(await best('file', texts, 3, { stale: () => true, breathe: () => Promise.resolve() })).toBeUndefined()
  })
  it('finds every letter where it says, for any text', () => {
    assert(
      property(string(), array(nat()), (text, picks) => {
        const at = [...new Set(picks.map((pick) => pick % Math.max(1, text.length)))].sort((a, b) => a - b)
        const wanted = at.map((i) => text[i] ?? '').join('')
        const hit = match(wanted, text)
        expect(hit).toBeDefined()
        const found = (hit?.at ?? []).map((i) => text[i] ?? '').join('')
        expect(found.toLowerCase()).toBe(wanted.toLowerCase())
      }),
    )
  })
})

it('cuts a text into what was found and what was not', () => {
  expect(pieces({ text: 'abcd', at: [1, 2] }).map(({ text, found }) => [text, found])).toEqual([
    ['a', false],
    ['bc', true],
    ['d', false],
  ])
})
