// The one object that carries the infrastructure, and the values that doors hand to handlers. Types only.
import type { Selectable } from 'kysely'
import type { Config } from './config.ts'
import type { Permission, Scope, WorkspaceRole } from './contract/names.ts'
import type { Feed } from './db/feed.ts'
import type { Db } from './db/open.ts'
import type { RepositoryTable } from './db/tables/repositories.ts'
import type { WorkspaceTable } from './db/tables/workspaces.ts'
import type { Classes } from './edge/classes.ts'
import type { Passwords } from './features/accounts/passwords.ts'
import type { Throttle } from './features/accounts/throttle.ts'
import type { Git } from './git/run/run.ts'
import type { Reads } from './git/read/reads.ts'
import type { Refs } from './git/refs/refs.ts'
import type { PackCache } from './git/wire/packcache.ts'
import type { Wire } from './git/wire/serve.ts'
import type { Log } from './kit/log.ts'
import type { Markup } from './kit/markup/markup.ts'
import type { Limits } from './limits/limits.ts'
import type { Meters } from './meters/meters.ts'
import type { Neighbours } from './meters/neighbours.ts'
import type { Transfers } from './meters/transfers.ts'
import type { Visits } from './meters/visit.ts'
import type { Bus } from './outbox/bus.ts'
import type { Volumes } from './storage/volumes.ts'

export interface Rooms {
  config: Config
  log: Log
  db: Db
  /** Made of the events, for lists of activity. */
  feed: Feed
  git: Git
  refs: Refs
  reads: Reads
  packs: PackCache
  /** Renders what people wrote. */
  markup: Markup
  wire: Wire
  volumes: Volumes
  passwords: Passwords
  throttle: Throttle
  /** How many requests of each class are at work in this process, and wait. */
  classes: Classes
  /** How many requests a caller may make, and has made. */
  limits: Limits
  /** Tells the parts of this process what was committed: pushes for open pages, changed settings. */
  bus: Bus
  meters: Meters
  /** The requests of this process, from their beginning to their end. */
  visits: Visits
  transfers: Transfers
  /** Asks all processes of this server. */
  neighbours: Neighbours
  /** Key of this installation, 256 bits, for HMACs that must outlive a restart. */
  key: Buffer
  /** When, in which place of the pool and under which id this process started. */
  instance: { id: string; name: string; startedAt: Date }
  /** The address that the program itself listens on, once it listens. */
  address: { url: string }
}

export interface User {
  kind: 'user'
  id: string
  name: string
  displayName: string
  isAdmin: boolean
  createdAt: string
  via: 'session' | 'app-password' | 'signed-token' | 'oauth' | 'password' | 'shell'
  /** Scopes of the token, or null for a person in their own right. */
  scopes: readonly Scope[] | null
  /** The one repository that the token opens. */
  onlyRepository: string | null
  /** Id of the session or of the token. */
  credential: string
  /** Whether the server asks for a second factor that they have yet to set up: nothing else is open to them. */
  owesFactor?: boolean
}

/** A machine with a token of one repository: nobody's account, and nothing but this repository is open to it. */
export interface Deploy {
  kind: 'deploy'
  /** Id of the token. */
  id: string
  name: string
  scopes: readonly Scope[]
  onlyRepository: string
  permission: 'read' | 'write'
  credential: string
}

export type Actor = User | Deploy | { kind: 'guest' }

export interface RepositoryView extends Selectable<RepositoryTable> {
  workspace: Pick<WorkspaceTable, 'id' | 'slug' | 'name' | 'owner_id'>
  project: { id: string; key: string; name: string }
  /** What the actor may do here. */
  permission: Permission
}

export interface WorkspaceView extends WorkspaceTable {
  /** The actor's role; null for those who only see a repository in it. */
  role: WorkspaceRole | null
}
