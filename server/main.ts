// The program: reads the command, runs it, and says in one sentence why when it cannot.
import { commands, usage } from './cli/commands.ts'
import { Refusal } from './cli/refusal.ts'
import { version } from './kit/version.ts'

// The data holds secrets and private code: no other account of the machine may read what we write.
process.umask(0o077)

const [name = 'help', ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
const asksForHelp = args.some((arg) => arg === '--help' || arg === '-h')

if (name === 'help' || name === '--help' || name === '-h') {
  process.stdout.write(usage())
} else if (name === '--version') {
  process.stdout.write(`${version}\n`)
} else if (!command) {
  process.stderr.write(`There is no command ${name}.\n\n${usage()}`)
  process.exitCode = 1
} else if (asksForHelp) {
  process.stdout.write(usage(command))
} else {
  try {
    const { run } = await command.load()
    await run(args)
  } catch (error) {
    const text =
      error instanceof Refusal ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)
    // Whatever the command had opened when it failed must not keep the program alive.
    process.stderr.write(`${text}\n`, () => process.exit(1))
  }
}
