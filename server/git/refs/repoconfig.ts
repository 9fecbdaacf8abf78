// What a repository's own config file means for us: whether we can read its refs, whether it changes how it is served.

export interface RepoConfig {
  /** Why only git itself can read this repository, if so. */
  foreign: string | undefined
  /** Nothing in it changes what a client sees: git would answer as it answers for a fresh repository. */
  ordinary: boolean
}

/** Section, subsection and key joined by dots, lower case but for the subsection; every key once, its last value. */
export type ConfigKeys = Map<string, string>

const HARMLESS = [
  /^core\.(repositoryformatversion|filemode|bare|ignorecase|precomposeunicode|logallrefupdates|symlinks|fsync.*|compression)$/,
  /^extensions\.(objectformat|partialclone|preciousobjects)$/,
  /^(remote|branch|user|gc|pack|repack|gitweb|gui|http|fsck|fetch|maintenance|color)\./,
  /^receive\.(deny\w+|fsckobjects|fsck\..*|unpacklimit|autogc|updateserverinfo|maxinputsize|shallowupdate)$/,
]

export function readRepoConfig(text: string): RepoConfig {
  const keys = parseConfig(text)
  if (!keys) return { foreign: 'its config file cannot be read', ordinary: false }
  return { foreign: foreignReason(keys), ordinary: [...keys.keys()].every(isHarmless) }
}

function isHarmless(key: string): boolean {
  return HARMLESS.some((pattern) => pattern.test(key))
}

function foreignReason(keys: ConfigKeys): string | undefined {
  const format = Number(keys.get('core.repositoryformatversion') ?? '0')
  if (!(format === 0 || format === 1)) return `its format version is ${format}`
  for (const [key, value] of keys) {
    if (key === 'extensions.objectformat' && value.toLowerCase() !== 'sha1') return `its object format is ${value}`
    if (key === 'extensions.refstorage' && value.toLowerCase() !== 'files') return `its ref storage is ${value}`
    const known = /^extensions\.(objectformat|refstorage|noop|noop-v1|partialclone|preciousobjects)$/
    if (key.startsWith('extensions.') && !known.test(key)) return `it needs the extension ${key.slice(11)}`
  }
  return undefined
}

const SECTION = /^\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]/
const KEY = /^([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*))?$/s

/** Undefined where a line is not understood. */
export function parseConfig(text: string): ConfigKeys | undefined {
  const keys: ConfigKeys = new Map()
  let section = ''
  for (const whole of text.replace(/\r\n/g, '\n').replace(/\\\n/g, '').split('\n')) {
    let line = whole.trim()
    const header = SECTION.exec(line)
    if (header) {
      const sub = header[2]?.replace(/\\(.)/g, '$1')
      section = (header[1] ?? '').toLowerCase() + (sub === undefined ? '' : `.${sub}`)
      line = line.slice(header[0].length).trim()
    }
    if (line === '' || /^[#;]/.test(line)) continue
    const [, key, value] = KEY.exec(line) ?? []
    if (!key || !section) return undefined
    keys.set(`${section}.${key.toLowerCase()}`, plainValue(value ?? 'true'))
  }
  return keys
}

/** Quotes and escapes resolved, a comment at the end dropped. */
function plainValue(value: string): string {
  let out = ''
  let quoted = false
  for (let i = 0; i < value.length; i++) {
    const c = value[i] ?? ''
    if (c === '"') quoted = !quoted
    else if (c === '\\') out += value[++i] ?? ''
    else if (!quoted && (c === '#' || c === ';')) break
    else out += c
  }
  return out.trim()
}
