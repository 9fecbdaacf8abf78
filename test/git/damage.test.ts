// Damaged and hostile repositories: each says what is wrong with it, runs nothing that is planted in it, harms no other.
import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { personEnv } from './lab.ts'
import { openPushing, type Pushing } from './pushing.ts'

const execute = promisify(execFile)
let p: Pushing
beforeAll(async () => {
  p = await openPushing()
})
afterAll(async () => {
  await p.door.close()
  await p.lab.close()
})
beforeEach(async () => {
  p.fresh()
  p.commit('two')
  await p.pushed('--quiet', 'origin', 'main')
})

let clones = 0
async function clone(url = p.door.url(p.repo)): Promise<string> {
  const env = personEnv(join(p.lab.dir, 'home'))
  const { stderr } = await execute('git', ['clone', '--quiet', url, join(p.lab.dir, `clone${clones++}`)], {
    env,
  }).catch((error: unknown) => error as { stderr: string })
  return stderr
}

function packFile(): string {
  const folder = join(p.repo.path, 'objects/pack')
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.pack')) ?? '')
}

describe('damage', () => {
  const damages: [string, () => void][] = [
    [
      'a zeroed pack',
      () => {
        chmodSync(packFile(), 0o600)
        writeFileSync(packFile(), Buffer.alloc(statSync(packFile()).size))
      },
    ],
    [
      'a truncated pack',
      () => {
        chmodSync(packFile(), 0o600)
        truncateSync(packFile(), 100)
      },
    ],
    ['a missing pack', () => rmSync(packFile())],
    ['a broken HEAD', () => writeFileSync(join(p.repo.path, 'HEAD'), 'nonsense\n')],
    ['a broken config', () => writeFileSync(join(p.repo.path, 'config'), '[core\n')],
    ['no objects', () => rmSync(join(p.repo.path, 'objects'), { recursive: true })],
    ['a damaged packed-refs', () => writeFileSync(join(p.repo.path, 'packed-refs'), 'nonsense\n')],
  ]
  test.each(damages)('%s is told to who fetches and to who pushes, and others are served', async (_name, damage) => {
    const healthy = p.door.url(p.repo)
    p.fresh()
    p.commit('two')
    await p.pushed('--quiet', 'origin', 'main')
    damage()
    expect(await clone()).toMatch(
      /This repository is damaged on disk|remote: aborting due to possible repository corruption/,
    )
    p.commit('three')
    const { code, stderr } = await p.client('push', 'origin', 'main')
    expect(code).not.toBe(0)
    expect(stderr).not.toContain(p.lab.dir)
    expect(await clone(healthy)).toBe('')
    expect(p.lab.git.running()).toEqual([])
  })

  test('an empty ref is passed over, and all else is served', async () => {
    writeFileSync(join(p.repo.path, 'refs/heads/empty'), '')
    expect(await clone()).toBe('')
  })
})

describe('hostile repositories', () => {
  test('hooks, commands and helpers planted in a repository do not run', async () => {
    const mark = join(p.lab.dir, 'planted')
    const script = `#!/bin/sh\ntouch ${mark}-$(basename $0)\n`
    mkdirSync(join(p.repo.path, 'hooks'), { recursive: true })
    for (const hook of [
      'pre-receive',
      'update',
      'post-receive',
      'post-update',
      'reference-transaction',
      'proc-receive',
      'pre-auto-gc',
    ])
      writeFileSync(join(p.repo.path, 'hooks', hook), script, { mode: 0o755 })
    const run = `touch ${mark}-config #`
    const config = [
      `[core]\n\thooksPath = ${join(p.repo.path, 'hooks')}\n\tfsmonitor = ${run}\n\tsshCommand = ${run}\n\talternateRefsCommand = ${run}`,
      `[uploadpack]\n\tpackObjectsHook = ${run}`,
      `[gpg]\n\tprogram = ${run}\n[gpg "ssh"]\n\tprogram = ${run}\n\tdefaultKeyCommand = ${run}`,
      `[credential]\n\thelper = !${run}\n[pager]\n\tlog = ${run}\n[gc]\n\tauto = 1\n[receive]\n\tautogc = true`,
      '[core]\n\tfsync = none\n[receive]\n\tfsckObjects = false\n\tdenyCurrentBranch = updateInstead',
    ]
    writeFileSync(
      join(p.repo.path, 'config'),
      `${readFileSync(join(p.repo.path, 'config'), 'utf8')}${config.join('\n')}\n`,
    )
    p.commit('three')
    await p.pushed('origin', 'main', 'main:other')
    await p.pushed('origin', ':other')
    for (const version of ['0', '2']) {
      const to = join(p.lab.dir, `hostile${version}`)
      expect(
        await p.client('-c', `protocol.version=${version}`, 'clone', '--quiet', p.door.url(p.repo), to),
      ).toMatchObject({ code: 0 })
    }
    expect(readdirSync(p.lab.dir).filter((name) => name.startsWith('planted'))).toEqual([])
    expect(existsSync(join(p.repo.path, 'three'))).toBe(false)
  })
})
