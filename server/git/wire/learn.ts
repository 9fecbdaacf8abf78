// What the installed git advertises, asked of it once on two small repositories of ours: our answers carry its words.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { named } from '../run/output.ts'
import { passingFolder } from '../run/passing.ts'
import { packets } from '../format/pktline.ts'
import type { Git } from '../run/run.ts'

export interface Learned {
  /** The capability advertisement of version 2, whole. */
  v2: Buffer
  /** Capabilities of upload-pack around the place of `symref=`. */
  upload: [before: string, after: string]
  /** How upload-pack speaks of a repository without refs: newer gits state capabilities there, and name an unborn HEAD. */
  unborn: { capabilities: boolean; symref: boolean }
  /** Capabilities of receive-pack around the place of the nonce; without one, push certificates are not offered. */
  receive: [before: string, after: string] | [whole: string]
}

const COMMIT = 'author a <a> 0 +0000\ncommitter a <a> 0 +0000\n\nx\n'

export async function learn(git: Git): Promise<Learned> {
  const dir = passingFolder()
  try {
    const [empty, filled] = [join(dir, 'empty.git'), join(dir, 'filled.git')]
    await Promise.all([empty, filled].map((path) => run(git, dir, ['init', '--quiet', '--bare', path])))
    await run(git, filled, ['symbolic-ref', 'HEAD', 'refs/heads/main'])
    const tree = await run(git, filled, ['hash-object', '-w', '-t', 'tree', '--stdin'], '')
    const text = `tree ${tree}\n${COMMIT}`
    const commit = await run(git, filled, ['hash-object', '-w', '-t', 'commit', '--stdin'], text)
    await run(git, filled, ['update-ref', 'refs/heads/main', commit])
    const [v2, upload, unborn, receive] = await Promise.all([
      ask(git, filled, ['upload-pack', 2]),
      ask(git, filled, ['upload-pack', 0]).then(capabilities),
      ask(git, empty, ['upload-pack', 0]).then(capabilities),
      ask(git, filled, ['receive-pack', 0]).then(capabilities),
    ])
    return {
      v2,
      upload: cut(upload, / symref=HEAD:refs\/heads\/main/) as [string, string],
      unborn: { capabilities: unborn !== '', symref: unborn.includes(' symref=') },
      receive: cut(receive, /(?<= push-cert=)\S+/) as Learned['receive'],
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Git's own advertisement, as `git http-backend` would have it made. */
export async function ask(git: Git, path: string, [service, protocol]: [string, number]): Promise<Buffer> {
  const { stdout, code, stderr } = await git.exec({
    name: `advertise ${service}`,
    args: [service, '--stateless-rpc', '--http-backend-info-refs', path],
    cwd: path,
    env: protocol === 0 ? {} : { GIT_PROTOCOL: `version=${protocol}` },
    maxOutput: 512 * 1024 * 1024,
    expect: [0, 128],
  })
  if (code !== 0) throw named({ stderr })
  return stdout
}

async function run(git: Git, cwd: string, args: string[], input?: string): Promise<string> {
  const { stdout } = await git.exec({ name: 'learn', args, cwd, ...(input !== undefined && { input }) })
  return stdout.toString().trim()
}

/** What follows the NUL in the first line, its newline included; nothing where there is no line. */
function capabilities(advertisement: Buffer): string {
  const [first] = packets(advertisement)
  if (first?.kind !== 'data') return ''
  return first.data.subarray(first.data.indexOf(0) + 1).toString()
}

function cut(text: string, at: RegExp): string[] {
  const found = at.exec(text)
  return found ? [text.slice(0, found.index), text.slice(found.index + found[0].length)] : [text]
}
