// The wire shapes of storage: disks, how much they keep free, what the nightly care found, moves between disks.
import { z } from 'zod'
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

/** GET /admin/storage */
export const Storage = z.object({
  volumes: z.array(VolumeEntry),
  settings: StorageSettings,
  /** The clock of the server, for the hour of the night. */
  now: Time,
})
export type Storage = z.infer<typeof Storage>
