// The words that every room and page shares: permissions, roles, scopes, and what a name may look like.
import { z } from 'zod'

export const VISIBILITIES = ['private', 'internal', 'public'] as const
export const Visibility = z.enum(VISIBILITIES)
export type Visibility = z.infer<typeof Visibility>

export const PERMISSIONS = ['none', 'read', 'write', 'admin'] as const
export const Permission = z.enum(PERMISSIONS)
export type Permission = z.infer<typeof Permission>

/** Workspace roles: an owner administers it, a member may create repositories in it, a collaborator sees what is shared. */
export const WorkspaceRole = z.enum(['owner', 'member', 'collaborator'])
export type WorkspaceRole = z.infer<typeof WorkspaceRole>

export const SCOPES = [
  'account',
  'account:write',
  'repository',
  'repository:write',
  'repository:admin',
  'repository:delete',
  'project',
  'project:admin',
  'pullrequest',
  'pullrequest:write',
  'webhook',
  'metrics',
] as const
export const Scope = z.enum(SCOPES)
export type Scope = z.infer<typeof Scope>

/** User names and workspace slugs: lower case, so that two names never differ by case or by look-alike letters alone. */
export const Slug = z
  .string()
  .min(1)
  .max(62)
  .regex(/^[a-z0-9](?:[a-z0-9._-]*[a-z0-9_-])?$/, 'Use lower-case letters, digits, dot, dash and underscore.')
  .refine((name) => !name.includes('..'), 'Two dots in a row are not allowed.')
  .refine((name) => !name.endsWith('.git') && !name.endsWith('.lock'), 'A name must not end in .git or .lock.')
  .refine((name) => !WINDOWS_DEVICES.test(name), 'This name is reserved by Windows.')

const WINDOWS_DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/

/** First path segments that belong to the program, so that no workspace can take them. */
export const RESERVED = new Set([
  '2.0',
  '1.0',
  'account',
  'admin',
  'api',
  'api-docs',
  'assets',
  'confirm',
  'dashboard',
  'favicon.ico',
  'health',
  'healthz',
  'import',
  'invite',
  'login',
  'metrics',
  'new',
  'new-workspace',
  'notifications',
  'people',
  'repositories',
  'reset',
  'robots.txt',
  'setup',
  'enter',
  'sign-in',
  'sign-out',
  'site',
  'snippets',
  'static',
  'trust',
  'workspaces',
])

/** bcrypt reads 72 bytes and ignores the rest, so a longer password is refused rather than cut. */
export const Password = z
  .string()
  .min(10, 'Use at least 10 characters.')
  .refine((text) => new TextEncoder().encode(text).length <= 72, 'Use at most 72 characters (fewer with accents).')
// Names are shown in terminals too, by git and by our own commands: control characters would steer them.
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u
/** One line of text for people, without characters that hide or reorder what stands beside them. */
export const Line = z
  .string()
  .trim()
  .refine((text) => !CONTROL.test(text), 'Control characters are not allowed.')
export const DisplayName = Line.min(1, 'Enter a name.').max(120)
export const ProjectKey = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z][A-Z0-9_]{0,31}$/, 'Use letters, digits and underscore; start with a letter.')
