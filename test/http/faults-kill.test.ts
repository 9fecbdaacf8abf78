// Killed at any moment: the server, or its git alone. Nothing acknowledged is lost, nothing half is left. FAULTS 1, 2, 3.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { signIn } from '../helpers/client.ts'
import { commitFile, git, gitEnv, tryGit } from '../helpers/git.ts'
import { broken, eventually, gitAtWork, gitProcesses, refsOf, type Seen, type Tip } from '../helpers/invariant.ts'
import { treeOf } from '../helpers/proc.ts'
import { hook } from '../helpers/program.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site, startAgain } from '../helpers/site.ts'
import { post, pushBody, ZERO } from '../helpers/wire.ts'

const ROUNDS = process.env['GITSTEAD_SOAK'] === undefined ? 4 : 100
const CLIENTS = 3
const LONG = 3_600_000
/** Git has locked all refs and renames them into place one after the other: here the first of two, once. */
const HALF = 'test "$1" = prepared || exit 0; rm "$0"; mv refs/heads/one.lock refs/heads/one'

let site: Site
beforeEach(async () => {
  site = await openSite()
})
afterEach(() => closeSite(site))

/** Pushes one commit after the other until one fails: to a branch of its own, and to two at once atomically. */
async function pushOn(work: string, seen: Required<Seen>): Promise<void> {
  for (let i = 0; ; i++) {
    const oid = await commitFile(work, 'file', `${Math.random()}`)
    const branch = work.split('/').at(-1) ?? ''
    const refs = i % 3 === 2 ? [`refs/heads/${branch}`, `refs/heads/${branch}-too`] : [`refs/heads/${branch}`]
    const args = ['push', '-q', '--atomic', remoteOf(site, 'web'), ...refs.map((ref) => `HEAD:${ref}`)]
    const { code } = await tryGit(work, args)
    const tips: Tip[] = refs.map((ref) => ({ ref, oid }))
    if (code !== 0) return void seen.unknown.push(tips)
    seen.acknowledged.push(...tips)
  }
}

describe('kill -9 of the server', () => {
  it(
    `at ${ROUNDS} random moments while ${CLIENTS} clients push and one makes branches`,
    async () => {
      const { work } = await makeRepository(site, 'web')
      const seen: Required<Seen> = { repository: 'ada/web', acknowledged: [], refused: [], unknown: [] }
      await git(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
      const works = Array.from({ length: CLIENTS }, (_, i) => join(site.dir, `client${i}`))
      for (const one of works) await git(site.dir, ['clone', '-q', remoteOf(site, 'web'), one])
      const left = { pending: 0, acknowledged: 0 }
      for (let round = 0; round < ROUNDS; round++) {
        seen.unknown = []
        const ada = await signIn(site.server)
        const target = { hash: await git(work, ['rev-parse', 'main']) }
        const clients = [
          ...works.map((one) => pushOn(one, seen)),
          ada.post('/2.0/repositories/ada/web/refs/branches', { name: `round${round}`, target }).catch(() => {}),
        ]
        const before = seen.acknowledged.length
        await eventually(() => seen.acknowledged.length > before, 2000)
        const delay = Math.random() * 500
        await sleep(delay)
        await site.server.stop('SIGKILL')
        await Promise.all(clients)
        const again = await startAgain(site)
        left.pending += Number(/"recorded":(\d+)/.exec(again.stderr())?.[1] ?? 0)
        expect(await broken(again, [seen]), `round ${round}, killed after ${delay.toFixed(0)} ms`).toEqual([])
      }
      console.log(`${seen.acknowledged.length} acknowledged updates, ${left.pending} pushes recorded late`)
      expect(seen.acknowledged.length).toBeGreaterThanOrEqual(ROUNDS)
    },
    LONG,
  )

  const MOMENTS = {
    'before the pack is checked': ['pre-receive', ''],
    'inside the ref transaction': ['reference-transaction', 'test "$1" = prepared || exit 0;'],
    'after the ref moved, before its row': ['reference-transaction', 'test "$1" = committed || exit 0;'],
    'after git has done all': ['post-receive', ''],
  } as const
  for (const [moment, [name, condition]] of Object.entries(MOMENTS)) {
    it(moment, async () => {
      const { work, path } = await makeRepository(site, 'web')
      const first = await git(work, ['rev-parse', 'main'])
      await git(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
      const second = await commitFile(work, 'second', '2')
      hook(site.data, name, `${condition} kill -9 ${site.server.process.pid}; sleep 0.2`)
      const { code, stderr } = await tryGit(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
      expect([code, stderr]).not.toEqual([0, ''])
      rmSync(join(site.data, 'git', 'hooks', name))
      await startAgain(site)
      const tip = { ref: 'refs/heads/main', oid: first }
      expect(await broken(site.server, [{ repository: 'ada/web', acknowledged: [tip] }])).toEqual([])
      const now = (await refsOf(path)).get('refs/heads/main')
      expect(now).toBe(moment.startsWith('after') ? second : first)
      const { values } = (await (await signIn(site.server)).get('/api/gitstead/1/pushes?repository=ada/web')).body
      expect(values.map((push: { changes: { new: string }[] }) => push.changes[0]?.new)).toEqual(
        now === second ? [second, first] : [first],
      )
      await git(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
      expect(await broken(site.server)).toEqual([])
    })
  }

  it('together with its helper and with git, inside the ref transaction: the locks go at the next start', async () => {
    const { work, path } = await makeRepository(site, 'web')
    const all = treeOf([site.server.process.pid ?? 0]).join(' ')
    hook(site.data, 'reference-transaction', `test "$1" = prepared || exit 0; kill -9 $PPID ${all}`)
    expect((await tryGit(work, ['push', '-q', remoteOf(site, 'web'), 'main'])).code).not.toBe(0)
    rmSync(join(site.data, 'git', 'hooks', 'reference-transaction'))
    expect(readdirSync(path, { recursive: true }).map(String)).toContain('refs/heads/main.lock')
    await startAgain(site)
    expect(readdirSync(path, { recursive: true }).map(String)).not.toContain('refs/heads/main.lock')
    await git(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
    expect(await broken(site.server)).toEqual([])
  })

  it('between two refs of an atomic push: the other one follows at the next start', async () => {
    const { work, path } = await makeRepository(site, 'web')
    const all = treeOf([site.server.process.pid ?? 0]).join(' ')
    hook(site.data, 'reference-transaction', `${HALF}; kill -9 $PPID ${all}`)
    const push = await tryGit(work, ['push', '-q', '--atomic', remoteOf(site, 'web'), 'HEAD:one', 'HEAD:two'])
    expect(push.code).not.toBe(0)
    expect([...(await refsOf(path)).keys()]).toEqual(['refs/heads/one'])
    await startAgain(site)
    expect([...(await refsOf(path)).keys()]).toEqual(['refs/heads/one', 'refs/heads/two'])
    expect(await broken(site.server)).toEqual([])
  })

  it('locks stay while git of the earlier run is still at work', async () => {
    const { work, path } = await makeRepository(site, 'web')
    hook(site.data, 'pre-receive', `kill -9 ${site.server.process.pid}; sleep 0.2`)
    await tryGit(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
    rmSync(join(site.data, 'git', 'hooks', 'pre-receive'))
    await eventually(() => gitAtWork(site.data).length === 0)
    writeFileSync(join(path, 'refs', 'heads', 'main.lock'), '')
    const env = { ...gitEnv(join(site.dir, 'home')), GIT_CONFIG_GLOBAL: join(site.data, 'git', 'config') }
    const survivor = spawn('git', ['cat-file', '--batch'], { cwd: path, env, stdio: ['pipe', 'ignore', 'ignore'] })
    try {
      await startAgain(site)
      await sleep(1000)
      expect(existsSync(join(path, 'refs', 'heads', 'main.lock'))).toBe(true)
    } finally {
      survivor.kill('SIGKILL')
    }
  })

  it('while a repository is made: what is left of it goes', async () => {
    const scratch = join(site.data, 'volumes', 'main', 'scratch')
    const gone = 2 ** 22 - 7
    mkdirSync(join(scratch, `${gone}-half`, 'objects'), { recursive: true })
    const empty = rowless(site, 'aaaaaaaa-0000-4000-8000-000000000000')
    const full = rowless(site, 'aaaaaaaa-0000-4000-8000-000000000001')
    writeFileSync(join(full, 'objects', 'pack', 'pack-1.pack'), 'history of which the database knows nothing')
    await site.server.stop('SIGKILL')
    await startAgain(site)
    expect(await eventually(() => readdirSync(scratch).length === 0 && !existsSync(empty))).toBe(true)
    expect(existsSync(full)).toBe(true)
    expect(
      await eventually(() => site.server.stderr().includes('a folder with history belongs to no repository')),
    ).toBe(true)
  })
})

/** A folder that came into its place an hour ago and never got its row. */
function rowless({ data }: Site, id: string): string {
  const path = join(data, 'volumes', 'main', id.slice(0, 2), `${id}.git`)
  mkdirSync(join(path, 'objects', 'pack'), { recursive: true })
  const then = Date.now() / 1000 - 3600
  utimesSync(path, then, then)
  return path
}

describe('kill -9 of git alone', () => {
  it('receive-pack inside the ref transaction: the client gets an error, the next push works', async () => {
    const { work, path } = await makeRepository(site, 'web')
    hook(site.data, 'reference-transaction', `test "$1" = prepared || exit 0; kill -9 $PPID`)
    const push = await tryGit(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
    expect(push.code).not.toBe(0)
    rmSync(join(site.data, 'git', 'hooks', 'reference-transaction'))
    expect(await eventually(() => !existsSync(join(path, 'refs', 'heads', 'main.lock')))).toBe(true)
    expect(await broken(site.server)).toEqual([])
    await git(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
    const tip = { ref: 'refs/heads/main', oid: await git(work, ['rev-parse', 'main']) }
    expect(await broken(site.server, [{ repository: 'ada/web', acknowledged: [tip] }])).toEqual([])
  })

  it('receive-pack between two refs of an atomic push: the other one follows at once', async () => {
    const { work, path } = await makeRepository(site, 'web')
    hook(site.data, 'reference-transaction', `${HALF}; kill -9 $PPID`)
    const push = await tryGit(work, ['push', '-q', '--atomic', remoteOf(site, 'web'), 'HEAD:one', 'HEAD:two'])
    expect(push.code).not.toBe(0)
    expect([...(await refsOf(path)).keys()]).toEqual(['refs/heads/one', 'refs/heads/two'])
    expect(await broken(site.server)).toEqual([])
  })

  it('receive-pack after the ref moved: the push is recorded without a restart', async () => {
    const { work, path } = await makeRepository(site, 'web')
    hook(site.data, 'reference-transaction', `test "$1" = committed || exit 0; kill -9 $PPID`)
    await tryGit(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
    rmSync(join(site.data, 'git', 'hooks', 'reference-transaction'))
    expect((await refsOf(path)).get('refs/heads/main')).toBe(await git(work, ['rev-parse', 'main']))
    expect(await broken(site.server)).toEqual([])
  })

  it('index-pack in the middle of a pack: the client gets an error, nothing is left', async () => {
    const { work, path } = await makeRepository(site, 'web')
    const newOid = await git(work, ['rev-parse', 'main'])
    const body = pushBody(work, [{ ref: 'refs/heads/main', oldOid: ZERO, newOid }])
    const at = { repository: 'ada/web', service: 'git-receive-pack' } as const
    const { socket, end } = post(site.server, at, { 'Content-Length': String(body.length) })
    socket.write(body.subarray(0, body.length - 30))
    const indexPack = (): number | undefined => gitProcesses(site.data).find(({ args }) => /index-pack/.test(args))?.pid
    expect(await eventually(() => indexPack() !== undefined)).toBe(true)
    process.kill(indexPack() ?? 0, 'SIGKILL')
    socket.write(body.subarray(body.length - 30))
    expect(await end).toMatch(/unpack index-pack (abnormal exit|died)|ng refs\/heads\/main|^$/)
    socket.destroy()
    expect(await refsOf(path)).toEqual(new Map())
    expect(await eventually(() => readdirSync(join(path, 'objects')).every((name) => !name.startsWith('tmp_')))).toBe(
      true,
    )
    expect(await broken(site.server)).toEqual([])
    await git(work, ['push', '-q', remoteOf(site, 'web'), 'main'])
  })
})
