// Hostile text in every place that takes text: no argument of git that begins like an option comes from it, no file appears.
import { array, assert, asyncProperty, constantFrom, oneof, string, tuple } from 'fast-check'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { diffBody, diffstat, diffStream, patchOf, patchSeries } from '../../server/git/read/diff.ts'
import { resolveComparison } from '../../server/git/read/diffspec.ts'
import * as history from '../../server/git/read/history.ts'
import { lastCommits } from '../../server/git/read/lastcommits.ts'
import { pathHistory } from '../../server/git/read/pathlog.ts'
import { pathBytes } from '../../server/git/format/paths.ts'
import { openReads, type Reads } from '../../server/git/read/reads.ts'
import { openRefs, type Repo } from '../../server/git/refs/refs.ts'
import { resolve, resolveWithPath } from '../../server/git/read/revisions.ts'
import type { Git, GitCall } from '../../server/git/run/run.ts'
import { entryAt, listFiles } from '../../server/git/read/trees.ts'
import { zoo } from '../helpers/repos.ts'
import { openLab, type Lab } from './lab.ts'

let lab: Lab
let reads: Reads
let repo: Repo
let tip: string
const calls: GitCall[] = []

/** Writes down every call; what it starts is real. */
function recorded(git: Git): Git {
  return {
    ...git,
    start: (call) => (calls.push(call), git.start(call)),
    exec: (call) => (calls.push(call), git.exec(call)),
  }
}

beforeAll(async () => {
  lab = await openLab()
  const git = recorded(lab.git)
  reads = openReads(git, openRefs(git))
  repo = { id: 'zoo', path: join(lab.dir, 'zoo.git') }
  tip = zoo(repo.path).at(-1) ?? ''
})
afterAll(async () => {
  reads.close()
  await lab.close()
})

/** Stands in every hostile text, so that it is known again among the arguments. */
const MARK = 'zqxj'
const heads = constantFrom(
  '',
  '-',
  '--',
  '-p',
  '--output=',
  '--upload-pack=',
  '-O',
  '\n-',
  '\0',
  ':(exclude)',
  ':/',
  '^',
  '@{',
  '..',
)
const hostile = tuple(heads, string({ unit: 'binary', maxLength: 8 }), heads).map(
  ([a, b, c]) => `${a}${MARK}${b}${c}${MARK}`,
)

async function attempt(ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask()
  } catch (error) {
    // Refused in words, or as a mistake of the caller's; never by git not understanding its own arguments.
    const { code = '', message = '' } = error as { code?: string; message?: string }
    expect(['git.object', ''], message).toContain(code)
    if (code === '') expect(message).toBe('not an object id')
  }
}

async function drain(pieces: AsyncIterable<unknown>): Promise<void> {
  for await (const piece of pieces) expect(piece).toBeDefined()
}

it('takes nothing that is typed for an option', async () => {
  const before = readdirSync(lab.dir)
  const property = asyncProperty(
    oneof(
      hostile,
      array(hostile, { minLength: 2, maxLength: 2 }).map((two) => two.join('/')),
    ),
    async (text) => {
      const path = pathBytes(text)
      const asks: (() => Promise<unknown>)[] = [
        () => resolve(reads, repo, text),
        () => resolveWithPath(reads, repo, `main/${text}`),
        () => resolveComparison(reads, repo, { spec: `main..${text}`, topic: true }),
        () => resolveComparison(reads, repo, { spec: text, topic: false }),
        () => entryAt(reads, repo, { commit: tip, path }),
        () => entryAt(reads, repo, { commit: text, path }),
        () => listFiles(reads, repo, text, { limit: 1 }),
        () => pathHistory(reads, repo, { include: [tip], path, skip: 0, limit: 5, follow: true }),
        async () => drain(await diffStream(reads, repo, { from: null, to: tip, paths: [path] })),
        () => diffstat(reads, repo, { from: null, to: tip, paths: [path, path] }),
        () => diffstat(reads, repo, { from: text, to: tip }),
        () => diffBody(reads, repo, { from: tip, to: text }),
        () => drain(lastCommits(reads, repo, { commit: tip, folder: path })),
        () => history.log(reads, repo, { include: [text], limit: 1 }),
        () => history.log(reads, repo, { include: [tip], exclude: [text], after: text, limit: 1 }),
        () => history.mergeBases(reads, repo, [tip, text]),
        () => history.countCommits(reads, repo, { include: [text] }),
        () => history.aheadBehind(reads, repo, { base: tip, tips: [text] }),
        () => history.isAncestor(reads, repo, text, tip),
        () => reads.objects.read(repo, text),
        async () => patchOf(reads, repo, text),
        async () => patchSeries(reads, repo, { include: tip, exclude: text }),
        async () => reads.objects.stream(repo, text),
      ]
      for (const ask of asks) await attempt(ask)
    },
  )
  await assert(property, { numRuns: 25 })
  const fromInput = calls.flatMap(({ args }) => args).filter((arg) => arg.includes(MARK))
  expect(fromInput.length).toBeGreaterThan(25)
  expect(fromInput.filter((arg) => !/^:\((?:literal|glob)\)/.test(arg))).toEqual([])
  expect(calls.filter(({ input }) => String(input ?? '').includes(MARK))).toEqual([])
  expect(readdirSync(lab.dir)).toEqual(before)
})
