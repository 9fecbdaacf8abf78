import { describe, expect, it } from 'vitest'
import { foldedByName, foldedOf, parseAttributes } from './generated.ts'

const why = (path: string, attributes = '') => foldedOf(path, parseAttributes(attributes))?.why ?? null

describe('by name', () => {
  it.each([
    ['package-lock.json', 'generated'],
    ['web/yarn.lock', 'generated'],
    ['static/app.min.js', 'generated'],
    ['dist/index.js', 'generated'],
    ['api/thing.pb.go', 'generated'],
    ['vendor/lib/a.go', 'vendored'],
    ['a/node_modules/x/index.js', 'vendored'],
    ['src/main.ts', null],
    ['my-package-lock.json.md', null],
    ['distance/x.ts', null],
    ['src/vendor.ts', null],
    ['admin.js', null],
  ])('%s is %s', (path, expected) => expect(foldedByName(path)?.why ?? null).toBe(expected))
})

describe('by .gitattributes', () => {
  it.each([
    ['*.gen linguist-generated', 'deep/er/x.gen', 'generated'],
    ['api/*.ts linguist-generated=true', 'api/x.ts', 'generated'],
    ['api/*.ts linguist-generated=true', 'other/api/x.ts', null],
    ['api/*.ts linguist-generated=true', 'api/deep/x.ts', null],
    ['/x.ts -diff', 'x.ts', 'not-diffed'],
    ['/x.ts -diff', 'a/x.ts', null],
    ['a/**/z linguist-vendored', 'a/z', 'vendored'],
    ['a/**/z linguist-vendored', 'a/b/c/z', 'vendored'],
    ['a/** linguist-vendored', 'a/b/c', 'vendored'],
    ['**/b/c binary', 'x/b/c', 'not-diffed'],
    ['"with space.txt" -diff', 'with space.txt', 'not-diffed'],
    ['x?.txt text -diff eol=lf', 'x1.txt', 'not-diffed'],
    ['# *.ts -diff', 'x.ts', null],
    ['folder/ -diff', 'folder/x', null],
    ['!x.ts -diff', 'x.ts', null],
    ['*.ts text', 'x.ts', null],
    ['x.ts constructor', 'x.ts', null],
  ])('%s of %s: %s', (line, path, expected) => expect(why(path, line)).toBe(expected))

  it('later lines win, and attributes win over names', () => {
    expect(why('x.ts', '*.ts -diff\r\nx.ts diff\n')).toBeNull()
    expect(why('package-lock.json', 'package-lock.json -linguist-generated')).toBeNull()
    expect(why('vendor/ours.ts', 'vendor/ours.ts linguist-vendored=false')).toBeNull()
    expect(foldedOf('dist/x', parseAttributes('dist/** linguist-generated'))?.by).toBe('attributes')
  })
  it('hostile patterns cost steps, not hours', () => {
    const stars = parseAttributes(`${'*a'.repeat(140)}b -diff\n${'**/a/'.repeat(55)}b -diff`)
    expect(stars).toHaveLength(2)
    expect(foldedOf(`${'a/'.repeat(500)}${'a'.repeat(2000)}`, stars)).toBeNull()
    const budget = { steps: 100_000 }
    for (let i = 0; i < 100; i++) foldedOf('a/'.repeat(500), stars, budget)
    expect(budget.steps).toBeLessThanOrEqual(0)
    expect(foldedOf('dist/x', parseAttributes('dist/x -diff'), budget)?.by).toBe('name')
    expect(parseAttributes('x -diff\n'.repeat(5000))).toHaveLength(200)
  })
})
