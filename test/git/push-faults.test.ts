// Pushes that are refused, malicious, cut off or killed: the client hears why, and nothing of them stays.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FLUSH, packets, pkt } from '../../server/git/format/pktline.ts'
import { readPush } from '../../server/git/wire/push.ts'
import { everyProcess, readProc } from '../helpers/proc.ts'
import { openPushing, type Pushing } from './pushing.ts'

const ZERO = '0'.repeat(40)
let p: Pushing
beforeAll(async () => {
  p = await openPushing()
})
afterAll(async () => {
  await p.door.close()
  await p.lab.close()
})
beforeEach(() => p.fresh())

/** Processes of this git command that were started in our p.lab. */
function gits(command: string): number[] {
  return everyProcess().filter(
    (pid) => readProc(pid, 'cmdline').split('\0')[1] === command && readProc(pid, 'environ').includes(p.lab.dir),
  )
}

/** A push that stops in the middle of its pack. */
async function stalled(): Promise<{ body: Readable; gone: AbortController; answer: Promise<unknown> }> {
  p.commit('noise', randomBytes(3_000_000))
  const pack = execFileSync('git', ['pack-objects', '--stdout', '--revs', '-q'], {
    cwd: p.work,
    input: 'HEAD\n',
    maxBuffer: 1e8,
  })
  const oid = p.lab.as(p.work, 'rev-parse', 'HEAD')
  const head = Buffer.concat([pkt(`${ZERO} ${oid} refs/heads/main\0report-status side-band-64k`), FLUSH])
  const body = new Readable({ read() {} })
  body.push(Buffer.concat([head, pack.subarray(0, 2_000_000)]))
  const gone = new AbortController()
  const answer = p
    .take(p.repo, { protocol: 0, body, signal: gone.signal })
    .then(async (one) => (one instanceof Readable ? buffer(one) : one))
    .catch((error: unknown) => error)
  for (let i = 0; i < 200 && p.litter().length === 0; i++) await pause(10)
  expect(p.litter()).toHaveLength(1)
  return { body, gone, answer }
}

describe('what the client is told', () => {
  test('a refusal for each ref, in words, without control characters', async () => {
    p.refuse = new Map([['refs/heads/main', 'main is protected:\u001b[31m ask Ada']])
    const { code, stderr } = await p.client('push', 'origin', 'main', 'main:other')
    expect(code).toBe(1)
    expect(stderr).toContain('! [remote rejected] main -> main (main is protected: [31m ask Ada)')
    expect(stderr).toContain('! [remote rejected] main -> other (not taken, as the push was refused as a whole)')
    expect(p.lab.as(p.repo.path, 'for-each-ref')).toBe('')
  })

  test('a refusal of a large push is shown after all of it was sent', async () => {
    p.commit('noise', randomBytes(20_000_000))
    p.refuse = 'the repository is read-only for now'
    const { stderr } = await p.client('push', 'origin', 'main')
    expect(stderr).toContain('! [remote rejected] main -> main (the repository is read-only for now)')
    expect(stderr).not.toContain('RPC failed')
  })

  test('lines of the server, stripped of control characters, beside a report that waits for rows', async () => {
    p.say = ['Open a pull request:\n  http://host/\u001b]0;x\u0007pr', '']
    const rows = Promise.withResolvers<void>()
    p.hold = rows.promise
    const running = p.client('push', 'origin', 'main')
    for (let i = 0; i < 200 && p.results.length === 0; i++) await pause(10)
    expect(p.tip()).toBe(p.lab.as(p.work, 'rev-parse', 'HEAD'))
    const early = await Promise.race([running, pause(200).then(() => 'still waiting')])
    expect(early).toBe('still waiting')
    rows.resolve()
    const { code, stderr } = await running
    expect(code).toBe(0)
    expect(stderr).toMatch(/^remote: Open a pull request: *\nremote: {3}http:\/\/host\/ \]0;x pr *$/m)
  })

  test('packs that are corrupt, unsafe or incomplete are refused and leave nothing', async () => {
    await p.pushed('origin', 'main')
    const before = readdirSync(join(p.repo.path, 'objects/pack'))
    const send = async (pack: Buffer, newOid: string): Promise<string> => {
      const command = pkt(`${ZERO} ${newOid} refs/heads/bad\0report-status side-band-64k`)
      const body = Readable.from([Buffer.concat([command, FLUSH, pack])])
      const answer = await p.take(p.repo, { protocol: 0, body, signal: new AbortController().signal })
      return (answer instanceof Readable ? await buffer(answer) : answer).toString('latin1')
    }
    const good = execFileSync('git', ['pack-objects', '--stdout', '--revs', '-q'], { cwd: p.work, input: 'HEAD\n' })
    const torn = Buffer.from(good)
    torn.writeUInt8(torn.readUInt8(40) ^ 0xff, 40)
    const tree = (entry: string): string =>
      execFileSync('git', ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], {
        cwd: p.work,
        encoding: 'utf8',
        input: Buffer.concat([
          Buffer.from(`100644 ${entry}\0`),
          Buffer.from(p.lab.as(p.work, 'rev-parse', 'HEAD:one'), 'hex'),
        ]),
      }).trim()
    const trap = p.lab.as(p.work, 'commit-tree', '-m', 'x', tree('.git'))
    const up = p.lab.as(p.work, 'commit-tree', '-m', 'x', tree('..'))
    const packOf = (oid: string): Buffer =>
      execFileSync('git', ['pack-objects', '--stdout', '--revs', '-q'], { cwd: p.work, input: `${oid}\n` })
    const missing = p.lab.as(p.work, 'commit-tree', '-m', 'no tree follows', tree('new'))
    const alone = execFileSync('git', ['pack-objects', '--stdout', '-q'], { cwd: p.work, input: `${missing}\n` })
    const cases: [Buffer, string][] = [
      [torn, ZERO.replaceAll('0', '1')],
      [good.subarray(0, good.length - 30), p.lab.as(p.work, 'rev-parse', 'HEAD')],
      [Buffer.from('no pack at all'), p.lab.as(p.work, 'rev-parse', 'HEAD')],
      [packOf(trap), trap],
      [packOf(up), up],
      [alone, missing],
      [Buffer.alloc(0), '12'.repeat(20)],
    ]
    for (const [pack, oid] of cases) {
      expect(await send(pack, oid)).toMatch(/ng refs\/heads\/bad /)
      expect(p.results.at(-1)).toMatchObject([{ ref: 'refs/heads/bad', ok: false }])
    }
    expect(p.lab.as(p.repo.path, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main')
    expect(readdirSync(join(p.repo.path, 'objects/pack'))).toEqual(before)
    expect(p.litter()).toEqual([])
    p.lab.as(p.repo.path, 'fsck', '--full', '--strict')
  })

  test('clients without a side band, or without any report', async () => {
    const pack = execFileSync('git', ['pack-objects', '--stdout', '--revs', '-q'], { cwd: p.work, input: 'HEAD\n' })
    const oid = p.lab.as(p.work, 'rev-parse', 'HEAD')
    const send = async (ref: string, capabilities: string, newOid = oid): Promise<string> => {
      const head = [pkt(`${ZERO} ${newOid} ${ref}\0${capabilities}`), FLUSH]
      const body = Readable.from([Buffer.concat([...head, pack])])
      const answer = await p.take(p.repo, { protocol: 0, body, signal: new AbortController().signal })
      return (answer instanceof Readable ? await buffer(answer) : answer).toString('latin1')
    }
    p.say = ['hello']
    expect(await send('refs/heads/a', 'report-status')).toBe(
      Buffer.concat([pkt('unpack ok\n'), pkt('ok refs/heads/a\n'), FLUSH]).toString(),
    )
    expect(await send('refs/heads/b', '')).toBe('')
    expect(packets(Buffer.from(await send('refs/heads/c', 'side-band-64k'), 'latin1'))).toEqual([
      { kind: 'data', data: Buffer.from('\u0002hello\n') },
      { kind: 'flush' },
    ])
    expect(await send('refs/heads/b', '', '12'.repeat(20)).catch(() => 'broken')).toBeDefined()
    expect(p.results.flat().map((one) => [one.ref, one.ok])).toEqual([
      ['refs/heads/a', true],
      ['refs/heads/b', true],
      ['refs/heads/c', true],
      ['refs/heads/b', false],
    ])
    p.refuse = 'no'
    expect(await send('refs/heads/d', 'report-status')).toBe(
      Buffer.concat([pkt('unpack ok\n'), pkt('ng refs/heads/d no\n'), FLUSH]).toString(),
    )
    expect(await send('refs/heads/d', 'side-band-64k')).toContain('refs/heads/d: no')
    expect(await send('refs/heads/d', '')).toBe('')
  })
})

describe('a push that goes wrong', () => {
  test('a client that goes away ends git, and the half pack goes', async () => {
    const { body, gone, answer } = await stalled()
    gone.abort()
    body.destroy()
    await answer
    await p.tidy()
    expect(p.results).toMatchObject([[{ ref: 'refs/heads/main', ok: false }]])
    await p.tidy()
  })

  test('a body that breaks off without a word is no push', async () => {
    const { body, answer } = await stalled()
    body.destroy()
    await answer
    await p.tidy()
    expect(p.results).toMatchObject([[{ ok: false }]])
    expect(p.lab.as(p.repo.path, 'for-each-ref')).toBe('')
    await p.tidy()
  })

  test.each(['receive-pack', 'index-pack'])(
    'kill -9 of %s alone is an error for the client and leaves nothing',
    async (name) => {
      const { body, answer } = await stalled()
      for (let i = 0; i < 200 && gits(name).length === 0; i++) await pause(10)
      const pids = gits(name)
      expect(pids.length).toBeGreaterThan(0)
      for (const pid of pids) process.kill(pid, 'SIGKILL')
      body.push(null)
      const outcome = await answer
      if (name === 'index-pack') expect(String(outcome)).toContain('ng refs/heads/main')
      else expect(outcome).toMatchObject({ code: 'git.failed' })
      await p.tidy()
      expect(p.results).toMatchObject([[{ ok: false }]])
      expect(p.lab.as(p.repo.path, 'for-each-ref')).toBe('')
      for (let i = 0; i < 40 && p.litter().length > 0; i++) await pause(25)
      expect(p.litter()).toEqual([])
      p.lab.as(p.repo.path, 'fsck', '--full', '--strict')
    },
  )

  test('git killed in a repository that is gone: nobody saw how it ended, and the caller hears that', async () => {
    const { body, answer } = await stalled()
    for (let i = 0; i < 200 && gits('index-pack').length === 0; i++) await pause(10)
    // Held, so that it does not see its repository go and say so.
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      for (const pid of gits('receive-pack')) process.kill(pid, signal)
      rmSync(p.repo.path, { recursive: true, force: true })
    }
    body.push(null)
    expect(await answer).toMatchObject({ code: 'git.failed' })
    expect(p.results).toEqual([[]])
    mkdirSync(join(p.repo.path, 'objects'), { recursive: true })
    await p.tidy()
  })

  test('heads that are no push are refused', async () => {
    const bad = [
      [pkt('nonsense'), FLUSH],
      [pkt(`${ZERO} ${ZERO} refs/heads/\xff`.replace('\xff', '')), pkt(Buffer.from([0x30, 0xff])), FLUSH],
      [pkt(`push-cert\0report-status\n`), pkt('certificate version 0.1\n'), FLUSH],
      [pkt(`push-cert\0report-status\n`), pkt('no empty line\n'), pkt('push-cert-end\n'), FLUSH],
      [Buffer.from('zzzz')],
    ]
    for (const parts of bad)
      await expect(readPush(Readable.from([Buffer.concat(parts)]))).rejects.toMatchObject({ code: 'request.invalid' })
    const many = Array.from({ length: 90_000 }, (_, i) => pkt(`${ZERO} ${'1'.repeat(40)} refs/heads/b${i}`))
    await expect(readPush(Readable.from([Buffer.concat(many)]))).rejects.toMatchObject({ code: 'request.too-large' })
  })
})
