// Trees and commits made beside a repository: the same that git itself would make, and stored as safely as a push.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { array, assert, asyncProperty, constantFrom, uniqueArray } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FLUSH, pkt } from '../../server/git/format/pktline.ts'
import { openReads, type Reads } from '../../server/git/read/reads.ts'
import { openRefs, type Repo } from '../../server/git/refs/refs.ts'
import { receivePack } from '../../server/git/wire/receive.ts'
import { packOf } from '../../server/git/write/pack.ts'
import { openStage, type Stage } from '../../server/git/write/stage.ts'
import { editTree } from '../../server/git/write/trees.ts'
import { gitEnv } from '../helpers/git.ts'
import { ask, zoo } from '../helpers/repos.ts'
import { openLab, type Lab } from './lab.ts'

let lab: Lab
let reads: Reads
let repo: Repo
let tip: string
const { signal } = new AbortController()
const person = { name: 'Ada', email: 'ada@example.com', timestamp: 1_600_000_000, timezoneOffset: -120 }

beforeAll(async () => {
  lab = await openLab()
  reads = openReads(lab.git, openRefs(lab.git))
  repo = { id: 'zoo', path: join(lab.dir, 'zoo.git') }
  tip = zoo(repo.path)[6] ?? ''
})
afterAll(async () => {
  reads.close()
  await lab.close()
})

const newStage = (): Promise<Stage> => openStage(mkdtempSync(join(lab.dir, 'new-')))

async function blob(stage: Stage, content: string | Buffer): Promise<string> {
  const file = join(stage.dir, 'content')
  writeFileSync(file, content)
  return stage.addBlob(file)
}

describe('objects', () => {
  it.each([
    ['none', ''],
    ['small', 'a\n'],
    ['large', Buffer.alloc(3_000_000, 'abc')],
  ])('a file that is %s has the id that git gives it', async (_what, content) => {
    const stage = await newStage()
    expect(await blob(stage, content)).toBe(ask(repo.path, ['hash-object', '--stdin'], content))
  })
  it('a commit reads as it was meant', async () => {
    const stage = await newStage()
    const tree = await stage.addTree(Buffer.alloc(0))
    const message = 'Title\n\nBody with “signs”'
    const oid = await stage.addCommit({ tree, parents: [tip], author: person, committer: person, message })
    expect(ask(stage.dir, ['cat-file', 'commit', oid])).toBe(
      `tree ${tree}\nparent ${tip}\nauthor Ada <ada@example.com> 1600000000 +0200\n` +
        `committer Ada <ada@example.com> 1600000000 +0200\n\n${message}`,
    )
  })
})

/** What git makes of it in an index of its own. */
function byGit(from: string, edits: readonly (readonly [path: string, oid: string | undefined])[]): string {
  const index = join(mkdtempSync(join(lab.dir, 'index-')), 'index')
  const run = (args: string[], input?: string): string =>
    execFileSync('git', args, {
      cwd: repo.path,
      env: { ...gitEnv(lab.dir), GIT_INDEX_FILE: index },
      input: input ?? '',
    })
      .toString()
      .trim()
  run(['read-tree', from])
  run(
    ['update-index', '-z', '--index-info'],
    edits.map(([path, oid]) => `${oid === undefined ? '0' : '100644'} ${oid ?? '0'.repeat(40)}\t${path}\0`).join(''),
  )
  return run(['write-tree', '--missing-ok'])
}

const NAMES = ['a', 'a.b', 'a-b', 'ab', 'b', 'ü', 'A']
const paths = array(constantFrom(...NAMES), { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))
const sets = uniqueArray(paths, { minLength: 1, maxLength: 8 }).map((all) =>
  // No path of a set is a folder of another one.
  all.filter((path) => !all.some((other) => other !== path && other.startsWith(`${path}/`))),
)

describe('trees', () => {
  it('are those that git would write, whatever comes and goes', async () => {
    const oid = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    const empty = ask(repo.path, ['hash-object', '-t', 'tree', '-w', '--stdin'], '')
    await assert(
      asyncProperty(sets, sets, async (first, second) => {
        const stage = await newStage()
        const work = { reads, repo, stage, signal }
        const made = await editTree(
          work,
          undefined,
          first.map((path) => ({ names: path.split('/'), oid })),
        )
        expect(made).toBe(
          byGit(
            empty,
            first.map((path) => [path, oid]),
          ),
        )
        // Everything of the first set goes as the second comes, so that files become folders and folders files.
        const gone = first.filter((path) => !second.includes(path))
        const edits = [
          ...gone.map((path) => ({ names: path.split('/') })),
          ...second.map((path) => ({ names: path.split('/'), oid })),
        ]
        const again = await editTree(
          work,
          byGit(
            empty,
            first.map((path) => [path, oid]),
          ),
          edits,
        )
        expect(again).toBe(
          byGit(
            empty,
            second.map((path) => [path, oid]),
          ),
        )
      }),
      { numRuns: 25 },
    )
  })

  it('leave names alone that are no text, links, submodules and modes', async () => {
    const stage = await newStage()
    const oid = await blob(stage, 'x\n')
    const from = ask(repo.path, ['rev-parse', `${tip}^{tree}`])
    const tree = await editTree({ reads, repo, stage, signal }, from, [{ names: ['src', 'deep', 'new.txt'], oid }])
    const commit = await stage.addCommit({ tree, parents: [tip], author: person, committer: person, message: 'x' })
    const into = lab.bare('into')
    ask(into.path, ['fetch', '-q', repo.path, 'refs/heads/main'])
    await push(into, stage, commit)
    expect(ask(into.path, ['diff-tree', '-r', '--no-commit-id', '--name-status', commit])).toBe('A\tsrc/deep/new.txt')
    expect(ask(into.path, ['fsck', '--strict', '--no-dangling'])).toBe('')
  })
})

async function push(into: Repo, stage: Stage, commit: string, env: Record<string, string> = {}): Promise<string> {
  const head = Buffer.concat([pkt(`${'0'.repeat(40)} ${commit} refs/heads/edit\0report-status`), FLUSH])
  const answer = await receivePack(
    { git: lab.git, refs: reads.refs },
    into,
    {
      commands: [{ ref: 'refs/heads/edit', oldOid: '0'.repeat(40), newOid: commit }],
      capabilities: new Map([['report-status', '']]),
      options: [],
      head,
      rest: await packOf(lab.git, stage, { repo: into.id, signal }),
    },
    { signal, env, onResult: () => Promise.resolve([]) },
  )
  return (await buffer(answer)).toString()
}

describe('durability', () => {
  it('an edit syncs pack, index and ref, as a push does', async () => {
    const traces = join(lab.dir, 'traces')
    mkdirSync(traces)
    const stage = await newStage()
    const oid = await blob(stage, 'synced\n')
    const tree = await editTree({ reads, repo, stage, signal }, undefined, [{ names: ['a.txt'], oid }])
    const commit = await stage.addCommit({ tree, parents: [], author: person, committer: person, message: 'First' })
    expect(await push(lab.bare('synced'), stage, commit, { GIT_TRACE2_EVENT: traces })).toContain('ok refs/heads/edit')
    const synced = (command: string): number => {
      const events = readdirSync(traces).map((name) => readFileSync(join(traces, name), 'utf8'))
      const own = events.find((text) => text.includes(`"name":"${command}"`)) ?? ''
      const counts = [...own.matchAll(/"category":"fsync","key":"fsync\/[a-z-]+","value":"(\d+)"/g)]
      return counts.reduce((sum, [, count]) => sum + Number(count), 0)
    }
    expect(synced('index-pack')).toBeGreaterThanOrEqual(2)
    expect(synced('receive-pack')).toBeGreaterThanOrEqual(1)
  })
})
