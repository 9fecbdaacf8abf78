// Finds the Chromium that the browser tests drive. As root on Debian the one without windows is installed: it is the same
// browser, and a fifth less work for the machine. Where that cannot be, any other one will do.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const WITHOUT_WINDOWS = '/usr/bin/chromium-headless-shell'
const PLACES = [
  process.env.GITSTEAD_CHROMIUM,
  WITHOUT_WINDOWS,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
const INSTALL_MS = 120_000

/** Path of a Chromium, or undefined. */
export function findChromium() {
  return PLACES.find((path) => path !== undefined && existsSync(path))
}

export function ensureChromium() {
  const found = findChromium()
  const debian = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (debian && process.env.GITSTEAD_CHROMIUM === undefined && found !== WITHOUT_WINDOWS)
    void (install('chromium-headless-shell') || found !== undefined || install('chromium'))
  if (findChromium()) return
  process.stderr.write(
    'The browser tests need Chromium. Install it (Debian: apt-get install chromium) or name it in GITSTEAD_CHROMIUM.\n',
  )
  process.exit(1)
}

/** What the machine knows of packages may be old: then it is asked for anew. */
function install(name) {
  const stdio = ['ignore', 'ignore', 2]
  const options = { stdio, timeout: INSTALL_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  const args = ['install', '-y', '-qq', '--no-install-recommends', name, 'fonts-dejavu-core']
  process.stderr.write(`Installing ${name} for the browser tests.\n`)
  if (spawnSync('apt-get', args, options).status === 0) return true
  spawnSync('apt-get', ['update', '-qq'], options)
  return spawnSync('apt-get', args, options).status === 0
}
