// npm run mutations: breaks the desktop on purpose, one way after the other, in a copy, and expects a test to see each.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './fresh.mjs'

/** @type {{ name: string, file: string, from: string, to: string, test: string[] }[]} */
const MUTATIONS = [
  {
    name: 'no navigation lock',
    file: 'main/windows.ts',
    from: "contents.on('will-navigate', judge)",
    to: "contents.on('will-navigate', () => {})",
    test: ['desktop', 'locks', 'leads nowhere else'],
  },
  {
    name: 'windows may be opened',
    file: 'main/windows.ts',
    from: "return { action: 'deny' }",
    to: "return { action: 'allow' }",
    test: ['desktop', 'locks', 'opens no window'],
  },
  {
    name: 'no sender check',
    file: 'main/ipc.ts',
    from: 'checkSender(event, control)',
    to: 'void checkSender',
    test: ['desktop', 'locks', 'asks who speaks'],
  },
  {
    name: 'no check of what is sent',
    file: 'main/ipc.ts',
    from: '!checked.success || given.length > 1',
    to: 'false',
    test: ['desktop', 'locks', 'refuses'],
  },
  {
    name: 'rights are granted',
    file: 'main/windows.ts',
    from: 'answer(permission === GRANTED)',
    to: 'answer(true)',
    test: ['desktop', 'locks', 'gets no rights'],
  },
  {
    name: 'no drain',
    file: 'main/leaving.ts',
    from: 'await supervisor.stop()',
    to: 'void supervisor',
    test: ['desktop', 'scenarios', 'quits with all'],
  },
  {
    name: 'no back-off',
    file: 'main/supervisor.ts',
    from: 'timers.retry = clock.set(() => launch(keeper), pause)',
    to: 'launch(keeper)',
    test: ['pure', 'main/supervisor', 'tries again after'],
  },
  {
    name: 'never given up',
    file: 'main/supervisor.ts',
    from: 'failures >= MOST_FAILURES',
    to: 'failures > 1e9',
    test: ['pure', 'main/supervisor', 'tries again after'],
  },
  {
    name: 'a hung server is not noticed',
    file: 'main/supervisor.ts',
    from: 'if (keeper.unanswered >= MOST_UNANSWERED) return child.kill()',
    to: 'if (keeper.unanswered > 1e9) return child.kill()',
    test: ['pure', 'main/supervisor', 'does not answer three times'],
  },
  {
    name: 'the tray shows the wrong state',
    file: 'main/tray.ts',
    from: "return paused || server.state === 'stopped' ? 'stopped' : 'busy'",
    to: "return 'running'",
    test: ['desktop', 'desk.test', 'shows the state in its picture'],
  },
  {
    name: 'a link acts by itself',
    file: 'main/asks.ts',
    from: 'if (!follow || !wish) return done',
    to: 'if (!wish) return done',
    test: ['desktop', 'desk.test', 'can be left alone'],
  },
  {
    name: 'secrets are not masked',
    file: 'main/diagnostics.ts',
    from: 'return SECRETS.reduce((rest, [pattern, put]) => rest.replace(pattern, put), text)',
    to: 'return text',
    test: ['pure', 'main/desk', 'mask the secret'],
  },
]

const only = process.argv[2]
const copy = mkdtempSync(join(tmpdir(), 'gitstead-mutations-'))
let unseen = 0
try {
  for (const name of ['build', 'main', 'renderer', 'server', 'test', 'package.json', 'tsconfig.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  for (const name of ['electron.config.ts', 'vitest.config.ts']) cpSync(join(root, name), join(copy, name))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const mutation of MUTATIONS.filter(({ name }) => only === undefined || name.includes(only))) {
    const seen = isSeen(mutation)
    if (!seen) unseen += 1
    process.stdout.write(`${seen ? 'seen  ' : 'UNSEEN'}  ${mutation.name}\n`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
process.stdout.write(unseen === 0 ? 'Every mutation turns a test red.\n' : `${unseen} of them nobody sees.\n`)
process.exitCode = unseen === 0 ? 0 : 1

function isSeen({ file, from, to, test: [project, name, title] }) {
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no longer: ${from}`)
  const test = ['run', '--project', project, name, '-t', title]
  writeFileSync(path, text.replace(from, to))
  try {
    if (project !== 'pure' && tool('electron-vite', ['build', '-c', 'electron.config.ts', '--logLevel', 'error']) !== 0)
      throw new Error(`${file} does not build with: ${to}`)
    return tool('vitest', test) !== 0
  } finally {
    writeFileSync(path, text)
  }
}

function tool(name, args) {
  return spawnSync(join(copy, 'node_modules', '.bin', name), args, { cwd: copy, stdio: 'ignore' }).status
}
