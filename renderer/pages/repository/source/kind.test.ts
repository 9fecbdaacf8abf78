import { expect, it } from 'vitest'
import { kindOf } from './kind.ts'

const entry = (path: string, more: Record<string, unknown> = {}) => ({
  type: 'commit_file' as const,
  path,
  size: 10,
  mimetype: 'text/plain; charset=utf-8',
  commit: { hash: 'x' },
  ...more,
})

it.each([
  ['a.ts', {}, 'text'],
  ['Makefile', {}, 'text'],
  ['a.constructor', {}, 'text'],
  ['a.ts', { size: 2_000_000 }, 'large'],
  ['a.PNG', { mimetype: 'image/png', size: 2_000_000 }, 'picture'],
  ['a.svg', {}, 'drawing'],
  ['a.pdf', { mimetype: 'application/octet-stream' }, 'pdf'],
  ['a.pdf', { mimetype: 'application/octet-stream', size: 1e9 }, 'large'],
  ['a.csv', { size: 2_000_000 }, 'table'],
  ['a.ipynb', {}, 'notebook'],
  ['a.mp4', { mimetype: 'application/octet-stream' }, 'media'],
  ['a.zip', { mimetype: 'application/octet-stream' }, 'binary'],
  ['a.png', { attributes: ['link'] }, 'link'],
  ['lib', { attributes: ['subrepository'], mimetype: null }, 'submodule'],
])('%s %o is shown as %s', (path, more, kind) => expect(kindOf(entry(path, more))).toBe(kind))
