// gitstead repo: create, list and import from the shell.
import { importNow, startImport } from '../features/imports/actions.ts'
import { createRepository, listViews } from '../features/repositories/actions.ts'
import { fullName } from '../features/repositories/present.ts'
import { viewWorkspace } from '../features/workspaces/actions.ts'
import { Visibility } from '../contract/names.ts'
import { wordsOf } from '../kit/fault.ts'
import { FinalFailure } from '../outbox/runner.ts'
import type { Rooms, User, WorkspaceView } from '../rooms.ts'
import type { Command } from './commands.ts'
import { withRooms } from './beside.ts'
import { needNoMore, parse, type Parsed, text } from './options.ts'
import { personAtShell } from './person.ts'
import { Refusal } from './refusal.ts'

const USE = 'gitstead repo knows create WORKSPACE/NAME, import WORKSPACE/NAME URL, and list.'
/** How many words each takes, with its own. */
const WORDS: Record<string, number> = { create: 2, import: 3, list: 1 }

export const repositories: Command = {
  async run(args) {
    const parsed = parse(args, { user: { type: 'string' }, visibility: { type: 'string' } })
    const [verb = '', name, from] = parsed.positionals
    if (!Object.hasOwn(WORDS, verb)) throw new Refusal(USE)
    needNoMore(parsed, WORDS[verb] ?? 0)
    const user = text(parsed.values['user'])
    if (user === undefined) throw new Refusal('Say with --user NAME on whose behalf.')
    if (verb === 'list') return list(parsed, user)
    if (verb === 'create' && name !== undefined) return create(parsed, user, name)
    if (verb === 'import' && name !== undefined && from !== undefined) return bring(parsed, user, { name, from })
    throw new Refusal(USE)
  },
}

async function create(parsed: Parsed, user: string, name: string): Promise<void> {
  const visibility = visibilityOf(parsed)
  await withRooms(parsed.values, async (rooms) => {
    const by = await byUser(rooms, user, name)
    await createRepository(rooms, by, { name: name.split('/')[1] ?? '', visibility })
  })
  process.stdout.write(`Created ${name}.\n`)
}

/** Fetches here and now, with git's progress on stderr, whether a server runs beside it or not. */
async function bring(parsed: Parsed, user: string, { name, from }: { name: string; from: string }): Promise<void> {
  const visibility = visibilityOf(parsed)
  await withRooms(parsed.values, async (rooms) => {
    const by = await byUser(rooms, user, name)
    const job = await startImport(rooms, by, { url: from, name: name.split('/')[1] ?? '', visibility })
    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort(new Error('Interrupted.')))
    const here = await importNow(rooms, { job, signal: stop.signal, progress: tell }).catch((error: unknown) => {
      // It has been written down already; whoever waits reads why, and no more.
      throw error instanceof FinalFailure || stop.signal.aborted ? new Refusal(wordsOf(error)) : error
    })
    process.stdout.write(here ? `Imported ${name}.\n` : `The running server imports ${name}.\n`)
  })
}

/** For a person who looks on: a log would keep all of it. The rest of a longer line before it is wiped out. */
function tell(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\u001B[K${line}\r`)
}

function visibilityOf(parsed: Parsed): Visibility {
  const visibility = Visibility.safeParse(text(parsed.values['visibility']) ?? 'private')
  if (!visibility.success) throw new Refusal('--visibility is private, internal or public.')
  return visibility.data
}

async function byUser(
  rooms: Rooms,
  name: string,
  repository: string,
): Promise<{ user: User; workspace: WorkspaceView; address: string }> {
  const user = await personAtShell(rooms, name)
  const workspace = await viewWorkspace(rooms.db, user, repository.split('/')[0] ?? '')
  if (!workspace || workspace.role === 'collaborator' || !/^[^/]+\/[^/]+$/.test(repository)) {
    throw new Refusal(
      `${name} may not create ${repository}. Name it as WORKSPACE/NAME, in a workspace that ${name} belongs to.`,
    )
  }
  return { user, workspace, address: 'shell' }
}

async function list(parsed: Parsed, user: string): Promise<void> {
  await withRooms(parsed.values, async (rooms) => {
    for (const view of listViews(rooms.db, await personAtShell(rooms, user))) {
      process.stdout.write(`${fullName(view)}\t${view.visibility}\t${view.permission}\n`)
    }
  })
}
