// The wire shapes of deploy tokens: of a repository, and of nobody.
import { z } from 'zod'
import { Line } from './names.ts'

const Time = z.iso.datetime()
export const DeployPermission = z.enum(['read', 'write'])

export const NewDeployToken = z.object({
  name: Line.min(1, 'Say what it is for.').max(60),
  permission: DeployPermission.default('read'),
  /** Null: until it is revoked. */
  expires_on: Time.nullish(),
})
export const DeployToken = z.object({
  id: z.string(),
  name: z.string(),
  permission: DeployPermission,
  /** Who made it, or null when the account is gone. */
  created_by: z.string().nullable(),
  created_on: Time,
  expires_on: Time.nullable(),
  last_used_on: Time.nullable(),
})
export type DeployToken = z.infer<typeof DeployToken>
/** The secret is in this answer and never again. */
export const CreatedDeployToken = DeployToken.extend({ secret: z.string() })
export type CreatedDeployToken = z.infer<typeof CreatedDeployToken>
