// Finds the Chromium that the browser tests drive; as root on Debian it is installed when missing. The one without windows
// comes first: it is the same browser, and a fifth less work for the machine.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const PLACES = [
  process.env.GITSTEAD_CHROMIUM,
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Path of a Chromium, or undefined. */
export function findChromium() {
  return PLACES.find((path) => path !== undefined && existsSync(path))
}

export function ensureChromium() {
  if (findChromium()) return
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const options = { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
    const install = (name) =>
      spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name, 'fonts-dejavu-core'], options)
    spawnSync('apt-get', ['update', '-qq'], options)
    if (install('chromium-headless-shell').status !== 0) install('chromium')
  }
  if (findChromium()) return
  process.stderr.write(
    'The browser tests need Chromium. Install it (Debian: apt-get install chromium) or name it in GITSTEAD_CHROMIUM.\n',
  )
  process.exit(1)
}
