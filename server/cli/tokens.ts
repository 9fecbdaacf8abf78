// gitstead token: an app password made at the shell, for scripts and first steps.
import { Scope } from '../contract/names.ts'
import { createAppPassword } from '../features/accounts/actions.ts'
import { needByName } from '../features/repositories/actions.ts'
import type { Command } from './commands.ts'
import { withRooms } from './beside.ts'
import { parse, text } from './options.ts'
import { personAtShell } from './person.ts'
import { Refusal } from './refusal.ts'

export const tokens: Command = {
  async run(args) {
    const { values, positionals } = parse(args, {
      user: { type: 'string' },
      scopes: { type: 'string' },
      label: { type: 'string' },
      repository: { type: 'string' },
      days: { type: 'string' },
    })
    const name = text(values['user'])
    if (positionals[0] !== 'create' || name === undefined) throw new Refusal('Use: gitstead token create --user NAME')
    const scopes = (text(values['scopes']) ?? 'repository,repository:write').split(',').map((scope) => {
      const parsed = Scope.safeParse(scope.trim())
      if (!parsed.success) throw new Refusal(`There is no scope ${scope}. Scopes are: ${Scope.options.join(', ')}.`)
      return parsed.data
    })
    const days = text(values['days'])
    if (days !== undefined && !/^[1-9]\d{0,4}$/.test(days)) throw new Refusal('--days takes a whole number.')
    const secret = await withRooms(values, async (rooms) => {
      const user = await personAtShell(rooms, name)
      const repository = text(values['repository'])
      const made = await createAppPassword(rooms.db, user.id, {
        label: text(values['label']) ?? 'made at the shell',
        scopes,
        repositoryId: repository === undefined ? null : (await needByName(rooms, user, repository)).id,
        expiresAt: days === undefined ? null : new Date(Date.now() + Number(days) * 86_400_000).toISOString(),
        address: 'shell',
      })
      return made.secret
    })
    process.stdout.write(`${secret}\n`)
  },
}
