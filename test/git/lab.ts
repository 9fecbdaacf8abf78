// A folder of its own for a test file: our git, real repositories, and the git of a person beside them.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGit, type Git } from '../../server/git/run/run.ts'
import type { Repo } from '../../server/git/refs/refs.ts'
import { openLog } from '../../server/kit/log.ts'

export interface Lab {
  dir: string
  git: Git
  /** A new bare repository of ours. */
  bare: (name: string) => Repo
  /** A client's git: own HOME, own identity. Gives stdout without its last newline. */
  as: (cwd: string, ...args: string[]) => string
  close: () => Promise<void>
}

const PERSON = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  LC_ALL: 'C',
}

export async function openLab(plain = false): Promise<Lab> {
  const dir = mkdtempSync(join(tmpdir(), 'gitstead-lab-'))
  const git = await openGit({ dir: join(dir, 'git'), log: openLog('silent'), plain })
  const env = personEnv(join(dir, 'home'))
  const as = (cwd: string, ...args: string[]): string =>
    execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).replace(/\n$/, '')
  return {
    dir,
    git,
    bare: (name) => {
      const path = join(dir, `${name}.git`)
      as(dir, 'init', '--quiet', '--bare', '--initial-branch=main', path)
      return { id: name, path }
    },
    as,
    close: async () => {
      await git.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export function personEnv(home: string): Record<string, string> {
  mkdirSync(home, { recursive: true })
  return { ...PERSON, HOME: home, PATH: process.env['PATH'] ?? '' }
}

/** A commit of an empty tree in a bare repository, without a work tree. */
export function emptyCommit(lab: Lab, repo: Repo, message: string): string {
  const tree = lab.as(repo.path, 'hash-object', '-t', 'tree', '-w', '/dev/null')
  return lab.as(repo.path, 'commit-tree', '-m', message, tree)
}
