// Builds the program when its output is missing or older than a source.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const SOURCES = ['server', 'renderer', 'main', 'package.json', 'electron.config.ts']
const OUTPUTS = ['out/server/main.js', 'out/server/helper.js', 'out/server/worker.js', 'out/renderer/index.html']

/** Runs a tool that npm installed, with its output on stderr; gives whether it succeeded. */
export function run(tool, args, options = {}) {
  const windows = process.platform === 'win32'
  const bin = join(root, 'node_modules', '.bin', windows ? `${tool}.cmd` : tool)
  const result = spawnSync(bin, args, { cwd: root, stdio: ['ignore', 2, 2], shell: windows, ...options })
  return result.status === 0
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
