import { PassThrough, type Readable } from 'node:stream'
import type { Git } from './run.ts'
import type { Repo } from './serve.ts'
export interface Push {
  commands: { ref: string; oldOid: string; newOid: string }[]
  certificate?: string
  rest: Readable
}
export async function readPush(body: Readable): Promise<Push> {
  const pass = new PassThrough()
  let head = Buffer.alloc(0)
  for await (const c of body) {
    head = Buffer.concat([head, c as Buffer])
  }
  pass.end(head)
  const text = head.subarray(0, 2000).toString('latin1')
  const commands = [
    ...text.matchAll(/([0-9a-f]{40}) ([0-9a-f]{40}) (refs\/[^\0\n]+?)(?=\0|\n|[0-9a-f]{4}[0-9a-f]{40} |0000)/g),
  ].map((m) => ({ oldOid: m[1]!, newOid: m[2]!, ref: m[3]! }))
  return { commands, rest: pass }
}
export function refusal(_p: Push, _m: Map<string, string>): Buffer {
  return Buffer.from('')
}
export async function receivePack(
  git: Git,
  repo: Repo,
  push: Push,
  o: {
    signal: AbortSignal
    onResult: (r: { ref: string; oldOid: string; newOid: string; ok: boolean }[]) => Promise<string[]>
  },
): Promise<Readable> {
  const child = await git.start({
    name: 'rp',
    args: ['receive-pack', '--stateless-rpc', repo.path],
    signal: o.signal,
    deadlineMs: 0,
  })
  push.rest.pipe(child.stdin!)
  const out = new PassThrough()
  const chunks: Buffer[] = []
  for await (const c of child.stdout!) chunks.push(c as Buffer)
  await o.onResult(push.commands.map((c) => ({ ...c, ok: true })))
  out.end(Buffer.concat(chunks))
  return out
}
