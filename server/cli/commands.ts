// The table of commands and what each says of itself.
import { doctor } from './doctor.ts'
import { repositories } from './repositories.ts'
import { serve } from './serve.ts'
import { share } from './share.ts'
import { tokens } from './tokens.ts'
import { users } from './users.ts'

export interface Command {
  usage: string
  run(args: string[]): Promise<void>
}

export const commands: Record<string, Command> = {
  serve,
  user: users,
  repo: repositories,
  token: tokens,
  share,
  doctor,
}

export function usage(): string {
  const lines = Object.values(commands).map((command) => command.usage)
  return `Gitstead: your team's own Git host on one machine.\n\n${lines.join('\n')}\n\nEvery command takes --data DIR (or GITSTEAD_DATA).\n`
}
