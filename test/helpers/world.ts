// A team with everybody in it: one person per role, one repository per visibility. And what the world looks like.
import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { type Client, signIn, teammate } from './client.ts'
import { git, makeWork, withLogin } from './git.ts'
import { ADMIN, type Server } from './server.ts'

export const VISIBILITIES = ['private', 'internal', 'public'] as const
export type Visibility = (typeof VISIBILITIES)[number]

/** Who plays which role towards the workspace `team` and its repositories. */
export const PEOPLE = {
  stranger: 'stan',
  reader: 'rita',
  writer: 'will',
  administrator: 'adam',
  collaborator: 'cora',
  member: 'mia',
  owner: 'olga',
  site: ADMIN.name,
} as const
export type Role = keyof typeof PEOPLE

export interface World {
  server: Server
  clients: Record<Role, Client>
  /** Commit on `main` of each repository of `team`. */
  commit: string
}

export function passwordOf(role: Role): string {
  return role === 'site' ? ADMIN.password : `${PEOPLE[role]} has a password`
}

/** `dir`: an empty folder for the work tree. */
export async function makeWorld(server: Server, dir: string): Promise<World> {
  const site = await signIn(server)
  const join_ = (role: Role): Promise<Client> => teammate(server, site, { name: PEOPLE[role] })
  const owner = await join_('owner')
  await must(owner.post('/api/gitstead/1/workspaces', { slug: 'team', name: 'Team' }))
  const clients: Record<Role, Client> = {
    site,
    owner,
    stranger: await join_('stranger'),
    reader: await join_('reader'),
    writer: await join_('writer'),
    administrator: await join_('administrator'),
    collaborator: await teammate(server, owner, { name: PEOPLE.collaborator, workspace: 'team' }),
    member: await teammate(server, owner, { name: PEOPLE.member, workspace: 'team', role: 'member' }),
  }
  await must(owner.post('/api/gitstead/1/groups', { workspace: 'team', name: 'crew' }))
  await makeWork(join(dir, 'work'), { 'README.md': '# Team\n', 'src/a.txt': 'a\n' })
  const commit = await git(join(dir, 'work'), ['rev-parse', 'HEAD'])
  for (const visibility of VISIBILITIES) {
    await makeRepository(owner, visibility, visibility)
    const url = withLogin(`${server.url}/team/${visibility}.git`, PEOPLE.owner, passwordOf('owner'))
    await git(join(dir, 'work'), [
      'push',
      '-q',
      url,
      'main',
      'main:refs/heads/topic',
      'main:refs/heads/both',
      'main:refs/tags/both',
    ])
  }
  await quiet(server)
  return { server, clients, commit }
}

/** A repository of `team` with a grant for each role that is made by one. */
export async function makeRepository(owner: Client, slug: string, visibility: Visibility): Promise<void> {
  const at = `/2.0/repositories/team/${slug}`
  await must(owner.post(at, { visibility }))
  const grants = { reader: 'read', writer: 'write', administrator: 'admin', site: 'read' } as const
  for (const [role, permission] of Object.entries(grants)) {
    await must(owner.put(`${at}/permissions-config/users/${PEOPLE[role as Role]}`, { permission }))
  }
  await must(owner.put(`${at}/permissions-config/groups/crew`, { permission: 'read' }))
}

async function must(answer: Promise<{ status: number; text: string }>): Promise<void> {
  const { status, text } = await answer
  if (status >= 300) throw new Error(`the world could not be made: ${status} ${text}`)
}

/** Jobs, and events of which nobody was told yet. */
const AT_WORK = `select (select count(*) from jobs where state in ('waiting', 'running')) +
  (select max(id) from events) - (select at from cursors where name = 'notices') as n`

/** Waits until nothing is left that would change the world by itself. */
export async function quiet(server: Server): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { n } = rows(server, AT_WORK)[0] as { n: number }
    if (n === 0) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('jobs do not come to an end')
}

export function rows(server: Server, sql: string, ...values: unknown[]): Record<string, unknown>[] {
  const db = new Database(join(server.data, 'gitstead.db'), { readonly: true })
  try {
    return db.prepare(sql).all(...values) as Record<string, unknown>[]
  } finally {
    db.close()
  }
}

/** When somebody was last seen changes with every request, and tells nothing. */
const VOLATILE = new Set(['last_used_at', 'last_seen_at'])

/** What the server notes of itself, at times of its own. */
const MEASURES = new Set(['samples', 'slow_requests', 'pulses'])

/** A fingerprint of all that is stored: of the rows of each table, and every file of every repository by name and size. */
export function digest(server: Server): Record<string, unknown> {
  const found: Record<string, unknown> = { files: files(join(server.data, 'volumes')) }
  const db = new Database(join(server.data, 'gitstead.db'), { readonly: true })
  try {
    const tables = db.prepare("select name from sqlite_master where type = 'table' order by name").all() as {
      name: string
    }[]
    for (const { name } of tables.filter((table) => !MEASURES.has(table.name))) {
      const hash = createHash('sha256')
      for (const row of db.prepare(`select * from "${name}"`).all() as Record<string, unknown>[])
        hash.update(JSON.stringify(Object.entries(row).filter(([column]) => !VOLATILE.has(column))))
      found[name] = hash.digest('hex')
    }
  } finally {
    db.close()
  }
  return found
}

/** Waits until nothing that was set going earlier changes anything any more. */
export async function atRest(server: Server): Promise<void> {
  for (let before = '', now = ' '; before !== now; now = JSON.stringify(digest(server))) {
    await quiet(server)
    before = JSON.stringify(digest(server))
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

/** What the server writes now and then to see how long a disk takes; all other scratch lies in folders. */
const TRIAL = /\/scratch\/\d+-[^/]+$/

/** Every file below, as `path size`, in order. */
export function files(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !TRIAL.test(path))
    .map((path) => `${path} ${statSync(path, { throwIfNoEntry: false })?.size ?? 'gone'}`)
    .toSorted()
}
