import { describe, expect, it } from 'vitest'
import { parseBlame, unquoted } from './blame.ts'

const [A, B] = ['a'.repeat(40), 'b'.repeat(40)]
const OUTPUT = `${A} 3 3 1
author Zoë
author-mail <zoe@example.com>
author-time 1600000000
author-tz +0200
committer Git
committer-mail <>
committer-time 1
committer-tz +0000
summary ${B} 1 1 1
previous ${B} "old \\"name\\"\\t\\303\\251"
filename new name
${B} 1 1 1
author Ada
author-mail <ada@example.com>
author-time 1600000001
author-tz -0130
committer Ada
committer-mail <ada@example.com>
committer-time 1600000001
committer-tz +0000
summary First
boundary
filename old
${A} 4 4 2
previous ${B} "old \\"name\\"\\t\\303\\251"
filename new name
${B} 2 2 1
filename old
`

describe('parseBlame', () => {
  const { ranges, commits } = parseBlame(Buffer.from(OUTPUT))
  it('puts what git found piece by piece in order, and together what goes on', () => {
    const previous = { commit: B, path: Buffer.from('old "name"\té') }
    expect(ranges).toEqual([
      { commit: B, from: 1, source: 1, lines: 2, path: Buffer.from('old'), previous: undefined },
      { commit: A, from: 3, source: 3, lines: 3, path: Buffer.from('new name'), previous },
    ])
  })
  it('knows each commit once, and is not fooled by a message that looks like a header', () => {
    expect([...commits.values()]).toEqual([
      {
        oid: A,
        author: { name: 'Zoë', email: 'zoe@example.com', seconds: 1_600_000_000, offset: 120 },
        summary: `${B} 1 1 1`,
      },
      {
        oid: B,
        author: { name: 'Ada', email: 'ada@example.com', seconds: 1_600_000_001, offset: -90 },
        summary: 'First',
      },
    ])
  })
  it('keeps a name that is not UTF-8 as it is', () => {
    const bytes = Buffer.concat([
      Buffer.from(`${A} 1 1 1\nsummary caf`),
      Buffer.from([0xe9]),
      Buffer.from('\nfilename x\n'),
    ])
    expect(parseBlame(bytes).commits.get(A)?.summary).toBe('café')
    expect(unquoted('"\\377\\\\x"')).toEqual(Buffer.from([0xff, 0x5c, 0x78]))
  })
  it('makes nothing of nothing', () => expect(parseBlame(Buffer.alloc(0)).ranges).toEqual([]))
})
