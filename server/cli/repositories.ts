// gitstead repo: create and list from the shell.
import { createRepository, listViews } from '../features/repositories/actions.ts'
import { fullName } from '../features/repositories/present.ts'
import { viewWorkspace } from '../features/workspaces/actions.ts'
import { Visibility } from '../contract/names.ts'
import type { Command } from './commands.ts'
import { parse, type Parsed, text, withRooms } from './options.ts'
import { personAtShell } from './person.ts'
import { Refusal } from './refusal.ts'

export const repositories: Command = {
  usage: [
    '  repo   create WORKSPACE/NAME --user NAME [--visibility private|internal|public]',
    '  repo   list --user NAME',
  ].join('\n'),
  async run(args) {
    const parsed = parse(args, { user: { type: 'string' }, visibility: { type: 'string' } })
    const user = text(parsed.values['user'])
    if (user === undefined) throw new Refusal('Say with --user NAME on whose behalf.')
    const [verb, name] = parsed.positionals
    if (verb === 'list') return list(parsed, user)
    if (verb === 'create' && name !== undefined) return create(parsed, user, name)
    throw new Refusal('gitstead repo knows create WORKSPACE/NAME and list.')
  },
}

async function create(parsed: Parsed, user: string, name: string): Promise<void> {
  const [workspace = '', repository = ''] = name.split('/', 2)
  const visibility = Visibility.safeParse(text(parsed.values['visibility']) ?? 'private')
  if (!visibility.success) throw new Refusal('--visibility is private, internal or public.')
  await withRooms(parsed.values, async (rooms) => {
    const actor = await personAtShell(rooms, user)
    const place = await viewWorkspace(rooms.db, actor, workspace)
    if (!place || place.role === 'collaborator')
      throw new Refusal(`${user} may not create repositories in ${workspace}.`)
    await createRepository(
      rooms,
      { user: actor, workspace: place, address: 'shell' },
      { name: repository, visibility: visibility.data },
    )
  })
  process.stdout.write(`Created ${name}.\n`)
}

async function list(parsed: Parsed, user: string): Promise<void> {
  await withRooms(parsed.values, async (rooms) => {
    for (const view of listViews(rooms.db, await personAtShell(rooms, user))) {
      process.stdout.write(`${fullName(view)}\t${view.visibility}\t${view.permission}\n`)
    }
  })
}
