// The dumb protocol: the files of a repository as they lie, and its refs as a list.
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isForeign } from '../git/refs/refs.ts'
import type { Repo, Serving } from '../git/wire/serve.ts'
import type { Readable } from 'node:stream'

export interface DumbFile {
  headers: Record<string, string>
  /** Objects and packs never change under their name. */
  forever: boolean
  body: Buffer | Readable
}

const KINDS: [RegExp, string, boolean][] = [
  [/^HEAD$/, 'text/plain', false],
  [/^objects\/info\/(alternates|http-alternates)$/, 'text/plain', false],
  [/^objects\/info\/packs$/, 'text/plain; charset=utf-8', false],
  [/^objects\/[0-9a-f]{2}\/[0-9a-f]{38}([0-9a-f]{24})?$/, 'application/x-git-loose-object', true],
  [/^objects\/pack\/pack-[0-9a-f]{40}([0-9a-f]{24})?\.pack$/, 'application/x-git-packed-objects', true],
  [/^objects\/pack\/pack-[0-9a-f]{40}([0-9a-f]{24})?\.idx$/, 'application/x-git-packed-objects-toc', true],
]

export function isDumb(path: string): boolean {
  return KINDS.some(([pattern]) => pattern.test(path))
}

/** Undefined where there is no such file. The pattern decides what can be asked for, so no path leads elsewhere. */
export async function dumbFile(repo: Repo, path: string): Promise<DumbFile | undefined> {
  const [, type = '', forever = false] = KINDS.find(([pattern]) => pattern.test(path)) ?? []
  if (path === 'objects/info/packs') {
    const body = Buffer.from(await packList(repo))
    return { headers: { 'Content-Type': type, 'Content-Length': String(body.length) }, forever, body }
  }
  try {
    const file = await open(join(repo.path, path))
    const { size, mtime } = await file.stat()
    const headers = { 'Content-Type': type, 'Content-Length': String(size), 'Last-Modified': mtime.toUTCString() }
    return { headers, forever, body: file.createReadStream({ highWaterMark: 256 * 1024 }) }
  } catch {
    return undefined
  }
}

async function packList(repo: Repo): Promise<string> {
  const folder = join(repo.path, 'objects', 'pack')
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.pack'))
  const dated = await Promise.all(names.map(async (name) => ({ name, time: (await stat(join(folder, name))).mtimeMs })))
  const lines = dated.toSorted((a, b) => b.time - a.time).map(({ name }) => `P ${name}\n`)
  return `${lines.join('')}\n`
}

/** Every ref with its object id, annotated tags also with what they lead to. */
export async function dumbRefs({ git, refs }: Serving, repo: Repo): Promise<Buffer> {
  const snapshot = await refs.read(repo)
  if (isForeign(snapshot)) {
    const { stdout } = await git.exec({ name: 'show-ref', args: ['show-ref', '-d'], cwd: repo.path, expect: [0, 1] })
    return Buffer.from(stdout.toString('latin1').replaceAll(' ', '\t'), 'latin1')
  }
  const lines = snapshot.refs.map(
    ({ name, oid, peeled }) => `${oid}\t${name}\n${peeled ? `${peeled}\t${name}^{}\n` : ''}`,
  )
  return Buffer.from(lines.join(''))
}
