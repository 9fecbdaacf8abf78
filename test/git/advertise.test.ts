// Our advertisements and ref lists against git's own bytes, on every kind of repository we could think of.
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { array, assert, asyncProperty, boolean, constantFrom, record, subarray } from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushNonce } from '../../server/git/wire/advertise.ts'
import { DELIM, FLUSH, pkt } from '../../server/git/format/pktline.ts'
import type { Repo } from '../../server/git/refs/refs.ts'
import { advertise, uploadPack, type Serving } from '../../server/git/wire/serve.ts'
import { openLabServing } from './door.ts'
import { emptyCommit, openLab, type Lab } from './lab.ts'

let lab: Lab
let serving: Serving
beforeAll(async () => {
  lab = await openLab()
  serving = openLabServing(lab)
  await serving.wire.learned()
})
afterAll(async () => {
  serving.packs.close()
  await lab.close()
})

/** Git's own answer, run as `git http-backend` runs it, under our settings. */
function theirs(repo: Repo, args: string[], how: { protocol?: number; input?: Buffer } = {}): Buffer {
  const { protocol = 0, input } = how
  const env = { ...lab.git.home.env, ...(protocol > 0 && { GIT_PROTOCOL: `version=${protocol}` }) }
  return execFileSync('git', [...args, repo.path], { env, input, maxBuffer: 1e9, stdio: ['pipe', 'pipe', 'pipe'] })
}

/** As text of bytes; nonces differ by the second. */
function hush(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/push-cert=\d+-[0-9a-f]{40}/, 'push-cert=N')
}

async function sameAdvertisements(repo: Repo): Promise<void> {
  for (const protocol of [0, 1, 2] as const)
    for (const service of ['git-upload-pack', 'git-receive-pack'] as const) {
      const start = protocol === 2 ? Buffer.alloc(0) : Buffer.concat([pkt(`# service=${service}\n`), FLUSH])
      const ours = await advertise(serving, repo, { service, protocol })
      const git = theirs(repo, [service.slice(4), '--stateless-rpc', '--http-backend-info-refs'], { protocol })
      expect(hush(ours)).toBe(hush(Buffer.concat([start, git])))
    }
}

function lsRequest(args: string[]): Buffer {
  const head = [pkt('command=ls-refs\n'), pkt('agent=git/2.39.5'), pkt('object-format=sha1'), DELIM]
  return Buffer.concat([...head, ...args.map((arg) => pkt(`${arg}\n`)), FLUSH])
}

async function ourList(repo: Repo, input: Buffer): Promise<Buffer> {
  const ask = { protocol: 2, body: Readable.from([input]), signal: new AbortController().signal } as const
  const answer = await uploadPack(serving, repo, ask)
  return answer instanceof Readable ? buffer(answer) : answer
}

async function sameList(repo: Repo, args: string[]): Promise<void> {
  const input = lsRequest(args)
  const git = theirs(repo, ['upload-pack', '--stateless-rpc'], { protocol: 2, input })
  expect((await ourList(repo, input)).toString('latin1')).toBe(git.toString('latin1'))
}

const ALL = ['peel', 'symrefs', 'unborn']
const LISTS = [
  [],
  ALL,
  ['peel'],
  ['symrefs'],
  ['unborn'],
  [...ALL, 'ref-prefix refs/heads/', 'ref-prefix refs/tags/', 'ref-prefix HEAD'],
  [...ALL, 'ref-prefix refs/heads/ma', 'ref-prefix refs/heads/main', 'ref-prefix refs/h'],
  [...ALL, 'ref-prefix '],
  [...ALL, 'ref-prefix nothing'],
  [...ALL, 'ref-prefix refs/gitstead/'],
]

async function sameEverything(repo: Repo): Promise<void> {
  await sameAdvertisements(repo)
  for (const args of LISTS) await sameList(repo, args)
}

describe('byte for byte', () => {
  test('empty', () => sameEverything(lab.bare('empty')))

  test('HEAD unborn beside other branches, detached, at a tag, broken, at a branch that is a link', async () => {
    const repo = lab.bare('heads')
    const one = emptyCommit(lab, repo, 'one')
    lab.as(repo.path, 'update-ref', 'refs/heads/other', one)
    lab.as(repo.path, 'symbolic-ref', 'refs/heads/link', 'refs/heads/other')
    lab.as(repo.path, 'tag', '-a', '-m', 'x', 'v1', one)
    await sameEverything(repo)
    const heads = [
      one,
      lab.as(repo.path, 'rev-parse', 'v1'),
      'ref: refs/heads/link',
      'ref: refs/heads/none',
      'ref: refs/tags/v1',
    ]
    for (const head of heads) {
      writeFileSync(join(repo.path, 'HEAD'), `${head}\n`)
      await sameEverything(repo)
    }
  })

  test('nested tags, tags of blobs, links, hidden refs, names beyond ASCII, packed and loose', async () => {
    const repo = lab.bare('full')
    const one = emptyCommit(lab, repo, 'one')
    const git = (...args: string[]): string => lab.as(repo.path, ...args)
    for (const name of ['main', 'a', 'main-2', 'main/../x', 'z/y/x', 'ä-日本'].filter((each) => !each.includes('..')))
      git('update-ref', `refs/heads/${name}`, one)
    git('tag', '-a', '-m', 'x', 'v1', one)
    git('tag', '-a', '-m', 'x', 'v2', 'v1')
    git('tag', '-a', '-m', 'x', 'file', git('hash-object', '-w', join(repo.path, 'HEAD')))
    git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/heads/a')
    git('symbolic-ref', 'refs/heads/dangling', 'refs/heads/none')
    git('update-ref', 'refs/gitstead/kept/1/heads/x', one)
    git('update-ref', 'refs/gitsteadier', one)
    git('update-ref', 'refs/pull-requests/1/from', one)
    git('update-ref', 'refs/pull/1/head', one)
    await sameEverything(repo)
    git('pack-refs', '--all')
    await sameEverything(repo)
    git('update-ref', 'refs/heads/a', emptyCommit(lab, repo, 'two'))
    git('update-ref', '-d', 'refs/tags/v2')
    git('tag', '-a', '-m', 'x', 'v3', one)
    await sameEverything(repo)
  })

  test('a thousand refs', async () => {
    const repo = lab.bare('thousand')
    const one = emptyCommit(lab, repo, 'one')
    const lines = Array.from({ length: 1000 }, (_, i) => `create refs/heads/b${(i * 7919) % 100_003} ${one}\n`)
    execFileSync('git', ['update-ref', '--stdin'], { cwd: repo.path, input: lines.join('') })
    await sameEverything(repo)
    lab.as(repo.path, 'pack-refs', '--all')
    await sameEverything(repo)
  })

  test('shallow and SHA-256 repositories are answered by git', async () => {
    const repo = lab.bare('shallow')
    const one = emptyCommit(lab, repo, 'one')
    lab.as(repo.path, 'update-ref', 'refs/heads/main', one)
    writeFileSync(join(repo.path, 'shallow'), `${one}\n`)
    await sameEverything(repo)
    rmSync(join(repo.path, 'shallow'))
    await sameEverything(repo)
    const sha256 = { id: 'sha256', path: join(lab.dir, 'sha256.git') }
    lab.as(lab.dir, 'init', '--quiet', '--bare', '--object-format=sha256', sha256.path)
    lab.as(sha256.path, 'update-ref', 'refs/heads/main', emptyCommit(lab, sha256, 'one'))
    const before = lab.git.spawned
    const ours = await advertise(serving, sha256, { service: 'git-upload-pack', protocol: 2 })
    expect(ours.toString()).toContain('object-format=sha256')
    expect(lab.git.spawned).toBe(before + 1)
  })

  test('generated repositories and requests', async () => {
    const repo = lab.bare('generated')
    const one = emptyCommit(lab, repo, 'one')
    lab.as(repo.path, 'tag', '-a', '-m', 'x', 'seed', one)
    const tag = lab.as(repo.path, 'rev-parse', 'seed')
    const names = [
      'heads/main',
      'heads/m',
      'heads/a/b',
      'heads/a.b',
      'heads/a-b',
      'tags/v1',
      'tags/é',
      'notes/x',
      'gitstead/k',
      'pull/1',
    ]
    const shape = record({
      names: subarray(names),
      tags: subarray(['tags/v1', 'tags/é', 'notes/x', 'pull/1']),
      head: constantFrom('refs/heads/main', 'refs/heads/none', 'refs/heads/a/b'),
      pack: boolean(),
      args: array(
        constantFrom(
          ...ALL,
          ...['HEAD', 'refs/heads/', 'refs/tags/', 'refs/heads/a', 'refs/', 'H', 'x'].map((p) => `ref-prefix ${p}`),
        ),
        { maxLength: 5 },
      ),
    })
    await assert(
      asyncProperty(shape, async (made) => {
        for (const name of lab.as(repo.path, 'for-each-ref', '--format=%(refname)').split('\n').filter(Boolean))
          lab.as(repo.path, 'update-ref', '-d', name)
        for (const name of made.names)
          lab.as(repo.path, 'update-ref', `refs/${name}`, made.tags.includes(name) ? tag : one)
        lab.as(repo.path, 'symbolic-ref', 'HEAD', made.head)
        if (made.pack) lab.as(repo.path, 'pack-refs', '--all')
        await sameAdvertisements(repo)
        await sameList(repo, made.args)
      }),
      { numRuns: 15 },
    )
  }, 60_000)

  test('requests that git refuses are refused in its words', async () => {
    const repo = lab.bare('odd')
    const bad = [
      lsRequest(['nonsense']),
      Buffer.concat([pkt('command=ls-refs'), pkt('object-format=sha256'), FLUSH]),
      Buffer.concat([pkt('command=nothing'), FLUSH]),
      Buffer.from('zzzz'),
      Buffer.alloc(0),
    ]
    for (const input of bad) {
      const outcome = await ourList(repo, input).then(
        (bytes) => bytes.toString(),
        (error: unknown) => (error as { code: string }).code,
      )
      let git = ''
      try {
        git = theirs(repo, ['upload-pack', '--stateless-rpc'], { protocol: 2, input }).toString()
      } catch (error) {
        git = (error as { stdout: Buffer }).stdout.toString() || '001eERR Git could not do this.'
      }
      expect(outcome).toBe(git)
    }
  })
})

test('version 2 capabilities, listings and advertisements spawn nothing', async () => {
  const repo = lab.bare('quiet')
  lab.as(repo.path, 'update-ref', 'refs/heads/main', emptyCommit(lab, repo, 'one'))
  const before = lab.git.spawned
  for (const protocol of [0, 1, 2] as const)
    for (const service of ['git-upload-pack', 'git-receive-pack'] as const)
      await advertise(serving, repo, { service, protocol })
  await ourList(repo, lsRequest(ALL))
  expect(lab.git.spawned).toBe(before)
})

test('a nonce is sealed as git seals it', async () => {
  const repo = lab.bare('nonce')
  const git = theirs(repo, ['receive-pack', '--stateless-rpc', '--http-backend-info-refs']).toString()
  const [, nonce = '', stamp = ''] = /push-cert=((\d+)-[0-9a-f]+)/.exec(git) ?? []
  expect(pushNonce(lab.git.home.nonceSeed ?? '', repo.path, Number(stamp))).toBe(nonce)
})
