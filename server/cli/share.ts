// gitstead share: lends a folder of bare repositories as they lie. No accounts, loopback only, answers like http-backend.
import { existsSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readConfig } from '../config.ts'
import { openPackCache } from '../git/wire/packcache.ts'
import { openRefs } from '../git/refs/refs.ts'
import { openGit } from '../git/run/run.ts'
import { openWire, type Serving } from '../git/wire/serve.ts'
import { listen } from '../ingress/listener.ts'
import { openLog } from '../kit/log.ts'
import { lend } from '../lend/http.ts'
import type { Command } from './commands.ts'
import { parse, text } from './options.ts'
import { explained, Refusal } from './refusal.ts'

const IDLE_S = 120
const HOST = '127.0.0.1'
const DRAIN_MS = 5000

export const share: Command = {
  async run(args) {
    const { values, positionals } = parse(args, { port: { type: 'string' }, 'allow-push': { type: 'boolean' } }, 1)
    const [dir] = positionals
    if (dir === undefined || !existsSync(dir) || !statSync(dir).isDirectory()) {
      throw new Refusal('Name a folder that holds bare repositories: gitstead share DIR --port 7991')
    }
    const port = Number(text(values['port']) ?? '7991')
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Refusal('--port takes a number up to 65535.')
    const root = realpathSync(resolve(dir))
    try {
      await start(root, { port, allowPush: values['allow-push'] === true })
    } catch (error) {
      throw explained(error, { data: root, host: HOST, port })
    }
  },
}

async function start(root: string, options: { port: number; allowPush: boolean }): Promise<void> {
  const log = openLog('warn')
  const scratch = mkdtempSync(join(tmpdir(), 'gitstead-share-'))
  const git = await openGit({ dir: join(scratch, 'git'), log, plain: true, path: readConfig({}).path })
  const packs = openPackCache({ dir: join(scratch, 'packs') })
  const serving: Serving = { git, refs: openRefs(git), packs, wire: openWire(git) }
  const end = async (): Promise<void> => {
    await git.close()
    packs.close()
    rmSync(scratch, { recursive: true, force: true })
  }
  const listener = await listen(lend(serving, { root, allowPush: options.allowPush, log }), {
    host: HOST,
    port: options.port,
    idle: IDLE_S,
  }).catch(async (error: unknown) => {
    await end()
    throw error
  })
  const address = listener.server.address()
  const port = typeof address === 'object' && address ? address.port : options.port
  process.stdout.write(`Gitstead lends ${root} at http://${HOST}:${port}\n`)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      void listener
        .close(DRAIN_MS)
        .then(end)
        .then(() => process.exit(0))
    })
  }
}
