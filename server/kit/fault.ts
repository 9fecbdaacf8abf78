// The one kind of error that is meant for the person at the other end: a code, its facts, and nothing secret.

/** Status and sentence per code. `{name}` in a sentence is filled from the fault's facts. */
const FAULTS = {
  'request.invalid': [400, 'The request is not valid.'],
  'request.too-large': [413, 'The request is larger than this address accepts.'],
  'request.type': [415, 'Send the body as JSON, with the content type application/json.'],
  'request.late': [503, 'This took longer than {limit} seconds and was ended.'],
  'request.host': [421, 'This server does not answer for the host name {host}. An admin can allow it under Settings.'],
  'request.origin': [403, 'The request came from another site and was refused.'],
  'request.https': [403, 'This server takes this over HTTPS only. Use {url} instead.'],
  'https.unusable': [400, 'This certificate cannot be used. {detail}'],
  'auth.needed': [401, 'Sign in to do this.'],
  'auth.wrong': [401, 'The user name or the password is wrong.'],
  'auth.signed': [401, 'This signed request is refused.'],
  'auth.code': [401, 'The code is wrong, or it was used already.'],
  'auth.again': [401, 'This sign-in has taken too long, or too many codes were wrong. Start again with your password.'],
  'auth.factor': [403, 'This server asks for a second factor. Set it up under Account, then go on.'],
  'auth.throttled': [429, 'Too many failed attempts. Try again in {seconds} seconds.'],
  'rate.limited': [429, 'Too many requests: {limit} a minute are allowed. Try again in {seconds} seconds.'],
  'auth.oauth1': [
    403,
    'OAuth 1.0a is switched off on this server. Use OAuth 2, or ask an admin to switch it on under Settings.',
  ],
  'auth.forbidden': [403, 'Your account may not do this.'],
  'auth.scope': [403, 'This token lacks the scope {scope}.'],
  'link.gone': [410, 'This link has been used, has expired or was withdrawn. Ask for a new one.'],
  'not-found': [404, 'There is nothing here, or you may not see it.'],
  'name.taken': [409, 'The name {name} is already taken.'],
  'edit.conflict': [409, 'Somebody has changed the same files in the meantime.'],
  conflict: [409, 'This no longer fits what is stored now. Reload and try again.'],
  'repository.read-only': [403, 'This repository is read-only at the moment: {reason}'],
  'repository.off': [403, 'This repository is switched off at the moment: {reason}'],
  'repository.purging': [503, 'History is being removed for good in this repository. Try again in a minute.'],
  'repository.moving': [503, 'This repository is being moved to another disk. Try again in a minute.'],
  'repository.moved': [503, 'This repository has just changed its place. Try again.'],
  'feed.damaged': [503, 'The list of what happened is damaged and is made anew. Look again in a minute.'],
  'git.failed': [500, 'Git could not do this.'],
  'git.missing': [500, 'Git was not found on this machine.'],
  'git.old': [500, 'Git {version} is too old: version {needed} or newer is needed.'],
  'git.deadline': [503, 'Git took longer than is allowed for this.'],
  'git.cancelled': [503, 'An admin of this server ended the transfer.'],
  'git.output': [422, 'The answer is too large to show.'],
  'git.object': [404, 'There is no such commit, branch, tag or path in this repository.'],
  'git.empty': [404, 'This repository has no commits yet.'],
  'git.corrupt': [503, 'This repository is damaged on disk: {detail}. An admin can see more with gitstead doctor.'],
  busy: [503, 'The server is busy. Try again in a moment.'],
  'storage.full': [507, 'The disk of this server is nearly full; nothing was stored. An admin can make room.'],
  'storage.read-only': [503, 'The disk {volume} of this server can only be read now; nothing was stored.'],
  'storage.missing': [
    503,
    'The disk {volume} is not connected to this server now. What lies on it comes back with it.',
  ],
  'storage.closed': [503, 'No disk of this server takes new repositories now. An admin can open one.'],
  'data.newer': [
    500,
    'The database was written by a newer Gitstead (step {step}, this program knows {known}). Start the newer program{or}.',
  ],
  'data.migration': [
    500,
    'The database could not be brought to step {step} ({name}) and is as it was before: {reason}',
  ],
  'import.failed': [502, 'The repository could not be imported. {detail}'],
  internal: [500, 'Something went wrong here. It was logged under {id}.'],
} as const satisfies Record<string, readonly [number, string]>

export type FaultCode = keyof typeof FAULTS

export interface FaultFacts {
  [name: string]: unknown
  /** A sentence that says more than the code's own. */
  detail?: string
  /** Field name to what is wrong with it, for forms. */
  fields?: Record<string, string[]>
  /** What a program needs to go on. */
  data?: Record<string, unknown>
}

export class Fault extends Error {
  readonly code: FaultCode
  readonly facts: FaultFacts
  constructor(code: FaultCode, facts: FaultFacts = {}) {
    const [, sentence] = FAULTS[code]
    super(sentence.replace(/\{(\w+)\}/g, (_all, name: string) => plain(facts[name])))
    this.name = 'Fault'
    this.code = code
    this.facts = facts
  }
  get status(): number {
    return FAULTS[this.code][0]
  }
}

function plain(fact: unknown): string {
  return typeof fact === 'string' || typeof fact === 'number' ? String(fact) : ''
}

/** What was thrown says in a sentence; anything can be thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
