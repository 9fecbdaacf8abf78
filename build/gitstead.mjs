#!/usr/bin/env node
// The command `gitstead`: runs the built server on a Node that is new enough, wherever the machine's own is older.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const NEEDED = 22
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const main = join(root, 'out', 'server', 'main.js')

if (!existsSync(main)) {
  process.stderr.write('Gitstead is not built yet. Run npm run build (npm start does it by itself).\n')
  process.exit(1)
}
if (Number(process.versions.node.split('.')[0]) >= NEEDED) await import(pathToFileURL(main).href)
else runOn(bundledNode())

/** The Node that npm installed beside us, or undefined. */
function bundledNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'))
    const file = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return existsSync(file) ? file : undefined
  } catch {
    return undefined
  }
}

function runOn(node) {
  if (node === undefined) {
    process.stderr.write(
      `Gitstead needs Node ${NEEDED} or newer; this is ${process.versions.node}. Run npm ci, which brings one along.\n`,
    )
    process.exit(1)
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 128)
  })
}
