// New objects before they are anybody's: a folder that looks like a repository of its own, outside of the one they are
// for. Nothing leads to it, and it goes as a whole.
import { createHash } from 'node:crypto'
import fs, { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createDeflate } from 'node:zlib'

export interface Author {
  name: string
  email: string
  /** Seconds since 1970. */
  timestamp: number
  /** Minutes west of Greenwich, as JavaScript counts them. */
  timezoneOffset: number
}

export interface NewCommit {
  tree: string
  parents: readonly string[]
  author: Author
  committer: Author
  message: string
}

export interface Stage {
  /** A folder that git takes for a bare repository. */
  dir: string
  /** Ids of all that was written. */
  objects: ReadonlySet<string>
  /** Of a file of any size, in flat memory. */
  addBlob: (file: string) => Promise<string>
  /** Of the tree's bytes as git stores them: names need not be UTF-8, and what is there already stays as it is. */
  addTree: (data: Buffer) => Promise<string>
  addCommit: (commit: NewCommit) => Promise<string>
}

/** `dir`: an existing folder on the disk of the repository, in which a new one is made. */
export async function openStage(dir: string): Promise<Stage> {
  const gitdir = join(dir, 'stage')
  await mkdir(join(gitdir, 'objects'), { recursive: true })
  await mkdir(join(gitdir, 'refs'))
  await writeFile(join(gitdir, 'HEAD'), 'ref: refs/heads/none\n')
  const objects = new Set<string>()
  const keep = (oid: string): string => {
    objects.add(oid)
    return oid
  }
  return {
    dir: gitdir,
    objects,
    addBlob: async (file) => keep(await storeBlob(gitdir, file)),
    addTree: async (data) => {
      const { writeObject } = await library()
      return keep(await writeObject({ fs, gitdir, type: 'tree', object: data, format: 'content' }))
    },
    addCommit: async ({ parents, ...commit }) => {
      const { writeCommit } = await library()
      return keep(await writeCommit({ fs, gitdir, commit: { ...commit, parent: [...parents] } }))
    },
  }
}

/** Loaded by the first edit: most processes never need it. */
function library(): Promise<typeof import('isomorphic-git')> {
  return import('isomorphic-git')
}

/** The library takes a whole blob in hand; a file that was uploaded may be large, so it goes through piece by piece. */
async function storeBlob(gitdir: string, file: string): Promise<string> {
  const { size } = await stat(file)
  const head = Buffer.from(`blob ${size}\0`)
  const hash = createHash('sha1').update(head)
  const made = join(gitdir, `new-${crypto.randomUUID()}`)
  let first = true
  const whole = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      if (first) this.push(head)
      first = false
      done(null, chunk)
    },
    flush(done) {
      done(null, first ? head : undefined)
    },
  })
  await pipeline(createReadStream(file), whole, createDeflate(), createWriteStream(made))
  const oid = hash.digest('hex')
  const folder = join(gitdir, 'objects', oid.slice(0, 2))
  await mkdir(folder, { recursive: true })
  await rename(made, join(folder, oid.slice(2)))
  return oid
}
