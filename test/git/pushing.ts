// A bare repository behind a door that takes pushes, and a person's work tree that pushes to it; what came is written down.
import { execFile } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { drain, readPush, type Push } from '../../server/git/wire/push.ts'
import { receivePack, type Outcome } from '../../server/git/wire/receive.ts'
import type { Repo } from '../../server/git/refs/refs.ts'
import { refusal, type RefResult } from '../../server/git/wire/report.ts'
import type { UploadAsk } from '../../server/git/wire/serve.ts'
import { openDoor, type Door } from './door.ts'
import { openLab, personEnv, type Lab } from './lab.ts'

const execute = promisify(execFile)

export interface Said {
  code: number
  stderr: string
  stdout: string
}

export interface Pushing {
  lab: Lab
  door: Door
  repo: Repo
  work: string
  /** What the caller of our rooms decides. */
  refuse: Map<string, string> | string | undefined
  say: string[]
  hold: Promise<unknown>
  /** What it saw. */
  pushes: Push[]
  results: RefResult[][]
  /** Begins anew: an empty repository, a work tree with one commit that is not pushed yet. */
  fresh: () => void
  take: (repo: Repo, ask: UploadAsk) => Promise<Buffer | Readable>
  commit: (name: string, bytes?: Buffer | string) => string
  /** A client's git, run beside the server that lives in this process. */
  client: (...args: string[]) => Promise<Said>
  pushed: (...args: string[]) => Promise<Said>
  tip: (ref?: string) => string
  litter: () => string[]
  /** Waits until no git of ours runs. */
  tidyProcesses: () => Promise<void>
  /** Waits until no git of ours runs and nothing lies around. */
  tidy: () => Promise<void>
}

export async function openPushing(): Promise<Pushing> {
  const lab = await openLab()
  const repos: Repo[] = []
  const door = await openDoor(lab, () => repos, { push: (_serving, repo, ask) => p.take(repo, ask) })
  const p: Pushing = {
    lab,
    door,
    repo: { id: '', path: '' },
    work: '',
    refuse: undefined,
    say: [],
    hold: Promise.resolve(),
    pushes: [],
    results: [],
    fresh: () => {
      const name = `repo${repos.length}`
      Object.assign(p, { refuse: undefined, say: [], hold: Promise.resolve(), pushes: [], results: [] })
      p.repo = lab.bare(name)
      repos.push(p.repo)
      p.work = join(lab.dir, `${name}-work`)
      lab.as(lab.dir, 'clone', '--quiet', p.repo.path, p.work)
      lab.as(p.work, 'config', 'core.compression', '0')
      lab.as(p.work, 'config', 'core.bigFileThreshold', '1m')
      lab.as(p.work, 'remote', 'set-url', 'origin', door.url(p.repo))
      p.commit('one')
    },
    take: (repo, ask) => take(p, repo, ask),
    commit: (name, bytes = `${name}\n`) => {
      writeFileSync(join(p.work, name), bytes)
      lab.as(p.work, 'add', '--all')
      lab.as(p.work, 'commit', '--quiet', '-m', name)
      return lab.as(p.work, 'rev-parse', 'HEAD')
    },
    client: (...args) =>
      execute('git', args, { cwd: p.work, env: personEnv(join(lab.dir, 'home')), maxBuffer: 1e8 }).then(
        (done) => ({ code: 0, ...done }),
        (error: unknown) => error as Said,
      ),
    pushed: async (...args) => {
      const done = await p.client('push', ...args)
      expect(done).toMatchObject({ code: 0 })
      return done
    },
    tip: (ref = 'refs/heads/main') => lab.as(p.repo.path, 'rev-parse', ref),
    litter: () => readdirSync(join(p.repo.path, 'objects')).filter((name) => name.startsWith('tmp_')),
    tidyProcesses: async () => {
      for (let i = 0; i < 200 && lab.git.running().length > 0; i++) await pause(25)
    },
    tidy: async () => {
      for (let i = 0; i < 200 && (lab.git.running().length > 0 || p.litter().length > 0); i++) await pause(25)
      expect(lab.git.running()).toEqual([])
      expect(p.litter()).toEqual([])
    },
  }
  return p
}

async function take(p: Pushing, repo: Repo, ask: UploadAsk): Promise<Buffer | Readable> {
  const push = await readPush(ask.body)
  p.pushes.push(push)
  if (p.refuse !== undefined && push.commands.length > 0) {
    drain(ask.body)
    return refusal(push, p.refuse)
  }
  const onResult = async (outcome: Outcome): Promise<string[]> => {
    p.results.push(outcome === 'unseen' ? [] : [...outcome])
    await p.hold
    return p.say
  }
  return receivePack(p.door.serving, repo, push, { signal: ask.signal, onResult })
}
