import { describe, expect, it } from 'vitest'
import { parseCommit, parsePerson, parseTag } from './commits.ts'

const TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
const P1 = '1'.repeat(40)
const P2 = '2'.repeat(40)
const commit = (text: string, encoding: BufferEncoding = 'utf8') => parseCommit('c', Buffer.from(text, encoding))

describe('commit', () => {
  it('reads headers and leaves the message as it is', () => {
    const value = commit(
      `tree ${TREE}\nparent ${P1}\nparent ${P2}\nauthor Ada L <ada@x.org> 1700000000 +0530\n` +
        `committer Bob <bob@x.org> 1700000001 -0800\n\nSubject\n\nparent of all\n`,
    )
    expect(value).toEqual({
      oid: 'c',
      tree: TREE,
      parents: [P1, P2],
      author: { name: 'Ada L', email: 'ada@x.org', seconds: 1_700_000_000, offset: 330 },
      committer: { name: 'Bob', email: 'bob@x.org', seconds: 1_700_000_001, offset: -480 },
      message: 'Subject\n\nparent of all\n',
    })
  })
  it('keeps signature and merged tag out of the message', () => {
    const value = commit(
      `tree ${TREE}\nmergetag object ${P1}\n type commit\n tag v1\n \n of another\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n` +
        ` abc\n -----END PGP SIGNATURE-----\n\nMerge\n`,
    )
    expect(value.message).toBe('Merge\n')
    expect(value.signature).toBe('-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----')
  })
  it('reads the encoding that it names', () => {
    const value = commit(`tree ${TREE}\nauthor J\xf6rg <j@x> 1 +0000\nencoding ISO-8859-1\n\nGr\xfc\xdfe\n`, 'latin1')
    expect([value.author.name, value.message]).toEqual(['Jörg', 'Grüße\n'])
  })
  it('reads bytes that fit no encoding as Latin-1', () => {
    expect(commit(`tree ${TREE}\n\nGr\xfc\xdfe`, 'latin1').message).toBe('Grüße')
    expect(commit(`tree ${TREE}\nencoding klingon\n\nGr\xfc\xdfe`, 'latin1').message).toBe('Grüße')
  })
  it.each(['', '\n\n', 'tree', 'author\n', `tree ${TREE}\nauthor x`, ' x\n\n'])('survives %j', (text) => {
    expect(commit(text)).toMatchObject({ oid: 'c', parents: [], author: { seconds: 0 } })
  })
})

describe('person', () => {
  it.each([
    ['A <a@x> 10 +0100', 'A', 'a@x', 10, 60],
    ['A <a> b> 10 +0100', 'A', 'a', 10, 60],
    ['A B < a@x > 10 -0030', 'A B', 'a@x', 10, -30],
    ['<> 10 +0000', '', '', 10, 0],
    ['A <a@x> 10 +051800', 'A', 'a@x', 10, 0],
    ['A <a@x> 99999999999999999999 +0000', 'A', 'a@x', 0, 0],
    ['A <a@x> noon', 'A', 'a@x', 0, 0],
    ['A a@x', 'A a@x', '', 0, 0],
  ])('reads %j', (line, ...[name, email, seconds, offset]) => {
    expect(parsePerson(line)).toEqual({ name, email, seconds, offset })
  })
})

describe('tag', () => {
  it('reads target, tagger and message without its signature', () => {
    const text =
      `object ${P1}\ntype commit\ntag v1.0\ntagger Ada <ada@x> 5 +0000\n\nFirst\n` +
      '-----BEGIN SSH SIGNATURE-----\nabc\n-----END SSH SIGNATURE-----\n'
    const tag = parseTag('t', Buffer.from(text))
    expect(tag).toMatchObject({ target: P1, targetKind: 'commit', name: 'v1.0', message: 'First\n' })
    expect(tag.signature).toMatch(/^-----BEGIN SSH/)
    expect(tag.tagger?.name).toBe('Ada')
  })
  it('needs no tagger', () => {
    expect(parseTag('t', Buffer.from(`object ${P1}\ntype tree\ntag x\n\n`)).tagger).toBeUndefined()
  })
})
