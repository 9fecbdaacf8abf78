// Finds nginx and fcgiwrap, which the bench compares us with; as root on Debian they are installed when missing, and with
// them wrk: a client of requests that is slower than the server would make all servers look alike.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/opt/homebrew/bin']

/** Path of a program, or undefined. */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...FOLDERS]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** `{ nginx, fcgiwrap, backend }` as paths, or the sentence why one of them is not here. */
export function findNginx() {
  const nginx = findProgram('nginx')
  const fcgiwrap = findProgram('fcgiwrap')
  const folder = spawnSync('git', ['--exec-path'], { encoding: 'utf8' }).stdout?.trim() ?? ''
  const backend = join(folder, 'git-http-backend')
  if (nginx === undefined || fcgiwrap === undefined) return { problem: 'nginx and fcgiwrap are not both installed' }
  return existsSync(backend) ? { nginx, fcgiwrap, backend } : { problem: 'git came without git-http-backend' }
}

/** The same after an attempt to install what is missing. The packages' own services are never used nor left running. */
export function ensureNginx() {
  const found = findNginx()
  if (!('problem' in found) && findProgram('wrk') !== undefined) return found
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    return 'problem' in found ? { problem: `${found.problem}; on Debian: apt-get install nginx-light fcgiwrap` } : found
  }
  // A policy file that refuses keeps apt from starting the services: our ports are nobody else's business.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const options = { stdio: ['ignore', 2, 2], env }
  spawnSync('apt-get', ['update', '-qq'], options)
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'nginx-light', 'fcgiwrap', 'wrk'], options)
  return findNginx()
}
