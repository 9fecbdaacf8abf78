// What every git process sees: an environment built from nothing, one global config file of ours, and settings that win
// over whatever stands in a repository's own config.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface GitHome {
  dir: string
  env: Record<string, string>
  /**
   * A bare repository without anything. A command that is given another one's objects here works on those alone: it
   * sees no config of theirs that could name a program, and no attributes beside them.
   */
  empty: string
  /** The secret that push certificate nonces are made with; absent in a plain home. */
  nonceSeed?: string
}

/** Refs of our own (kept tips and the like): no client sees them. */
export const HIDDEN = 'refs/gitstead'
/** Refs that the server makes itself: readable, but neither shown to a push nor writable by one. */
export const SERVER_MADE = ['refs/pull', 'refs/pull-requests']

type Setting = [key: string, value: string]

const FSCK_TOLERATED = ['zeroPaddedFilemode', 'badTimezone', 'missingSpaceBeforeDate']

const SETTINGS: Setting[] = [
  // Durability: an acknowledged push survives a power cut. Git's defaults sync nothing.
  ['core.fsync', 'objects,derived-metadata,reference'],
  ['core.fsyncMethod', 'fsync'],
  ['transfer.unpackLimit', '1'],
  ['receive.unpackLimit', '1'],
  ['fetch.unpackLimit', '1'],
  // What comes in is checked; three old and harmless mistakes are found in many real histories.
  ['transfer.fsckObjects', 'true'],
  ...FSCK_TOLERATED.flatMap((id): Setting[] => [
    [`receive.fsck.${id}`, 'ignore'],
    [`fetch.fsck.${id}`, 'ignore'],
    [`fsck.${id}`, 'ignore'],
  ]),
  ['core.useReplaceRefs', 'false'],
  // Upkeep is ours: git starts none by itself.
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['receive.autogc', 'false'],
  ['core.filesRefLockTimeout', '1000'],
  ['core.packedRefsTimeout', '10000'],
  ['pack.windowMemory', '100m'],
  ['core.bigFileThreshold', '50m'],
  ['core.logAllRefUpdates', 'false'],
  // Serving. Version 2 lets a client ask for any object id; older clients get the same, so that partial clones work.
  ['uploadpack.allowFilter', 'true'],
  ['uploadpack.allowAnySHA1InWant', 'true'],
  ['receive.advertisePushOptions', 'true'],
  ['receive.certNonceSlop', '300'],
  ['receive.denyCurrentBranch', 'ignore'],
  ['transfer.hideRefs', HIDDEN],
  ...SERVER_MADE.map((prefix): Setting => ['receive.hideRefs', prefix]),
  ['init.defaultBranch', 'main'],
]

/** Settings by which a repository's own config could run a program, read a file elsewhere or open a connection. */
const GUARDS: Setting[] = [
  ['core.fsmonitor', 'false'],
  // Alternates are never searched for haves; the `#` swallows the path that git appends.
  ['core.alternateRefsCommand', 'exit 0 #'],
  ['core.sshCommand', 'false'],
  ['core.gitProxy', 'false'],
  ['core.askPass', 'false'],
  ['core.editor', 'false'],
  ['core.pager', 'cat'],
  ['core.attributesFile', '/dev/null'],
  ['core.excludesFile', '/dev/null'],
  ['credential.helper', ''],
  ['gpg.program', 'false'],
  ['gpg.openpgp.program', 'false'],
  ['gpg.x509.program', 'false'],
  ['gpg.ssh.program', 'false'],
  ['gpg.ssh.defaultKeyCommand', 'false'],
  ['log.showSignature', 'false'],
  ['protocol.allow', 'never'],
]

/** Prepares the folder that is HOME for git. `plain`: nothing of ours but the consent to serve any owner's folder. */
export function prepareHome(dir: string, options: { path: string; plain: boolean; git?: string }): GitHome {
  mkdirSync(join(dir, 'hooks'), { recursive: true, mode: 0o700 })
  mkdirSync(join(dir, 'template'), { recursive: true, mode: 0o700 })
  const empty = prepareEmpty(join(dir, 'empty.git'))
  const file = join(dir, 'config')
  const base = {
    ...(options.git === undefined ? {} : beside(options.git)),
    PATH: options.path,
    HOME: dir,
    XDG_CONFIG_HOME: dir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: file,
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  }
  if (options.plain) {
    writeWhole(file, render([['safe.directory', '*']]))
    return { dir, env: base, empty }
  }
  const nonceSeed = readSeed(join(dir, 'nonce-seed'))
  const ours: Setting[] = [
    ...SETTINGS,
    ['core.hooksPath', join(dir, 'hooks')],
    ['init.templateDir', join(dir, 'template')],
    ['receive.certNonceSeed', nonceSeed],
    ['safe.directory', '*'],
  ]
  writeWhole(file, render([...ours, ...GUARDS]))
  // A repository's config is read after the global file and would win; command scope wins over both.
  // GIT_ALLOW_PROTOCOL beats every protocol.* setting: a call that fetches names what it needs.
  return { dir, env: { ...base, GIT_ALLOW_PROTOCOL: 'none', ...commandScope([...ours, ...GUARDS]) }, empty, nonceSeed }
}

/** A git that lies elsewhere than it was built for, as in a package, is told of the helpers and roots beside it. */
function beside(git: string): Record<string, string> {
  const prefix = dirname(dirname(git))
  const helpers = join(prefix, 'libexec', 'git-core')
  const roots = join(prefix, 'ssl', 'cacert.pem')
  return {
    ...(existsSync(helpers) && { GIT_EXEC_PATH: helpers }),
    ...(existsSync(roots) && { GIT_SSL_CAINFO: roots }),
  }
}

function prepareEmpty(dir: string): string {
  for (const folder of ['objects', 'refs']) mkdirSync(join(dir, folder), { recursive: true, mode: 0o700 })
  writeWhole(join(dir, 'HEAD'), 'ref: refs/heads/main\n')
  writeWhole(
    join(dir, 'config'),
    render([
      ['core.repositoryFormatVersion', '0'],
      ['core.bare', 'true'],
    ]),
  )
  return dir
}

/** Settings as environment: what `git -c` sets, but inherited by every process that git starts itself. */
export function commandScope(settings: readonly Setting[]): Record<string, string> {
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) }
  for (const [i, [key, value]] of settings.entries()) {
    env[`GIT_CONFIG_KEY_${i}`] = key
    env[`GIT_CONFIG_VALUE_${i}`] = value
  }
  return env
}

function render(settings: readonly Setting[]): string {
  return settings
    .map(([key, value]) => {
      const first = key.indexOf('.')
      const last = key.lastIndexOf('.')
      const section = key.slice(0, first)
      const header = first === last ? section : `${section} "${key.slice(first + 1, last)}"`
      const quoted = value.replace(/[\\"]/g, (c) => `\\${c}`)
      return `[${header}]\n\t${key.slice(last + 1)} = "${quoted}"\n`
    })
    .join('')
}

function readSeed(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    const seed = randomBytes(32).toString('hex')
    writeWhole(file, seed)
    return seed
  }
}

/** Only where it differs: a process that starts while the disk cannot be written finds what it needs. */
function writeWhole(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return
  // Under a name of our own: the processes of a server write it all at once.
  const made = `${file}.${process.pid}.new`
  writeFileSync(made, text, { mode: 0o600 })
  renameSync(made, file)
}
