// Which requests are taken for equal, and which are left to git.
import { expect, test } from 'vitest'
import { fetchShape, oldFetchShape } from './fetchkey.ts'
import { DELIM, FLUSH, packets, pkt } from '../format/pktline.ts'
import { parseLsRefs, parseRequest } from './request.ts'

const OID = 'a'.repeat(40)

function v2(stated: string[], args: string[], command = 'fetch'): string | undefined {
  const parts = [
    pkt(`command=${command}`),
    ...stated.map((text) => pkt(text)),
    DELIM,
    ...args.map((text) => pkt(`${text}\n`)),
    FLUSH,
  ]
  const request = parseRequest(packets(Buffer.concat(parts)))
  return request && fetchShape(request)?.text
}

function v0(lines: (string | Buffer)[]): string | undefined {
  const parts = lines.map((one) => (typeof one === 'string' ? pkt(`${one}\n`) : one))
  return oldFetchShape(packets(Buffer.concat(parts)))?.text
}

const CLONE = [`want ${OID}`, 'ofs-delta', 'thin-pack', 'done']

test('who asks makes no difference', () => {
  const base = v2(['agent=git/2.39.5', 'object-format=sha1'], CLONE)
  expect(base).toBeDefined()
  expect(v2(['agent=jgit', 'object-format=sha1'], CLONE)).toBe(base)
  expect(v2([], CLONE)).toBe(base)
  const old = v0([`want ${OID} side-band-64k agent=git/2.39.5`, FLUSH, 'done'])
  expect(v0([`want ${OID} side-band-64k agent=x session-id=1`, FLUSH, 'done'])).toBe(old)
})

test('haves, filter, depth and capabilities make a difference', () => {
  const all = [
    v2([], CLONE),
    v2(['server-option=x'], CLONE),
    v2([], [`have ${OID}`, ...CLONE]),
    v2([], ['filter blob:none', ...CLONE]),
    v2([], ['deepen 1', ...CLONE]),
    v2([], ['deepen 2', ...CLONE]),
    v2([], [`shallow ${OID}`, ...CLONE]),
    v2([], ['no-progress', ...CLONE]),
    v2([], ['include-tag', ...CLONE]),
    v2([], [`want ${'b'.repeat(40)}`, 'done']),
    v0([`want ${OID} side-band-64k`, FLUSH, 'done']),
    v0([`want ${OID} side-band-64k ofs-delta`, FLUSH, 'done']),
    v0([`want ${OID} side-band-64k`, 'deepen 1', FLUSH, 'done']),
  ]
  expect(all).not.toContain(undefined)
  expect(new Set(all).size).toBe(all.length)
})

test('negotiation, surprises and mistakes are left to git', () => {
  expect(v2([], [`want ${OID}`, `have ${OID}`])).toBeUndefined()
  expect(v2(['something-new'], CLONE)).toBeUndefined()
  expect(v2(['object-format=sha256'], CLONE)).toBeUndefined()
  expect(v2([], CLONE, 'object-info')).toBeUndefined()
  expect(v0([`want ${OID} side-band-64k`, FLUSH])).toBeUndefined()
  expect(v0([`want ${OID} ofs-delta`, FLUSH, 'done'])).toBeUndefined()
  for (const bytes of [
    Buffer.concat([pkt('command=fetch'), DELIM, pkt('done')]),
    Buffer.concat([pkt('command=fetch'), DELIM, pkt('done'), FLUSH, pkt('more'), FLUSH]),
    Buffer.concat([pkt('command=fetch'), DELIM, DELIM, pkt('done'), FLUSH]),
    Buffer.concat([DELIM, pkt('done'), FLUSH]),
    FLUSH,
    Buffer.alloc(0),
  ])
    expect(parseRequest(packets(bytes))).toBeUndefined()
})

function listing(args: string[]): unknown {
  return parseLsRefs({ command: 'ls-refs', stated: [], args })
}

test('listing arguments', () => {
  expect(listing(['peel', 'ref-prefix refs/heads/', 'ref-prefix '])).toEqual({
    peel: true,
    symrefs: false,
    unborn: false,
    prefixes: ['refs/heads/', ''],
  })
  expect(listing(['peeled'])).toBeUndefined()
  expect(listing(Array.from({ length: 65_536 }, (_, i) => `ref-prefix x${i}`))).toMatchObject({ prefixes: [] })
})
