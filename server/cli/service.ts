// gitstead service: prints the file by which this system runs the server without anybody signed in. Changes nothing.
import { realpathSync } from 'node:fs'
import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import type { Command } from './commands.ts'
import { configOf, parse } from './options.ts'
import { recipes, type System, systemOf } from './recipes.ts'
import { Refusal } from './refusal.ts'

const isSystem = (name: string): name is System => Object.hasOwn(recipes, name)

export const service: Command = {
  run(args) {
    const { values, positionals } = parse(args, { host: { type: 'string' }, port: { type: 'string' } })
    const [system = systemOf(process.platform), ...more] = positionals
    if (!isSystem(system) || more.length > 0)
      throw new Refusal(`Use: gitstead service [${Object.keys(recipes).join('|')}] [--host …] [--port …]`)
    const { data, host, port, path } = configOf(values)
    const program = realpathSync(resolve(process.argv[1] ?? ''))
    const command = [process.execPath, program, 'serve', '--data', data, '--host', host, '--port', String(port)]
    process.stdout.write(recipes[system]({ account: userInfo().username, command, data, path }))
    return Promise.resolve()
  },
}
