// Which paths an edit may write: the server refuses the others, and pages say why while they are typed.

export const PATH_MAX_BYTES = 4096
const NAME_MAX_BYTES = 255
const DEPTH_MAX = 100

/** Characters that HFS+ leaves out when it compares names: with one of them in between, `.git` is still `.git` there. */
const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu
/** What Windows or macOS take for git's own folder: `GIT~1`, `.git.`, `.Git::$INDEX_ALLOCATION` and the like. */
const GITS_OWN = /^(?:\.git|git~\d+)(?:[ .]*|:.*)$/i
const CONTROL = /\p{Cc}/u
const DRIVE = /^[a-z]:/i

/** The names along the path that a field or a person gives, from the root of the repository: it may begin with a slash. */
export function namesOf(path: string): string[] {
  return path.replace(/^\//, '').split('/')
}

/** Why a file of this path cannot be written, as a sentence; undefined when it can. */
export function pathProblem(path: string): string | undefined {
  const names = namesOf(path)
  if (path === '' || path === '/') return 'Enter a path.'
  if (!path.isWellFormed() || path.includes('\ufffd')) return 'A path must be UTF-8.'
  if (path.includes('\\')) return 'A backslash cannot stand in a path. Use / between folders.'
  if (CONTROL.test(path)) return 'Control characters cannot stand in a path.'
  if (names.length > DEPTH_MAX || bytes(path) > PATH_MAX_BYTES) return 'The path is too long.'
  return firstOf(names, nameProblem)
}

function firstOf(names: readonly string[], problemOf: (name: string) => string | undefined): string | undefined {
  for (const name of names) {
    const problem = problemOf(name)
    if (problem !== undefined) return problem
  }
  return undefined
}

function nameProblem(name: string): string | undefined {
  if (name === '') return 'A folder or file in the path has no name.'
  if (name === '.' || name === '..') return `${name} cannot stand in a path.`
  if (GITS_OWN.test(name.replace(IGNORED_BY_HFS, ''))) return `${printable(name)} is a name that belongs to git itself.`
  if (DRIVE.test(name)) return 'A drive letter cannot stand in a path.'
  if (/[ .]$/.test(name)) return 'A name cannot end with a dot or a space: Windows could not store it.'
  return bytes(name) > NAME_MAX_BYTES ? `A name can have ${NAME_MAX_BYTES} bytes at most.` : undefined
}

function printable(name: string): string {
  return name.replace(IGNORED_BY_HFS, '')
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length
}
