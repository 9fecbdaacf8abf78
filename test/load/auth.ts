// Rows of what people sign in with: whole commands of a real git, anonymous and with each kind of credential.
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { runGit } from './git.ts'
import { ADMIN, type Ours, PRIVATE, startOurs } from './ours.ts'
import { type Contender, type Contest, FORGETFUL, type Plan, type Sample } from './results.ts'
import type { Repository, Stage } from './stage.ts'
import { withLogin } from '../helpers/git.ts'

const COMMANDS = {
  'git ls-remote': (url: string) => ['ls-remote', '-q', url],
  'git clone': (url: string, to: string) => ['clone', '-q', '--bare', url, to],
} as const
type Command = keyof typeof COMMANDS

export interface Signing {
  plans: Plan[]
  close: () => Promise<void>
}

/** `forgetful`: a second server of ours that computes each password anew. */
export async function signing(stage: Stage, seconds: number): Promise<Signing> {
  const [repository] = stage.repositories
  if (!repository) throw new Error('there is no repository to sign in for')
  const env = { GITSTEAD_REMEMBER_SECONDS: '0' }
  const paths = { [repository.name]: repository.path }
  const forgetful = await startOurs(join(stage.dir, 'forgetful'), paths, { env, privates: true })
  const names = Object.keys(COMMANDS) as Command[]
  const plans = names.flatMap((what) =>
    [1, 4].map((clients) => {
      const row = { what, clients, forgetful, seconds }
      return {
        repository: repository.name,
        what,
        clients,
        contest: () => Promise.resolve(contest(stage, repository, row)),
      }
    }),
  )
  return { plans, close: () => forgetful.stop() }
}

function at(side: Ours, repository: string): string {
  return `${side.url}/${ADMIN.name}/${repository}.git`
}

interface Row {
  what: Command
  clients: number
  seconds: number
  forgetful: Ours
}

/** git sends no credentials unless it is asked for some: those who sign in do so for a private repository. */
function contest(stage: Stage, { name }: Repository, row: Row): Contest {
  const { ours } = stage
  const contender = (side: Ours, variant: string, url: string): Contender => ({
    // All are variants of ours; what is metered is the server that is asked.
    side,
    variant,
    // Long enough for each process that serves to have seen it.
    prepare: () => commands(stage, { ...row, url }).then(() => {}),
    sample: async () => {
      const before = side.meter.cpuMs()
      const { count, seconds } = await commands(stage, { ...row, url })
      return { value: count / seconds, cpuMs: (side.meter.cpuMs() - before) / count } satisfies Sample
    },
  })
  const signed = (side: Ours, login: keyof Ours['person']): string => {
    const { name: who, password } = side.person[login]
    return withLogin(at(side, name + PRIVATE), who, password)
  }
  const kinds = ['app password', 'HMAC token', 'password'] as const
  const contenders = [
    contender(ours, 'anonymous', at(ours, name)),
    ...kinds.map((kind) => contender(ours, kind, signed(ours, kind))),
    contender(row.forgetful, FORGETFUL, signed(row.forgetful, 'password')),
  ]
  return { repository: name, what: row.what, clients: row.clients, unit: 'commands/s', pinned: false, contenders }
}

/** Each client begins the next command when one has ended, and at least one. */
async function commands(
  { dir }: Stage,
  { what, url, clients, seconds }: { what: Command; url: string; clients: number; seconds: number },
): Promise<{ count: number; seconds: number }> {
  const began = performance.now()
  let count = 0
  const client = async (): Promise<void> => {
    do {
      const to = join(dir, `clone-${randomUUID()}`)
      await runGit(COMMANDS[what](url, to), { home: dir })
      rmSync(to, { recursive: true, force: true })
      count += 1
    } while (performance.now() - began < seconds * 1000)
  }
  await Promise.all(Array.from({ length: clients }, client))
  return { count, seconds: (performance.now() - began) / 1000 }
}
