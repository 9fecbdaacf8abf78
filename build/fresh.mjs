// Builds the program when its output is missing or older than a source.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const SOURCES = ['server', 'renderer', 'main', 'package.json', 'electron.config.ts']
const OUTPUTS = [
  'out/server/main.js',
  'out/server/helper.js',
  'out/server/worker.js',
  'out/main/index.js',
  'out/preload/preload.cjs',
  'out/renderer/index.html',
]

const windows = process.platform === 'win32'

function binOf(tool) {
  return join(root, 'node_modules', '.bin', windows ? `${tool}.cmd` : tool)
}

/** Runs a tool that npm installed, with its output on stderr; gives whether it succeeded. */
export function run(tool, args, options = {}) {
  const result = spawnSync(binOf(tool), args, { cwd: root, stdio: ['ignore', 2, 2], shell: windows, ...options })
  return result.status === 0
}

/**
 * What needs no process of ours; as steps of `runAll`.
 * @type {[name: string, tool: string, args: string[]][]}
 */
export const CHECKS = [
  ['lint', 'oxlint', ['--type-aware']],
  // What it found out the last time is kept, so that a change is checked in a few seconds.
  ['types', 'tsc', ['--noEmit', '--incremental', '--tsBuildInfoFile', 'node_modules/.cache/gitstead.tsbuildinfo']],
  ['format', 'oxfmt', ['--check']],
]

/** Runs tools side by side; each one's output is shown when it ends. Gives the names of those that failed. */
export async function runAll(steps) {
  const ended = await Promise.all(steps.map((step) => runQuietly(...step)))
  return steps.filter((_step, i) => !ended[i]).map(([name]) => name)
}

function runQuietly(name, tool, args) {
  return new Promise((resolve) => {
    const child = spawn(binOf(tool), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: windows })
    const chunks = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk))
    child.on('error', (error) => chunks.push(Buffer.from(`${error.message}\n`)))
    child.on('close', (code) => {
      process.stderr.write(`— ${name}\n`)
      process.stderr.write(Buffer.concat(chunks))
      resolve(code === 0)
    })
  })
}

export function buildIfStale() {
  const built = OUTPUTS.map((file) => join(root, file))
  if (built.every((file) => existsSync(file))) {
    const oldest = Math.min(...built.map((file) => statSync(file).mtimeMs))
    if (Math.max(...SOURCES.map((path) => newest(join(root, path)))) <= oldest) return
  }
  if (!run('electron-vite', ['build', '-c', 'electron.config.ts', '--logLevel', 'warn'])) {
    process.stderr.write('The build failed; see above.\n')
    process.exit(1)
  }
}

function newest(path) {
  if (!existsSync(path)) return 0
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => (name.endsWith('.test.ts') ? 0 : newest(join(path, name)))))
}
