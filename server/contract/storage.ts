// The wire shapes of storage: disks, how much they keep free, what the nightly care found, moves between disks.
import { z } from 'zod'
import { JobState } from './jobs.ts'
import { Line } from './names.ts'

const Time = z.iso.datetime()

/** `auto`, a size such as `10 GB`, or a share such as `5 %`. */
export const Reserve = z
  .string()
  .trim()
  .regex(/^(auto|\d{1,6}(\.\d{1,3})? ?(MB|GB|TB)|([0-8]?\d(\.\d{1,3})?|90) ?%)$/i, 'Write it as 10 GB or as 5 %.')

export const StorageSettings = z.object({
  reserve: Reserve,
  /** Local time of the server: when the nightly care begins. */
  night_hour: z.number().int().min(0).max(23),
})
export type StorageSettings = z.infer<typeof StorageSettings>

export const VolumeEntry = z.object({
  id: z.string(),
  name: z.string(),
  path: z.string(),
  state: z.enum(['open', 'closed']),
  /** What the server meets when it looks at the disk. */
  condition: z.enum(['ready', 'full', 'read-only', 'missing']),
  total: z.number(),
  free: z.number(),
  /** Bytes that are kept free, and how that was written; null where the server's setting counts. */
  reserve: z.number(),
  own_reserve: z.string().nullable(),
  repositories: z.number(),
  /** Bytes of all repositories on it, as they were counted last. */
  used: z.number(),
  old_copies: z.number(),
  /** Names of other volumes on the same disk. */
  shares_with: z.array(z.string()),
  removable: z.boolean(),
})
export type VolumeEntry = z.infer<typeof VolumeEntry>

export const NewVolume = z.object({
  name: Line.min(1, 'Give it a name.').max(60),
  path: z.string().trim().min(1, 'Name the folder.').max(1000),
  reserve: Reserve.nullish(),
})
export type NewVolume = z.infer<typeof NewVolume>
export const VolumeChange = z.object({
  name: NewVolume.shape.name.optional(),
  state: z.enum(['open', 'closed']).optional(),
  reserve: Reserve.nullish(),
})
export type VolumeChange = z.infer<typeof VolumeChange>

export const NewMove = z.object({ repository: z.string().max(300), volume: z.string().max(100) })

export const MoveEntry = z.object({
  job: z.string(),
  repository: z.string(),
  /** Names of disks. */
  from: z.string(),
  to: z.string(),
  state: JobState,
  progress: z.string(),
  error: z.string().nullable(),
  /** An old copy is put back; nothing is copied. */
  restores: z.boolean(),
  finished_on: Time.nullable(),
})
export type MoveEntry = z.infer<typeof MoveEntry>

/** What a move left on the disk where the repository was before. */
export const OldCopyEntry = z.object({
  id: z.string(),
  repository: z.string(),
  volume: z.string(),
  moved_on: Time,
  removed_on: Time,
  /** Pushes since then: they are not in the copy. */
  pushes_since: z.number(),
})
export type OldCopyEntry = z.infer<typeof OldCopyEntry>
/** The full name of the repository, typed. */
export const RestoreCopy = z.object({ confirm: z.string().max(300) })

export const Figures = z.object({
  bytes: z.number(),
  objects: z.number(),
  packs: z.number(),
  commits: z.number(),
  branches: z.number(),
  tags: z.number(),
  /** Tips of overwritten and deleted branches that can be restored. */
  kept: z.number(),
})

export const RepositoryStorage = z.object({
  repository: z.string(),
  volume: z.string(),
  volume_id: z.string(),
  size: z.number(),
  verdict: z.enum(['whole', 'damaged', 'missing', 'busy', 'failed']).nullable(),
  words: z.string(),
  checked_on: Time.nullable(),
  figures: Figures.nullable(),
  counted_on: Time.nullable(),
})
export type RepositoryStorage = z.infer<typeof RepositoryStorage>

/** Without a repository all of them are looked at, as at night. */
export const NewCheck = z.object({ repository: z.string().max(300).optional() })

export const Night = z.object({
  state: JobState.nullable(),
  /** How far it is, or what it found. */
  words: z.string(),
  started_on: Time.nullable(),
  finished_on: Time.nullable(),
  next_on: Time.nullable(),
})

/** GET /admin/storage */
export const Storage = z.object({
  volumes: z.array(VolumeEntry),
  /** Under way, parked, or ended within the last day. */
  moves: z.array(MoveEntry),
  old_copies: z.array(OldCopyEntry),
  /** The largest repositories, damaged ones first. */
  repositories: z.array(RepositoryStorage),
  night: Night,
  settings: StorageSettings,
  /** The clock of the server, for the hour of the night. */
  now: Time,
})
export type Storage = z.infer<typeof Storage>
