// Git's protocol as git speaks it: every version, every way to send a request, and every kind of fetch and push.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { commitFile, git, tryGit } from '../helpers/git.ts'
import { broken, refsOf } from '../helpers/invariant.ts'
import { hook } from '../helpers/program.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { pkt, post, pushBody, ZERO } from '../helpers/wire.ts'
import { rows } from '../helpers/world.ts'

let site: Site
let work: string
let path: string
let remote: string
let count = 0

beforeAll(async () => {
  site = await openSite()
})
beforeEach(async () => {
  ;({ work, path } = await makeRepository(site, `web${++count}`))
  remote = remoteOf(site, `web${count}`)
})
afterAll(async () => {
  const problems = await broken(site.server)
  await closeSite(site)
  expect(problems).toEqual([])
})

const fresh = (name: string): string => join(site.dir, `${name}${count}`)
const head = (dir: string): Promise<string> => git(dir, ['rev-parse', 'HEAD'])

describe.each([0, 1, 2])('protocol version %i', (version) => {
  const speak = ['-c', `protocol.version=${version}`]

  it('pushes, clones, fetches and lists', async () => {
    await git(work, [...speak, 'push', '-q', remote, 'main'])
    await git(site.dir, [...speak, 'clone', '-q', remote, fresh('clone')])
    const second = await commitFile(work, 'second.txt', '2')
    await git(work, ['tag', '-a', '-m', 'First', 'v1'])
    await git(work, [...speak, 'push', '-q', remote, 'main', 'v1'])
    const traced = await tryGit(fresh('clone'), [...speak, 'pull', '-q', '--ff-only'], { GIT_TRACE_PACKET: '1' })
    expect(traced.code).toBe(0)
    expect(/< version ([12])/.exec(traced.stderr)?.[1] ?? '0').toBe(String(version))
    expect(await head(fresh('clone'))).toBe(second)
    expect(await git(fresh('clone'), ['tag'])).toBe('v1')
    const listed = await git(work, [...speak, 'ls-remote', remote])
    expect(listed).toBe(
      [
        `${second}\tHEAD`,
        `${second}\trefs/heads/main`,
        `${await git(work, ['rev-parse', 'v1'])}\trefs/tags/v1`,
        `${second}\trefs/tags/v1^{}`,
      ].join('\n'),
    )
  })

  it('clones shallow, deepens, fetches since and completes', async () => {
    for (let i = 0; i < 6; i++) await commitFile(work, 'file', String(i))
    await git(work, [...speak, 'push', '-q', remote, 'main'])
    const clone = fresh('shallow')
    await git(site.dir, [...speak, 'clone', '-q', '--depth=2', remote, clone])
    const depth = (): Promise<string> => git(clone, ['rev-list', '--count', 'HEAD'])
    expect(await depth()).toBe('2')
    await git(clone, [...speak, 'fetch', '-q', '--deepen=2'])
    expect(await depth()).toBe('4')
    const added = await commitFile(work, 'file', 'added')
    await git(work, [...speak, 'push', '-q', remote, 'main'])
    await git(clone, [...speak, 'pull', '-q', '--ff-only'])
    expect(await head(clone)).toBe(added)
    await commitFile(clone, 'from-shallow', 'x')
    await git(clone, [...speak, 'push', '-q', 'origin', 'main'])
    await git(clone, [...speak, 'fetch', '-q', '--unshallow'])
    expect(await depth()).toBe('9')
    expect(await git(clone, ['fsck', '--full'])).toBe('')
  })

  it('clones without blobs and gets them when they are needed', async () => {
    const texts = Array.from({ length: 5 }, (_, i) => `text ${i} ${'x'.repeat(500)}`)
    for (const [i, text] of texts.entries()) await commitFile(work, `dir/file${i}`, text)
    await git(work, [...speak, 'push', '-q', remote, 'main'])
    const clone = fresh('partial')
    await git(site.dir, [...speak, 'clone', '-q', '--no-checkout', '--filter=blob:none', remote, clone])
    const missing = async (): Promise<number> =>
      (await git(clone, ['rev-list', '--objects', '--all', '--missing=print']))
        .split('\n')
        .filter((line) => line.startsWith('?')).length
    expect(await missing()).toBe(6)
    await git(clone, [...speak, 'checkout', '-q', 'main'])
    expect(await missing()).toBe(0)
    expect(readFileSync(join(clone, 'dir/file3'), 'utf8')).toBe(texts[3])
    const trees = fresh('treeless')
    await git(site.dir, [...speak, 'clone', '-q', '--filter=tree:0', remote, trees])
    expect(readFileSync(join(trees, 'dir/file4'), 'utf8')).toBe(texts[4])
  })

  it('fetches one commit by its id', async () => {
    const first = await head(work)
    await commitFile(work, 'second', '2')
    await git(work, [...speak, 'push', '-q', remote, 'main'])
    await git(site.dir, ['init', '-q', fresh('by-id')])
    await git(fresh('by-id'), [...speak, 'fetch', '-q', '--depth=1', remote, first])
    expect(await git(fresh('by-id'), ['rev-parse', 'FETCH_HEAD'])).toBe(first)
  })
})

describe('ways to send a request', () => {
  it('a push in chunks', async () => {
    writeFileSync(join(work, 'noise'), randomBytes(400_000))
    await git(work, ['add', 'noise'])
    await git(work, ['commit', '-q', '-m', 'Add noise'])
    const push = await tryGit(work, ['-c', 'http.postBuffer=65536', 'push', '-q', remote, 'main'], {
      GIT_TRACE_CURL: '1',
      GIT_TRACE_CURL_NO_DATA: '1',
    })
    expect(push.code).toBe(0)
    expect(push.stderr).toMatch(/Transfer-Encoding: chunked/i)
    expect((await refsOf(path)).get('refs/heads/main')).toBe(await head(work))
  })

  it('a fetch whose request is gzipped', async () => {
    await git(work, ['push', '-q', remote, 'main'])
    await git(site.dir, ['clone', '-q', remote, fresh('clone')])
    for (let i = 0; i < 30; i++) await git(work, ['commit', '-q', '--allow-empty', '-m', String(i)])
    const wants = Array.from({ length: 30 }, (_, i) => `HEAD~${i}:refs/heads/b${i}`)
    await git(work, ['push', '-q', remote, ...wants])
    const fetched = await tryGit(fresh('clone'), ['fetch', '-q'], { GIT_TRACE_CURL: '1', GIT_TRACE_CURL_NO_DATA: '1' })
    expect(fetched.stderr).toMatch(/Content-Encoding: gzip/i)
    expect(await git(fresh('clone'), ['rev-parse', 'origin/b0'])).toBe(await head(work))
  })

  it('bytes that claim to be gzip and are none, or are cut off', async () => {
    const headers = { 'Content-Encoding': 'gzip', 'Content-Length': '20' }
    for (const service of ['git-upload-pack', 'git-receive-pack'] as const) {
      const { socket, end } = post(site.server, { repository: `ada/web${count}`, service }, headers)
      socket.write('this is no gzip data')
      expect(await end).toMatch(/^HTTP\/1\.1 400 /)
      socket.destroy()
    }
    expect(site.server.stderr()).not.toMatch(/unexpected failure/)
  })

  it('a push that waits for 100 Continue', async () => {
    const newOid = await head(work)
    const body = pushBody(work, [{ ref: 'refs/heads/main', oldOid: ZERO, newOid }])
    const at = { repository: `ada/web${count}`, service: 'git-receive-pack' } as const
    const { socket, end } = post(site.server, at, { Expect: '100-continue', 'Transfer-Encoding': 'chunked' })
    const asked = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())))
    expect(asked).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    for (let i = 0; i < body.length; i += 100) {
      const part = body.subarray(i, i + 100)
      socket.write(Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]))
    }
    socket.write('0\r\n\r\n')
    expect(await end).toMatch(/HTTP\/1\.1 200 .*ok refs\/heads\/main/s)
    socket.destroy()
    expect((await refsOf(path)).get('refs/heads/main')).toBe(newOid)
  })

  it('several requests on one connection, one after the other', async () => {
    await git(work, ['push', '-q', remote, 'main'])
    const traced = await tryGit(work, ['fetch', remote], { GIT_TRACE_CURL: '1', GIT_TRACE_CURL_NO_DATA: '1' })
    expect(traced.stderr).toMatch(/Re-using existing connection/i)
  })
})

describe('kinds of pushes', () => {
  beforeEach(async () => {
    await git(work, ['push', '-q', remote, 'main'])
  })

  it('branches, tags and notes at once; deletion', async () => {
    const main = await commitFile(work, 'a', 'a')
    await git(work, ['tag', 'light'])
    await git(work, ['tag', '-a', '-m', 'heavy', 'heavy'])
    await git(work, ['notes', 'add', '-m', 'a note'])
    await git(work, [
      'push',
      '-q',
      remote,
      'main',
      'main:topic/one',
      'main:refs/heads/ünïcode',
      'light',
      'heavy',
      'refs/notes/commits',
    ])
    const refs = await refsOf(path)
    expect([...refs.keys()].toSorted()).toEqual([
      'refs/heads/main',
      'refs/heads/topic/one',
      'refs/heads/ünïcode',
      'refs/notes/commits',
      'refs/tags/heavy',
      'refs/tags/light',
    ])
    expect(refs.get('refs/heads/topic/one')).toBe(main)
    await git(work, ['push', '-q', remote, ':topic/one', ':refs/tags/light', ':refs/heads/ünïcode'])
    expect([...(await refsOf(path)).keys()].toSorted()).toEqual([
      'refs/heads/main',
      'refs/notes/commits',
      'refs/tags/heavy',
    ])
    const again = await tryGit(work, ['push', remote, ':topic/one'])
    expect(again.stderr).toMatch(/remote ref does not exist/)
  })

  it('no fast-forward: refused without force, done with it, and with a lease only where it holds', async () => {
    const first = await head(work)
    const other = fresh('other')
    await git(site.dir, ['clone', '-q', remote, other])
    const theirs = await commitFile(other, 'theirs', 'x')
    await git(other, ['push', '-q', 'origin', 'main'])
    const ours = await commitFile(work, 'ours', 'x')
    expect((await tryGit(work, ['push', remote, 'main'])).stderr).toMatch(/rejected.*fetch first/)
    const stale = await tryGit(work, ['push', `--force-with-lease=main:${first}`, remote, 'main'])
    expect(stale.stderr).toMatch(/rejected.*stale info/)
    await git(work, ['push', '-q', `--force-with-lease=main:${theirs}`, remote, 'main'])
    expect((await refsOf(path)).get('refs/heads/main')).toBe(ours)
    const [push] = rows(site.server, "select changes from pushes where state = 'done' order by id desc limit 1")
    expect(JSON.parse(String(push?.['changes']))).toEqual([
      { ref: 'refs/heads/main', kind: 'forced', oldOid: theirs, newOid: ours },
    ])
  })

  it('atomic: all or nothing', async () => {
    const before = await refsOf(path)
    const other = fresh('other')
    await git(site.dir, ['clone', '-q', remote, other])
    await git(other, ['push', '-q', 'origin', 'main:taken'])
    const theirs = await commitFile(other, 'x', 'x')
    await git(other, ['push', '-q', 'origin', 'main:taken'])
    await commitFile(work, 'y', 'y')
    // The server decides: the client believes that `taken` does not exist.
    const commands = [
      { ref: 'refs/heads/fine', oldOid: ZERO, newOid: await head(work) },
      { ref: 'refs/heads/taken', oldOid: ZERO, newOid: await head(work) },
    ]
    const body = pushBody(work, commands, 'report-status atomic')
    const at = { repository: `ada/web${count}`, service: 'git-receive-pack' } as const
    const { socket, end } = post(site.server, at, { 'Content-Length': String(body.length) })
    socket.write(body)
    expect(await end).toMatch(/ng refs\/heads\/fine .*ng refs\/heads\/taken /s)
    socket.destroy()
    expect(await refsOf(path)).toEqual(new Map([...before, ['refs/heads/taken', theirs]]))
    await git(work, ['push', '-q', '--atomic', remote, 'main', 'main:fine'])
    expect((await refsOf(path)).get('refs/heads/fine')).toBe(await head(work))
  })

  it('with one ref that may not be pushed: it is refused with its reason, and atomically with it the others', async () => {
    const oid = await commitFile(work, 'z', 'z')
    const before = await refsOf(path)
    const asked = [remote, 'main', 'main:refs/gitstead/kept/x', 'main:refs/elsewhere/x']
    const refused = /\[remote rejected\] main -> refs\/elsewhere\/x \(only branches, tags and notes can be pushed\)/
    const atomic = await tryGit(work, ['push', '--atomic', ...asked])
    expect(atomic.stderr).toMatch(/\[remote rejected\] main -> main \(.+\)/)
    expect(atomic.stderr).toMatch(refused)
    expect(await refsOf(path)).toEqual(before)
    const push = await tryGit(work, ['push', ...asked])
    expect([push.code, push.stderr]).toEqual([1, expect.stringMatching(refused)])
    expect(await refsOf(path)).toEqual(new Map([...before, ['refs/heads/main', oid]]))
  })

  it('options reach git', async () => {
    const seen = join(site.dir, 'options')
    hook(site.data, 'pre-receive', `echo "$GIT_PUSH_OPTION_COUNT $GIT_PUSH_OPTION_0 $GIT_PUSH_OPTION_1" > '${seen}'`)
    await commitFile(work, 'o', 'o')
    await git(work, ['push', '-q', '-o', 'ci.skip', '-o', 'reviewer=bob', remote, 'main'])
    rmSync(join(site.data, 'git', 'hooks', 'pre-receive'))
    expect(readFileSync(seen, 'utf8')).toBe('2 ci.skip reviewer=bob\n')
  })

  it('signed: the certificate is kept with the push', async () => {
    const key = join(site.dir, `key${count}`)
    expect(spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]).status).toBe(0)
    chmodSync(key, 0o600)
    const oid = await commitFile(work, 's', 's')
    const signing = ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${key}.pub`]
    const push = await tryGit(work, [...signing, 'push', '-q', '--signed', remote, 'main'])
    expect(push).toMatchObject({ code: 0, stderr: '' })
    const [row] = rows(site.server, "select certificate from pushes where state = 'done' order by id desc limit 1")
    expect(row?.['certificate']).toMatch(/^certificate version 0\.1\npusher .*\nnonce \d+-[0-9a-f]+\n/s)
    expect(row?.['certificate']).toContain(`${oid} refs/heads/main`)
    expect(row?.['certificate']).toContain('-----BEGIN SSH SIGNATURE-----')
  })

  it('nothing to push, and a push that is only tried', async () => {
    expect((await tryGit(work, ['push', remote, 'main'])).stderr).toMatch(/Everything up-to-date/)
    await commitFile(work, 'dry', 'x')
    const before = await refsOf(path)
    expect((await tryGit(work, ['push', '--dry-run', remote, 'main'])).code).toBe(0)
    expect(await refsOf(path)).toEqual(before)
  })

  it('objects that are not whole are refused', async () => {
    const commit = `tree ${'12'.repeat(20)}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nno tree\n`
    const file = join(site.dir, 'commit')
    writeFileSync(file, commit)
    const oid = await git(work, ['hash-object', '-t', 'commit', '-w', '--literally', file])
    const packed = spawnSync('git', ['pack-objects', '--stdout', '-q'], { cwd: work, input: `${oid}\n` })
    const body = Buffer.concat([
      Buffer.from(`${pkt(`${ZERO} ${oid} refs/heads/broken\0 report-status`)}0000`),
      packed.stdout,
    ])
    const at = { repository: `ada/web${count}`, service: 'git-receive-pack' } as const
    const { socket, end } = post(site.server, at, { 'Content-Length': String(body.length) })
    socket.write(body)
    expect(await end).toMatch(/ng refs\/heads\/broken /)
    socket.destroy()
    expect((await refsOf(path)).has('refs/heads/broken')).toBe(false)
    expect(existsSync(join(path, 'objects', oid.slice(0, 2), oid.slice(2)))).toBe(false)
  })
})
