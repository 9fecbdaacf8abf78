// The pack cache alone: what is shared, what is kept, what is never taken for whole, and its bounds.
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, expect, test } from 'vitest'
import {
  openPackCache,
  type PackAsk,
  type PackCache,
  type PackCacheOptions,
  type Produce,
} from '../../server/git/wire/packcache.ts'
import { FLUSH, pkt } from '../../server/git/format/pktline.ts'
import type { GitEnd } from '../../server/git/run/run.ts'

const home = mkdtempSync(join(tmpdir(), 'gitstead-cache-'))
const caches: PackCache[] = []
let folders = 0
afterEach(() => {
  for (const cache of caches.splice(0)) cache.close()
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

function open(options: Partial<PackCacheOptions> = {}): PackCache & { dir: string } {
  const dir = join(home, String(++folders))
  const cache = openPackCache({ dir, minFreeBytes: 0, ...options })
  caches.push(cache)
  return { ...cache, dir }
}

const fds = (): number => readdirSync('/proc/self/fd').length
const ask = (text: string, more: Partial<PackAsk> = {}): PackAsk => ({
  repoId: 'r',
  text,
  guess: () => 1000,
  rare: false,
  ...more,
})

interface Writer {
  produce: Produce
  write: (bytes: Buffer) => void
  end: (end?: Partial<GitEnd>) => void
  killed: boolean
  started: number
}

/** A git that writes when the test says so. */
function writer(): Writer {
  let file = ''
  const done = Promise.withResolvers<GitEnd>()
  const git: Writer = {
    produce: (to) => {
      file = to
      git.started++
      return Promise.resolve({
        done: done.promise,
        kill: () => ((git.killed = true), git.end({ code: -1, stopped: 'kill' })),
      })
    },
    write: (bytes) => appendFileSync(file, bytes),
    end: (end = {}) => done.resolve({ code: 0, signal: null, stderr: '', ...end }),
    killed: false,
    started: 0,
  }
  return git
}

async function settle(stream: Readable | undefined): Promise<string> {
  if (!stream) return 'not cached'
  return buffer(stream).then(
    (bytes) => bytes.toString(),
    (error: unknown) => `error: ${(error as { code: string }).code}`,
  )
}

test('readers of one key share one git, whenever they come and however slowly they read', async () => {
  const cache = open()
  const git = writer()
  const first = await cache.answer(ask('a'), git.produce)
  const early = settle(first)
  git.write(Buffer.alloc(600_000, 'x'))
  const second = await cache.answer(ask('a'), git.produce)
  await pause(20)
  git.write(Buffer.alloc(600_000, 'y'))
  const slow = (await cache.answer(ask('a'), git.produce))!
  slow.once('readable', () => {})
  git.write(FLUSH)
  git.end()
  const late = await cache.answer(ask('a'), git.produce)
  const whole = `${'x'.repeat(600_000)}${'y'.repeat(600_000)}0000`
  const all = await Promise.all([early, settle(second), settle(late)])
  await pause(30)
  for (const one of [...all, await settle(slow)]) expect(one === whole).toBe(true)
  expect(git.started).toBe(1)
  expect(cache.stats()).toMatchObject({ entries: 1, bytes: 1_200_004, hits: 3, misses: 1 })
})

test('a git that fails midway is an error for every reader, and nothing is kept', async () => {
  for (const end of [
    { code: 128 },
    { code: 0 },
    { code: -1, signal: 'SIGKILL' },
    { code: -1, stopped: 'lost' },
  ] as const) {
    const cache = open()
    const git = writer()
    const readers = [await cache.answer(ask('a'), git.produce), await cache.answer(ask('a'), git.produce)]
    git.write(Buffer.alloc(100_000, 'x'))
    git.end(end)
    const code = end.code === -1 && 'stopped' in end ? 'busy' : 'git.failed'
    for (const reader of readers) expect(await settle(reader)).toBe(`error: ${code}`)
    expect(readdirSync(cache.dir)).toEqual([])
    const again = writer()
    const retried = await cache.answer(ask('a'), again.produce)
    again.write(FLUSH)
    again.end()
    expect(await settle(retried)).toBe('0000')
  }
})

test('a refusal in words reaches the reader and is not kept', async () => {
  const cache = open()
  const git = writer()
  const reader = await cache.answer(ask('a'), git.produce)
  const words = pkt('ERR upload-pack: not our ref 1234')
  git.write(words)
  git.end({ code: 128 })
  expect(await settle(reader)).toBe(words.toString())
  expect(cache.stats().entries).toBe(0)
})

test('a git that cannot be started is an error, and leaves no file', async () => {
  const cache = open()
  const before = fds()
  await expect(cache.answer(ask('a'), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(readdirSync(cache.dir)).toEqual([])
  await pause(10)
  expect(fds()).toBe(before)
})

test('git is ended when the last reader leaves, not before', async () => {
  const cache = open()
  const git = writer()
  const [one, two] = [await cache.answer(ask('a'), git.produce), await cache.answer(ask('a'), git.produce)]
  git.write(Buffer.from('x'))
  one?.destroy()
  await pause(20)
  expect(git.killed).toBe(false)
  two?.destroy()
  await pause(20)
  expect(git.killed).toBe(true)
  expect(readdirSync(cache.dir)).toEqual([])
})

test('rare requests are kept from their second sighting on', async () => {
  const cache = open()
  const git = writer()
  expect(await cache.answer(ask('a', { rare: true }), git.produce)).toBeUndefined()
  const kept = await cache.answer(ask('a', { rare: true }), git.produce)
  git.write(FLUSH)
  git.end()
  expect(await settle(kept)).toBe('0000')
})

test('the least used make room, and who reads one that goes reads it to its end', async () => {
  const cache = open({ quotaBytes: 1_000_000 })
  const fill = async (text: string): Promise<Readable | undefined> => {
    const git = writer()
    const reader = await cache.answer(ask(text), git.produce)
    git.write(Buffer.concat([Buffer.alloc(399_996, text), FLUSH]))
    git.end()
    return reader
  }
  for (const text of ['a', 'b']) await settle(await fill(text))
  const reader = (await cache.answer(ask('a'), writer().produce))!
  await settle(await cache.answer(ask('b'), writer().produce))
  for (const text of ['c', 'd']) await settle(await fill(text))
  expect(cache.stats()).toMatchObject({ entries: 2, bytes: 800_000 })
  expect(readdirSync(cache.dir)).toHaveLength(2)
  expect((await settle(reader)).length).toBe(400_000)
})

test('no room on the disk, or too large for the quota: not kept', async () => {
  expect(await open({ minFreeBytes: 1e18 }).answer(ask('a'), writer().produce)).toBeUndefined()
  expect(await open({ quotaBytes: 1000 }).answer(ask('a', { guess: () => 501 }), writer().produce)).toBeUndefined()
})

test('where no file can be made the answer goes without one', async () => {
  const cache = open()
  const git = writer()
  const first = await cache.answer(ask('a'), git.produce)
  git.write(FLUSH)
  git.end()
  await settle(first)
  rmSync(cache.dir, { recursive: true })
  expect(await cache.answer(ask('b'), writer().produce)).toBeUndefined()
  expect(await settle(await cache.answer(ask('a'), writer().produce))).toBe('0000')
  const again = writer()
  const next = await cache.answer(ask('b'), again.produce)
  again.write(FLUSH)
  again.end()
  expect(await settle(next)).toBe('0000')
})

test('answers grow old', async () => {
  const cache = open({ ttlMs: 30 })
  const git = writer()
  const first = await cache.answer(ask('a'), git.produce)
  git.write(FLUSH)
  git.end()
  await settle(first)
  await pause(50)
  const fresh = writer()
  const second = await cache.answer(ask('a'), fresh.produce)
  fresh.write(FLUSH)
  fresh.end()
  await settle(second)
  expect(fresh.started).toBe(1)
  expect(readdirSync(cache.dir)).toHaveLength(1)
})

test('a purge forgets one repository, finished or growing', async () => {
  const cache = open()
  const [done, growing, other] = [writer(), writer(), writer()]
  const first = await cache.answer(ask('a'), done.produce)
  done.write(FLUSH)
  done.end()
  await settle(first)
  const cut = await cache.answer(ask('b'), growing.produce)
  const kept = await cache.answer(ask('a', { repoId: 'other' }), other.produce)
  cache.purge('r')
  expect(await settle(cut)).toBe('error: not-found')
  expect(growing.killed).toBe(true)
  other.write(FLUSH)
  other.end()
  expect(await settle(kept)).toBe('0000')
  expect(cache.stats().entries).toBe(1)
  expect(readdirSync(cache.dir)).toHaveLength(1)
})

test('files are closed when nobody needs them, and the folder is empty at the start', async () => {
  const before = fds()
  const cache = open()
  for (let i = 0; i < 20; i++) {
    const git = writer()
    const readers = [await cache.answer(ask(`${i}`), git.produce), await cache.answer(ask(`${i}`), git.produce)]
    git.write(Buffer.concat([Buffer.alloc(400_000), FLUSH]))
    git.end(i % 3 === 0 ? { code: 1 } : {})
    if (i % 2) readers[0]?.destroy()
    await Promise.all(readers.filter((one) => !one?.destroyed).map(settle))
  }
  expect(cache.stats().entries).toBe(13)
  cache.close()
  await pause(20)
  expect(fds()).toBe(before)
  const next = openPackCache({ dir: home, minFreeBytes: 0 })
  appendFileSync(join(home, 'of-last-time'), '')
  const git = writer()
  const reader = await next.answer(ask('a'), git.produce)
  expect(readdirSync(home)).toEqual(['1'])
  git.write(FLUSH)
  git.end()
  await settle(reader)
  next.close()
  expect(() => readdirSync(home)).toThrow('ENOENT')
})
