// Bare repositories of any shape, built by one `git fast-import` each: histories by their graph, trees with odd entries.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gitEnv } from './git.ts'

export type Content =
  | string
  | Buffer
  | { mode: '100755' | '120000'; data: string | Buffer }
  | { submodule: string }
  | null

export interface Draft {
  /** Places in the list; the first commit of a branch has none. */
  parents?: number[]
  /** Committer time in seconds. Default: a minute per place. */
  date?: number
  author?: string
  message?: string | Buffer
  /** Paths are Latin-1 text, one character per byte; `null` deletes. What is not named stays as in the first parent. */
  files?: Record<string, Content>
}

export interface Shape {
  commits: Draft[]
  /** Full ref name to place. */
  refs?: Record<string, number>
  /** Annotated tags: name to place. */
  tags?: Record<string, number>
}

const START = 1_600_000_000
const SCRATCH = 'refs/scratch'

/** Plain synchronous git for building and asking; gives stdout without its last newline. */
export function ask(path: string, args: string[], input?: string | Buffer): string {
  const options = { cwd: path, env: gitEnv(join(path, '..', 'home')), maxBuffer: 1 << 28 }
  const stdio: ['pipe', 'pipe', 'pipe'] = ['pipe', 'pipe', 'pipe']
  return execFileSync('git', args, { ...options, stdio, input: input ?? '' })
    .toString()
    .replace(/\n$/, '')
}

export function makeBare(path: string): void {
  mkdirSync(path, { recursive: true })
  ask(path, ['init', '-q', '--bare', '-b', 'main'])
}

/** Makes the repository and gives the ids of the commits by place. */
export function makeRepository(path: string, shape: Shape): string[] {
  makeBare(path)
  return addCommits(path, shape)
}

export function addCommits(path: string, { commits, refs = {}, tags = {} }: Shape): string[] {
  const parts: Buffer[] = []
  const put = (text: string | Buffer): void => void parts.push(Buffer.from(text))
  for (const [at, draft] of commits.entries()) writeCommit(put, at, draft)
  for (const [name, at] of Object.entries(refs)) put(`reset ${name}\nfrom :${at + 1}\n\n`)
  for (const [name, at] of Object.entries(tags))
    put(`tag ${name}\nfrom :${at + 1}\ntagger T <t@x> ${START} +0000\ndata 4\n${name.slice(0, 3).padEnd(3)}\n\n`)
  const marks = join(path, 'marks')
  const args = ['-c', 'fastimport.unpackLimit=0', 'fast-import', '--quiet', '--force', `--export-marks=${marks}`]
  ask(path, args, Buffer.concat(parts))
  ask(path, ['update-ref', '-d', SCRATCH])
  const oids: string[] = []
  for (const line of readFileSync(marks, 'utf8').trim().split('\n')) {
    const [mark = '', oid = ''] = line.slice(1).split(' ')
    if (oid) oids[Number(mark) - 1] = oid
  }
  rmSync(marks)
  return oids
}

/** A branch with one file that is one character over and over: zeros, and so binary, or one endless line of text. */
export function addLarge(path: string, large: { branch: string; file: string; size: number; text?: string }): string {
  const place = join(path, '..', `large-${large.branch}`)
  if (large.text === undefined) {
    writeFileSync(place, '')
    truncateSync(place, large.size)
  } else writeFileSync(place, Buffer.alloc(large.size, large.text))
  const blob = ask(path, ['-c', 'core.compression=1', 'hash-object', '-w', place])
  rmSync(place)
  return commitTree(path, large.branch, ask(path, ['mktree'], `100644 blob ${blob}\t${large.file}\n`))
}

export function writeBlob(path: string, text: string): string {
  return ask(path, ['hash-object', '-w', '--stdin'], text)
}

/** `entries`: as `git mktree -z` reads them. What they name may be missing. */
export function writeTree(path: string, entries: string): string {
  return ask(path, ['mktree', '-z', '--missing'], entries)
}

/** A tree of ten to the tenth files that are all one, ten to a folder. */
export function writeBomb(path: string, text: string): string {
  const ten = (entry: (i: number) => string): string =>
    writeTree(path, Array.from({ length: 10 }, (_unused, i) => `${entry(i)}\0`).join(''))
  const blob = writeBlob(path, text)
  let tree = ten((i) => `100644 blob ${blob}\tf${i}`)
  for (let level = 1; level < 10; level++) {
    const below = tree
    tree = ten((i) => `040000 tree ${below}\td${i}`)
  }
  return tree
}

/** A branch whose first commit is of this tree. */
export function commitTree(path: string, branch: string, tree: string): string {
  const oid = ask(path, ['commit-tree', '-m', `Make ${branch}`, tree])
  ask(path, ['update-ref', `refs/heads/${branch}`, oid])
  return oid
}

function writeCommit(put: (text: string | Buffer) => void, at: number, draft: Draft): void {
  const { parents = at === 0 ? [] : [at - 1], date = START + at * 60, message = `Commit ${at}`, files = {} } = draft
  const [first, ...others] = parents
  if (first === undefined) put(`reset ${SCRATCH}\n\n`)
  put(`commit ${SCRATCH}\nmark :${at + 1}\n`)
  if (draft.author) put(`author ${draft.author} ${date} +0200\n`)
  put(`committer Ada <ada@example.com> ${date} +0100\n`)
  writeData(put, message)
  if (first !== undefined) put(`from :${first + 1}\n`)
  for (const parent of others) put(`merge :${parent + 1}\n`)
  for (const [name, content] of Object.entries(files)) writeFile(put, name, content)
  put('\n')
}

function writeFile(put: (text: string | Buffer) => void, name: string, content: Content): void {
  const path = Buffer.from(`"${name.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`, 'latin1')
  if (content === null) return put(Buffer.concat([Buffer.from('D '), path, Buffer.from('\n')]))
  const plain = typeof content === 'string' || Buffer.isBuffer(content)
  const mode = plain ? '100644' : 'submodule' in content ? '160000' : content.mode
  const data = plain ? content : 'submodule' in content ? undefined : content.data
  const from = data === undefined && !plain && 'submodule' in content ? content.submodule : 'inline'
  put(Buffer.concat([Buffer.from(`M ${mode} ${from} `), path, Buffer.from('\n')]))
  if (data !== undefined) writeData(put, data)
}

function writeData(put: (text: string | Buffer) => void, data: string | Buffer): void {
  const bytes = Buffer.from(data)
  put(`data ${bytes.length}\n`)
  put(bytes)
  put('\n')
}

/** One of each kind of thing that a page may meet: two merges, renames, odd names and modes, CRLF, binary, tags. */
export function zoo(path: string): string[] {
  const lines = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join('')
  return makeRepository(path, {
    commits: [
      { files: { 'README.md': '# Zoo\n', 'src/main.c': lines, 'src/deep/er/leaf.txt': 'leaf\n' } },
      { files: { 'run.sh': { mode: '100755', data: '#!/bin/sh\n' }, link: { mode: '120000', data: 'src/main.c' } } },
      { files: { 'vendor/lib': { submodule: '1'.repeat(40) }, 'caf\xe9.txt': 'latin\n', 'crlf.txt': 'a\r\nb\r\n' } },
      { parents: [1], message: 'Branch off\n\nBody', files: { 'src/side.c': 'side\n' } },
      { parents: [2, 3], message: 'Merge side', files: { 'src/side.c': 'side\n' } },
      { files: { 'src/main.c': null, 'src/moved.c': `${lines}one more\n` } },
      { author: 'Bo <bo@example.com>', files: { 'bin.dat': Buffer.from([0, 1, 2, 255]), 'new\nline': 'n\n' } },
    ],
    refs: {
      'refs/heads/main': 6,
      'refs/heads/feature/one': 3,
      'refs/heads/both': 5,
      'refs/tags/both': 2,
      'refs/tags/feature': 1,
      'refs/gitstead/kept': 0,
    },
    tags: { 'v1.0': 4 },
  })
}
