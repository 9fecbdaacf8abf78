// What a person reads for each kind of event. The words follow the name of whoever did it.

export type Data = Record<string, unknown>

/** Names for the ids in an event's facts. */
export interface Names {
  person(id: unknown): string
  group(id: unknown): string
}

type Words = string | ((data: Data, names: Names) => string)

/** Area by area: the label of a kind, for choosing, and its words. */
const AREAS: Record<string, { label: string; kinds: Record<string, [label: string, words: Words]> }> = {
  session: {
    label: 'Sign-ins',
    kinds: {
      'session:opened': ['Signed in', 'signed in'],
      'session:ended': ['Signed out', ({ other }) => (other === true ? 'signed another browser out' : 'signed out')],
      'session:failed': ['Failed to sign in', failedWords],
    },
  },
  user: {
    label: 'Accounts',
    kinds: {
      'user:created': ['Account made', ({ admin }) => (admin === true ? 'joined as an admin' : 'joined')],
      'user:changed': ['Account changed by an admin', userWords],
      'user:profile': ['Name changed', 'changed their name'],
      'user:mail': ['Mail address', ({ step }) => MAIL_STEPS[text(step)] ?? 'changed their mail address'],
      'user:password': ['Password changed', passwordWords],
      'user:reset-link': ['Reset link made', ({ username }) => `made a reset link for ${text(username)}`],
      'user:entry-link': ['Sign-in link made', ({ username }) => `made a sign-in link for ${text(username)}`],
      'token:created': ['Token made', ({ label }) => `made the token “${text(label)}”`],
      'token:renewed': ['Token renewed', ({ label }) => `renewed the token “${text(label)}”`],
      'token:revoked': ['Token revoked', revokedWords],
      'oauth:authorized': ['Application let in', ({ name }) => `let the application ${text(name)} in`],
      'oauth:revoked': ['Application let in no more', 'let an application in no more'],
      'oauth:replayed': ['OAuth token used twice', ({ name }) => `was cut off from ${text(name)}: a token came twice`],
      'app-password:created': ['App password made', ({ label }) => `made the app password “${text(label)}”`],
      'app-password:revoked': ['App password revoked', ({ label }) => `revoked the app password${quoted(label)}`],
    },
  },
  factor: {
    label: 'Second factor',
    kinds: {
      'factor:on': ['Switched on', 'switched on their second factor'],
      'factor:off': ['Switched off', 'switched off their second factor'],
      'factor:refused': ['Wrong code', 'gave a wrong code of the second factor'],
      'factor:recovery': ['Recovery code used', ({ left }) => `used a recovery code; ${text(left)} are left`],
      'factor:codes': ['New recovery codes', 'made new recovery codes'],
      'factor:reset': ['Reset by an admin', ({ username }) => `switched off the second factor of ${text(username)}`],
    },
  },
  invitation: {
    label: 'Invitations',
    kinds: {
      'invitation:created': ['Invited', ({ role }) => `invited somebody as ${text(role)}`],
      'invitation:accepted': ['Invitation accepted', 'accepted an invitation'],
      'invitation:withdrawn': ['Invitation withdrawn', 'withdrew an invitation'],
    },
  },
  repo: {
    label: 'Repositories',
    kinds: {
      'repo:push': ['Pushed', pushWords],
      'repo:transfer-cancelled': ['Transfer ended by an admin', transferWords],
      'repo:created': ['Made', 'made the repository'],
      'repo:imported': ['Imported', ({ url }) => `imported ${text(url)}`],
      'repo:updated': ['Changed', updateWords],
      'repo:deleted': ['Deleted', 'deleted the repository'],
      'repo:permission': ['Permission changed', permissionWords],
      'repo:restored': ['Branch restored', ({ ref }) => `restored ${refName(ref)}`],
      'repo:quarantine': ['Closed or opened', quarantineWords],
      'repo:purge': ['Purge asked for', 'asked to remove old history for good'],
      'repo:purged': ['Purged', 'removed old history for good'],
      'deploy-token:created': ['Deploy token made', ({ name }) => `made the deploy token “${text(name)}”`],
      'deploy-token:revoked': ['Deploy token revoked', ({ name }) => `revoked the deploy token “${text(name)}”`],
      'repo:move': ['Move asked for', ({ to }) => `asked to move the repository to the disk ${text(to)}`],
      'repo:moved': ['Moved', ({ from, to }) => `moved the repository from the disk ${text(from)} to ${text(to)}`],
      'repo:copy-restored': ['Old copy put back', ({ to }) => `put the copy on the disk ${text(to)} back in use`],
      'repo:copy-removed': ['Old copy removed', ({ from }) => `removed the old copy on the disk ${text(from)}`],
      'repo:damaged': ['Found damaged', ({ words }) => `was found damaged: ${text(words)}`],
      'import:started': ['Import started', ({ url }) => `started an import from ${text(url)}`],
      'import:cancelled': ['Import cancelled', ({ url }) => `cancelled the import from ${text(url)}`],
      'import:failed': ['Import failed', ({ url }) => `could not import ${text(url)}`],
    },
  },
  workspace: {
    label: 'Workspaces',
    kinds: {
      'workspace:created': ['Made', 'made the workspace'],
      'workspace:changed': ['Changed', 'changed the settings of the workspace'],
      'workspace:deleted': ['Deleted', ({ slug }) => `deleted the workspace ${text(slug)}`],
      'workspace:member': ['Member changed', memberWords],
      'oauth-consumer:created': ['OAuth consumer made', ({ name }) => `registered the application ${text(name)}`],
      'oauth-consumer:changed': ['OAuth consumer changed', ({ name }) => `changed the application ${text(name)}`],
      'oauth-consumer:secret': ['OAuth secret made', ({ name }) => `made a new secret for ${text(name)}`],
      'oauth-consumer:deleted': ['OAuth consumer removed', ({ name }) => `removed the application ${text(name)}`],
      'project:created': ['Project made', ({ key }) => `made the project ${text(key)}`],
      'project:changed': ['Project changed', ({ key }) => `changed the project ${text(key)}`],
      'project:deleted': ['Project deleted', ({ key }) => `deleted the project ${text(key)}`],
      'group:created': ['Group made', ({ slug }) => `made the group ${text(slug)}`],
      'group:deleted': ['Group deleted', ({ slug }) => `deleted the group ${text(slug)}`],
      'group:member': ['Group changed', groupWords],
    },
  },
  volume: {
    label: 'Disks',
    kinds: {
      'volume:added': ['Added', ({ name, path }) => `added the disk ${text(name)} at ${text(path)}`],
      'volume:changed': ['Changed', ({ was }) => `changed the disk ${text(was)}`],
      'database:damaged': ['Database damaged', ({ words }) => `found the database damaged: ${text(words)}`],
      'volume:removed': ['Removed', ({ name, path }) => `removed the disk ${text(name)} at ${text(path)}`],
    },
  },
  webhook: {
    label: 'Webhooks',
    kinds: {
      'webhook:created': ['Added', ({ url }) => `added a webhook to ${text(url)}`],
      'webhook:changed': ['Changed', ({ url }) => `changed the webhook to ${text(url)}`],
      'webhook:deleted': ['Removed', ({ url }) => `removed the webhook to ${text(url)}`],
      'webhook:sent': ['Sent by hand', ({ url }) => `sent to the webhook ${text(url)} by hand`],
    },
  },
  job: {
    label: 'Jobs',
    kinds: {
      'job:parked': ['Parked', ({ kind }) => `parked a job (${text(kind)}) after its last attempt`],
      'job:resumed': ['Resumed', ({ kind }) => `resumed a job (${text(kind)})`],
      'job:discarded': ['Discarded', ({ kind }) => `discarded a job (${text(kind)})`],
      'job:cancelled': ['Cancelled', ({ kind }) => `cancelled a job (${text(kind)})`],
    },
  },
  https: {
    label: 'HTTPS',
    kinds: {
      'https:changed': ['Changed', httpsWords],
      'https:renewed': ['Renewed by hand', 'had the certificate for HTTPS renewed'],
      'https:authority-replaced': [
        'Authority replaced',
        ({ fingerprint }) => `replaced the authority for HTTPS, now ${text(fingerprint)}`,
      ],
    },
  },
  settings: {
    label: 'Settings',
    kinds: {
      'settings:changed': ['Settings', (data) => `changed the settings: ${Object.keys(data).join(', ')}`],
      'token-key:rotated': ['Token key rotated', 'let a new key sign tokens'],
      'token-key:withdrawn': ['Token key withdrawn', ({ kid }) => `withdrew the token key ${text(kid)}`],
      'limits:exempted': [
        'Exempted from limits',
        ({ account, address }) => `exempted ${text(account ?? address)} from the rate limits`,
      ],
      'mail:settings': ['Mail settings', ({ host }) => `changed how mail is sent, by ${text(host)}`],
      'mail:tested': ['Test mail', 'sent a test mail'],
      'audit:retention': ['Retention of this log', retentionWords],
      'audit:pruned': ['Old events let go', ({ count }) => `let ${text(count)} old events go, as the retention says`],
    },
  },
}

const KINDS = new Map(
  Object.values(AREAS).flatMap(({ kinds }) => Object.entries(kinds).map(([kind, [, words]]) => [kind, words] as const)),
)

/** A kind without words of its own is read as it is written. */
export function wordsOf(kind: string, data: Data, names: Names): string {
  const words = KINDS.get(kind)
  if (words === undefined) return kind.replace(/[:_-]/g, ' ')
  return typeof words === 'string' ? words : words(data, names)
}

export function kindsByArea(): { area: string; label: string; kinds: { kind: string; label: string }[] }[] {
  return Object.entries(AREAS).map(([area, { label, kinds }]) => ({
    area,
    label,
    kinds: Object.entries(kinds).map(([kind, [label]]) => ({ kind, label })),
  }))
}

/** The kinds that one choice stands for: those of an area, or the one itself. */
export function kindsOf(choice: string): { prefix: string; kinds: string[] } {
  return { prefix: `${choice}:`, kinds: [choice, ...Object.keys(AREAS[choice]?.kinds ?? {})] }
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '…'
}

const WAYS: Record<string, string> = {
  off: 'switched HTTPS off',
  own: 'chose HTTPS with an authority of this server',
  given: 'chose HTTPS with certificate files',
}

function httpsWords({ mode, redirect, certificate_file }: Data): string {
  const files = mode === 'given' ? ` (${text(certificate_file)})` : ''
  return `${WAYS[text(mode)] ?? 'changed HTTPS'}${files}${redirect === true ? ', to which plain HTTP leads' : ''}`
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? ` “${value}”` : ''
}

function revokedWords({ all, label }: Data): string {
  return all === true ? 'revoked all tokens' : `revoked the token${quoted(label)}`
}

function refName(ref: unknown): string {
  return text(ref).replace(/^refs\/(heads|tags)\//, '')
}

const MAIL_STEPS: Record<string, string> = {
  asked: 'named another mail address',
  confirmed: 'confirmed their mail address',
  removed: 'removed their mail address',
}

const PUSHED: Record<string, string> = {
  created: 'created',
  updated: 'pushed to',
  forced: 'force-pushed',
  deleted: 'deleted',
}

function transferWords({ service, account }: Data): string {
  const what = service === 'git-receive-pack' ? 'push' : 'clone or fetch'
  return `ended a ${what} of ${account === '' ? 'a guest' : text(account)}`
}

function pushWords({ changes }: Data): string {
  const [first, ...others] = (Array.isArray(changes) ? changes : []) as { ref?: unknown; kind?: string }[]
  if (!first) return 'pushed'
  const more = others.length > 0 ? ` and ${others.length} more` : ''
  return `${PUSHED[first.kind ?? ''] ?? 'pushed to'} ${refName(first.ref)}${more}`
}

function updateWords({ from, to, visibility, mainBranch, description, projectKey }: Data): string {
  const said = [
    ...(from === to ? [] : [`renamed ${text(from)} to ${text(to)}`]),
    ...(visibility === undefined ? [] : [`set the visibility to ${text(visibility)}`]),
    ...(mainBranch === undefined ? [] : [`made ${text(mainBranch)} the main branch`]),
    ...(projectKey === undefined ? [] : [`set the project to ${text(projectKey)}`]),
    ...(description === undefined ? [] : ['changed the description']),
  ]
  return said.length === 0 ? 'changed the repository' : said.join(', ')
}

function quarantineWords({ to, reason }: Data): string {
  if (to === 'open') return 'opened the repository again'
  return `${to === 'off' ? 'switched the repository off' : 'made the repository read-only'}: ${text(reason)}`
}

function permissionWords({ userId, groupId, permission }: Data, names: Names): string {
  const who = userId === undefined ? `the group ${names.group(groupId)}` : names.person(userId)
  if (permission === null) return `took back the permission of ${who}`
  return permission === 'none' ? `shut ${who} out` : `gave ${who} ${text(permission)} permission`
}

function memberWords({ user, role }: Data, names: Names): string {
  const who = names.person(user)
  return role === null ? `took ${who} out of the workspace` : `made ${who} ${text(role)} of the workspace`
}

function groupWords({ user, slug, added }: Data, names: Names): string {
  const who = names.person(user)
  return added === true ? `added ${who} to the group ${text(slug)}` : `took ${who} out of the group ${text(slug)}`
}

function userWords({ username, is_admin, state }: Data): string {
  const role = is_admin === 1 ? 'an admin' : 'not an admin'
  return `set the account of ${text(username)}: ${text(state)}, ${role}`
}

function passwordWords({ by, revoked }: Data): string {
  const how = by === 'link' ? 'set a new password with a reset link' : 'changed their password'
  return revoked === true ? `${how} and revoked all app passwords` : how
}

function failedWords({ user, count }: Data, names: Names): string {
  const times = typeof count === 'number' && count > 1 ? `${count} times ` : ''
  const as = user === undefined ? 'under a name that does not exist' : `as ${names.person(user)}`
  return `failed ${times}to sign in ${as}`
}

function retentionWords({ days }: Data): string {
  return days === null ? 'set events to be kept for ever' : `set events to be kept for ${text(days)} days`
}
