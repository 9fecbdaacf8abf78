// The tables of repositories, and of the disks that they lie on.
import type { Generated } from 'kysely'

export interface RepositoryTable {
  id: string
  workspace_id: string
  project_id: string
  slug: string
  name: string
  description: string
  visibility: 'private' | 'internal' | 'public'
  main_branch: string
  volume: string
  parent_id: string | null
  language: string
  size: number
  is_empty: number
  created_by: string | null
  created_at: string
  updated_at: string
  /** What an admin of the server has left open of it, why, and since when. */
  mode: Generated<'open' | 'read-only' | 'off'>
  mode_reason: Generated<string>
  mode_since: Generated<string | null>
}

export interface GrantTable {
  repository_id: string
  user_id: string | null
  group_id: string | null
  permission: 'none' | 'read' | 'write' | 'admin'
}

/** The journal of ref updates: written before git moves a ref, finished with what git reported. */
export interface PushTable {
  id: Generated<number>
  repository_id: string
  actor_id: string | null
  state: 'pending' | 'done' | 'void'
  /** JSON: [{ref, oldOid, newOid}] as asked. */
  commands: string
  /** JSON: [{ref, kind, oldOid, newOid}] as done. */
  changes: string
  /** 1: all of the commands or none. */
  atomic: Generated<number>
  /** The process of the server that asks git for it. */
  process: string
  certificate: string | null
  /** JSON: {id, name} of the deploy token that it came with, as it was called then. */
  deploy_token: string | null
  address: string
  created_at: string
  finished_at: string | null
}

export interface VolumeTable {
  /** Also in the marker file at the root of the disk; `main` for the one in the data folder. */
  id: string
  name: string
  path: string
  state: 'open' | 'closed'
  /** Null: as the server's settings say. */
  reserve: string | null
  created_at: string
}

/** Nothing is announced in a repository while the job that shut its gate holds the lease that it had then. */
export interface GateTable {
  repository_id: string
  job: number
  lease: string
}

/** The folder that a repository had before it was moved to another volume. */
export interface OldCopyTable {
  id: Generated<number>
  repository_id: string
  volume: string
  moved_at: string
  remove_at: string
}

export interface CareTable {
  repository_id: string
  verdict: 'whole' | 'damaged' | 'missing' | 'busy' | 'failed' | null
  /** What was found, for a person. */
  words: string
  checked_at: string | null
  milliseconds: number | null
  /** JSON: sizes and counts. */
  figures: string | null
  counted_at: string | null
}
