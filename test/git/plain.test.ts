// Lent repositories: as they lie, their own config and hooks honoured, and still nothing spawned that need not be.
import { existsSync, writeFileSync } from 'node:fs'
import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPush } from '../../server/git/wire/push.ts'
import { receivePack, type Outcome } from '../../server/git/wire/receive.ts'
import type { Repo } from '../../server/git/refs/refs.ts'
import type { RefResult } from '../../server/git/wire/report.ts'
import { openDoor, type Door } from './door.ts'
import { emptyCommit, openLab, personEnv, type Lab } from './lab.ts'

const execute = promisify(execFile)
let lab: Lab
let door: Door
const repos: Repo[] = []
const results: RefResult[][] = []

beforeAll(async () => {
  lab = await openLab(true)
  door = await openDoor(lab, () => repos, {
    push: async (serving, repo, ask): Promise<Buffer | Readable> => {
      return receivePack(serving, repo, await readPush(ask.body), { signal: ask.signal, onResult: see })
    },
  })
})
afterAll(async () => {
  await door.close()
  await lab.close()
})

function see(outcome: Outcome): Promise<string[]> {
  if (outcome !== 'unseen') results.push([...outcome])
  return Promise.resolve([])
}

function lent(name: string): Repo {
  const repo = lab.bare(name)
  repos.push(repo)
  lab.as(repo.path, 'update-ref', 'refs/heads/main', emptyCommit(lab, repo, 'one'))
  for (const ref of ['refs/pull/1/head', 'refs/gitstead/x', 'refs/secret/x'])
    lab.as(repo.path, 'update-ref', ref, lab.as(repo.path, 'rev-parse', 'main'))
  return repo
}

async function client(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return execute('git', args, { cwd: lab.dir, env: personEnv(join(lab.dir, 'home')) }).catch(
    (error: unknown) => error as never,
  )
}

async function same(repo: Repo): Promise<void> {
  for (const version of ['0', '2'])
    expect((await client('-c', `protocol.version=${version}`, 'ls-remote', door.url(repo))).stdout).toBe(
      execFileSync('git', ['-c', `protocol.version=${version}`, 'ls-remote', repo.path], { encoding: 'utf8' }),
    )
}

test('all refs are shown, none is ours, and nothing is spawned', async () => {
  const repo = lent('plain')
  await same(repo)
  const before = lab.git.spawned
  await same(repo)
  expect(lab.git.spawned).toBe(before)
})

test('what its own config hides is hidden', async () => {
  const repo = lent('hiding')
  await same(repo)
  lab.as(repo.path, 'config', 'uploadpack.hideRefs', 'refs/secret')
  await same(repo)
  expect((await client('ls-remote', door.url(repo))).stdout).not.toContain('secret')
  lab.as(repo.path, 'config', '--unset', 'uploadpack.hideRefs')
  await same(repo)
  expect((await client('ls-remote', door.url(repo))).stdout).toContain('secret')
})

test('its hooks run and may refuse, and what they say is heard', async () => {
  const repo = lent('hooked')
  const work = join(lab.dir, 'hooked-work')
  await client('clone', '--quiet', door.url(repo), work)
  lab.as(work, 'commit', '--quiet', '--allow-empty', '-m', 'two')
  const mark = join(lab.dir, 'hook-ran')
  const hook = (script: string): void =>
    writeFileSync(join(repo.path, 'hooks/pre-receive'), `#!/bin/sh\ntouch ${mark}\n${script}\n`, { mode: 0o755 })
  hook('echo hello from the hook; exit 1')
  const refused = await client('-C', work, 'push', 'origin', 'HEAD:main')
  expect(refused.stderr).toContain('remote: hello from the hook')
  expect(refused.stderr).toContain('pre-receive hook declined')
  expect(existsSync(mark)).toBe(true)
  hook('exit 0')
  await client('-C', work, 'push', 'origin', 'HEAD:main', 'HEAD:refs/pull/2/head')
  expect(lab.as(repo.path, 'rev-parse', 'main', 'refs/pull/2/head')).toBe(lab.as(work, 'rev-parse', 'HEAD', 'HEAD'))
  expect(results.map((all) => all.map((one) => one.ok))).toEqual([[false], [true, true]])
})

test('a repository that borrows objects tells of the refs it borrows from', async () => {
  const base = lent('base')
  const borrower = { id: 'borrower', path: join(lab.dir, 'borrower.git') }
  lab.as(lab.dir, 'clone', '--quiet', '--bare', '--shared', base.path, borrower.path)
  repos.push(borrower)
  await same(borrower)
  const advertised = await fetch(`${door.url(borrower)}/info/refs?service=git-receive-pack`)
  const theirs = execFileSync('git', ['receive-pack', '--stateless-rpc', '--http-backend-info-refs', borrower.path])
  expect((await advertised.text()).slice('001f# service=git-receive-pack\n0000'.length)).toBe(theirs.toString())
})
