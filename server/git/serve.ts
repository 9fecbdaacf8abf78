// stand-in until the real one lands
import type { Readable } from 'node:stream'
import type { Git } from './run.ts'
export interface Repo {
  id: string
  path: string
}
export async function advertise(git: Git, repo: Repo, ask: { service: string; protocol: number }): Promise<Buffer> {
  const { stdout } = await git.exec({
    name: 'adv',
    args: [ask.service.slice(4), '--stateless-rpc', '--http-backend-info-refs', repo.path],
    env: { GIT_PROTOCOL: `version=${ask.protocol}` },
  })
  if (ask.protocol === 2 && ask.service === 'git-upload-pack') return stdout
  const line = `# service=${ask.service}\n`
  return Buffer.concat([Buffer.from((line.length + 4).toString(16).padStart(4, '0') + line + '0000'), stdout])
}
export async function uploadPack(
  git: Git,
  repo: Repo,
  ask: { protocol: number; body: Readable; signal: AbortSignal; packs: unknown },
): Promise<Readable> {
  const child = await git.start({
    name: 'up',
    args: ['upload-pack', '--stateless-rpc', repo.path],
    env: { GIT_PROTOCOL: `version=${ask.protocol}` },
    signal: ask.signal,
    deadlineMs: 0,
  })
  ask.body.pipe(child.stdin!)
  return child.stdout!
}
