// The layer rules are rules: code that breaks one fails the lint, and the same code in its place does not.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { remove, tempDir } from './helpers/server.ts'

const ROOT = join(import.meta.dirname, '..')
let dir: string

beforeAll(() => {
  dir = tempDir()
  copyFileSync(join(ROOT, 'oxlint.config.ts'), join(dir, 'oxlint.config.ts'))
  copyFileSync(join(ROOT, 'tsconfig.json'), join(dir, 'tsconfig.json'))
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'))
})
afterAll(() => remove(dir))

/** The rules that this text breaks when it stands at `path`. */
function broken(path: string, text: string): string[] {
  const file = join(dir, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  const bin = join(ROOT, 'node_modules', '.bin', 'oxlint')
  const { stdout } = spawnSync(bin, ['--format', 'json', path], { cwd: dir, encoding: 'utf8' })
  remove(file)
  const report = JSON.parse(stdout) as { diagnostics: { code: string }[] }
  return report.diagnostics.map(({ code }) => code)
}

const BROKEN: [string, string, string][] = [
  ['git knows no database', 'server/git/x.ts', `import { openDb } from '../db/open.ts'\nexport const a = openDb\n`],
  [
    'what reads a repository knows no protocol',
    'server/git/read/x.ts',
    `import { openWire } from '../wire/serve.ts'\nexport const a = openWire\n`,
  ],
  ['kit knows nothing', 'server/kit/x.ts', `import { openBus } from '../outbox/bus.ts'\nexport const a = openBus\n`],
  [
    'the edge knows no feature',
    'server/edge/x.ts',
    `import { a } from '../features/accounts/actions.ts'\nexport const b = a\n`,
  ],
  [
    'accounts know no repositories',
    'server/features/accounts/x.ts',
    `import { a } from '../repositories/actions.ts'\nexport const b = a\n`,
  ],
  [
    'a feature is not entered by its SQL',
    'server/features/system/x.ts',
    `import { a } from '../accounts/store.ts'\nexport const b = a\n`,
  ],
  [
    'only git/run starts processes',
    'server/features/system/x.ts',
    `import { spawn } from 'node:child_process'\nexport const b = spawn\n`,
  ],
  [
    'HTTP comes by kit, without what it brings along',
    'server/ingress/x.ts',
    `import { createServer } from 'node:http'\nexport const b = createServer\n`,
  ],
  [
    'pages take types of the contract, not its checks',
    'renderer/x.ts',
    `import { Scope } from '../server/contract/names.ts'\nexport const b = Scope\n`,
  ],
  ['pages know the contract only', 'renderer/x.ts', `import { a } from '../server/db/open.ts'\nexport const b = a\n`],
]

it.each(BROKEN)('%s', (_name, path, text) => {
  expect(broken(path, text)).toContain('eslint(no-restricted-imports)')
})

it('the environment is read in one place', () => {
  expect(broken('server/kit/x.ts', `export const a = process.env['HOME']\n`)).toContain('node(no-process-env)')
})

it('accepts what the rules allow', () => {
  expect(broken('server/kit/x.ts', `import type { Server } from 'node:http'\nexport type S = Server\n`)).toEqual([])
  expect(broken('server/git/x.ts', `import { Fault } from '../kit/fault.ts'\nexport const a = Fault\n`)).toEqual([])
  expect(
    broken('server/features/system/x.ts', `import { a } from '../accounts/actions.ts'\nexport const b = a\n`),
  ).toEqual([])
})
