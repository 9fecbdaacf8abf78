// Makes the repositories to measure on: the same objects from the same seed on every machine, packed as upkeep packs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { gitEnv } from '../helpers/git.ts'
import { runGit } from './git.ts'

export interface Size {
  name: string
  commits: number
  files: number
  /** Branches, tags and, as in any repository that lives, a majority that pull requests left behind. */
  refs: number
}

export const SIZES: readonly Size[] = [
  { name: 'small', commits: 500, files: 300, refs: 300 },
  { name: 'medium', commits: 5_000, files: 3_000, refs: 1_000 },
  { name: 'large', commits: 50_000, files: 20_000, refs: 10_000 },
]

const SEED = 20_140_721
/** Part of the folder's name: change it with the contents, so that no old repository is measured as a new one. */
const EDITION = 2
const START = 1_400_000_000

/** The repository's folder, made when it is not there yet. */
export async function ensureRepository(dir: string, size: Size): Promise<string> {
  const path = join(dir, `${size.name}-${size.commits}-${size.files}-${size.refs}-${EDITION}.git`)
  if (existsSync(path)) return path
  const making = `${path}.making`
  rmSync(making, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true })
  const run = (args: string[]): Promise<string> => runGit(args, { home: dir })
  await run(['init', '-q', '--bare', '--initial-branch=main', making])
  await fastImport(dir, making, (out) => write(out, size))
  await run(['-C', making, 'pack-refs', '--all'])
  await run(['-C', making, 'repack', '-adfq', '--write-bitmap-index', '--window=10', '--depth=50'])
  await run(['-C', making, 'commit-graph', 'write', '--reachable', '--changed-paths'])
  appendFileSync(join(making, 'config'), '[gc]\n\tauto = 0\n')
  renameSync(making, path)
  return path
}

async function fastImport(home: string, path: string, fill: (out: Writable) => Promise<void>): Promise<void> {
  const args = ['-C', path, '-c', 'pack.compression=1', 'fast-import', '--quiet', '--done', '--depth=10']
  const child = spawn('git', args, { env: gitEnv(join(home, 'home')), stdio: ['pipe', 'inherit', 'inherit'] })
  const ended = once(child, 'close')
  await fill(child.stdin)
  child.stdin.end('done\n')
  const [code] = (await ended) as [number | null]
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`)
}

interface File {
  path: string
  lines: string[]
}

async function write(out: Writable, size: Size): Promise<void> {
  const random = randomFrom(SEED + size.commits)
  const lines = vocabulary(random)
  const files: File[] = []
  for (let commit = 1; commit <= size.commits; commit++) {
    const changed = commit === 1 ? Math.ceil(size.files / 2) : 0
    const touched = new Set<File>()
    for (let i = 0; i < changed; i++) touched.add(addFile(files, size, random, lines))
    if (commit > 1) {
      while (files.length < (size.files * (1 + commit / size.commits)) / 2) {
        touched.add(addFile(files, size, random, lines))
      }
      const edits = 1 + Math.floor(random() * 3)
      for (let i = 0; i < edits; i++) touched.add(edit(files, random, lines))
    }
    const text = commitText(commit, touched) + refsAt(commit, size)
    if (!out.write(text)) await once(out, 'drain')
  }
}

function commitText(number: number, touched: Set<File>): string {
  const who = `Author ${number % 40} <author${number % 40}@example.com> ${START + number * 1800} +0200`
  const message = `Change ${touched.size} files in step ${number}\n\nWhy the change was needed, told in one sentence.\n`
  let text = `commit refs/heads/main\nmark :${number}\nauthor ${who}\ncommitter ${who}\n${data(message)}`
  if (number > 1) text += `from :${number - 1}\n`
  for (const file of touched) text += `M 100644 inline ${file.path}\n${data(`${file.lines.join('\n')}\n`)}`
  return `${text}\n`
}

/** Refs in the proportions of a repository that lives: a tenth branches, a tenth tags, the rest from pull requests. */
function refsAt(commit: number, size: Size): string {
  const first = Math.floor(((commit - 1) * (size.refs - 1)) / size.commits)
  const last = Math.floor((commit * (size.refs - 1)) / size.commits)
  let text = ''
  for (let i = first; i < last; i++) text += refText(i, commit)
  return text
}

function refText(i: number, commit: number): string {
  if (i % 10 === 0) return `reset refs/heads/feature/topic-${i}\nfrom :${commit}\n\n`
  if (i % 20 === 1) return `reset refs/tags/build-${i}\nfrom :${commit}\n\n`
  if (i % 20 === 11) {
    const who = `tagger Releaser <releaser@example.com> ${START + commit * 1800} +0200`
    return `tag v1.${i}.0\nfrom :${commit}\n${who}\n${data(`Version 1.${i}.0\n`)}`
  }
  return `reset refs/pull/${i}/head\nfrom :${commit}\n\n`
}

function addFile(files: File[], size: Size, random: () => number, lines: string[]): File {
  const folders = Math.ceil(Math.sqrt(size.files / 20))
  const number = files.length
  const usual = `part${number % folders}/room${Math.floor(number / folders) % folders}`
  // Every twentieth file lies in one folder, which grows to a thousand entries in the large repository.
  const folder = number % 20 === 7 ? 'wide' : usual
  const length = 10 + Math.floor(random() * random() * 250)
  const text = Array.from({ length }, () => pick(lines, random))
  const file = { path: `${folder}/file${number}.txt`, lines: text }
  files.push(file)
  return file
}

/** Young files change more often than old ones. */
function edit(files: File[], random: () => number, lines: string[]): File {
  const file = files[Math.floor(files.length * (1 - random() * random()))] ?? files[0]
  if (!file) throw new Error('there is no file to change')
  const at = Math.floor(random() * file.lines.length)
  const insert = random() < 0.3 ? 2 : 1
  file.lines.splice(at, 1, ...Array.from({ length: insert }, () => pick(lines, random)))
  return file
}

function vocabulary(random: () => number): string[] {
  const letters = 'etaoinshrdlucmfwypvbgkjqxz'
  const word = (): string =>
    Array.from({ length: 2 + Math.floor(random() * 8) }, () => letters[Math.floor(random() * random() * 26)]).join('')
  const words = Array.from({ length: 4_000 }, word)
  return Array.from({ length: 60_000 }, () =>
    Array.from({ length: 2 + Math.floor(random() * 9) }, () => pick(words, random)).join(' '),
  )
}

function pick(from: string[], random: () => number): string {
  return from[Math.floor(random() * from.length)] ?? ''
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`
}

/** A small generator of pseudo-random numbers in [0, 1) (mulberry32): the same on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
