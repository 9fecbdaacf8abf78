// What a route is: a record of data. Its access and scope are part of its type, so none can be forgotten.
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { z } from 'zod'
import type { Scope } from './contract/names.ts'
import type { Push } from './git/wire/push.ts'
import type { Class } from './kit/bounds.ts'
import type { Fault } from './kit/fault.ts'
import type { Actor, RepositoryView, Rooms, WorkspaceView } from './rooms.ts'

/**
 * Who may enter. `anyone` needs no account; `user` any active account; `admin` the admin of the server;
 * `repository:x` loads the repository of the path and asks for at least that permission on it;
 * `workspace:see` asks to know of the workspace, `member` and `owner` for that role in it.
 */
export type Access =
  | 'anyone'
  | 'user'
  | 'admin'
  | 'repository:read'
  | 'repository:write'
  | 'repository:admin'
  | 'workspace:see'
  | 'workspace:member'
  | 'workspace:owner'

/** The scope a token needs. `session`: only a signed-in browser, never a token. `none`: no scope is asked for. */
export type Need = Scope | 'session' | 'none'
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
export interface Ask<P = unknown, Q = unknown, B = unknown> {
  actor: Actor
  params: P
  query: Q
  body: B
  /** The address of the caller, for throttling and the audit trail. */
  address: string
  /** The address under which this caller reached the server, for example `https://10.0.0.5:7990`. */
  base: string
  /** Path and query as they came. */
  target: string
  /** Aborted when the caller goes away, or the time of the class is over. */
  signal: AbortSignal
  raw: IncomingMessage
}

type AccessFields<A extends Access> = A extends `repository:${string}`
  ? { repository: RepositoryView }
  : A extends `workspace:${string}`
    ? { workspace: WorkspaceView }
    : unknown

export type Reply =
  | { kind: 'json'; status: number; value: unknown; headers?: Record<string, string | string[]> }
  | { kind: 'text'; status: number; type: string; body: string | Buffer; headers?: Record<string, string> }
  | { kind: 'stream'; status: number; type: string; body: Readable; headers?: Record<string, string> }

export interface Route {
  method: Method
  /** Path pattern: `:name` is one segment, `*name` the rest with its slashes. */
  path: string
  access: Access
  scope: Need
  class: Class
  /** Admins of the server are answered also while the repository is switched off. */
  whileOff?: true
  /** Open also to who has yet to set up the second factor that the server asks for. */
  early?: boolean
  /** `own`: the handler reads the Authorization header, which is not that of an account. The caller is a guest. */
  credentials?: 'own'
  /** One sentence for the API documentation. */
  summary: string
  query?: z.ZodType
  body?: z.ZodType
  /** What the body is written in: JSON, where nothing is said. `form`: the handler tells itself of any other type. */
  takes?: 'form' | 'either'
  /** The form that the handler reads from the request itself, for the API documentation. */
  form?: z.ZodType
  /** The shape of the JSON answer, for the API documentation. */
  answer?: z.ZodType
  handle(rooms: Rooms, ask: Ask<never, never, never> & { repository?: never; workspace?: never }): Promise<Reply>
}

interface Spec<A extends Access, P extends string, Q extends z.ZodType, B extends z.ZodType> {
  method: Method
  path: P
  access: A
  scope: Need
  class?: Class
  whileOff?: true
  early?: boolean
  credentials?: 'own'
  summary: string
  query?: Q
  body?: B
  takes?: 'form' | 'either'
  form?: z.ZodType
  answer?: z.ZodType
  handle(rooms: Rooms, ask: Ask<Params<P>, z.infer<Q>, z.infer<B>> & AccessFields<A>): Promise<Reply>
}

type Params<P extends string> = P extends `${infer Head}/${infer Tail}`
  ? Params<Head> & Params<Tail>
  : P extends `:${infer Name}`
    ? Record<Name, string>
    : P extends `*${infer Name}`
      ? Record<Name, string>
      : unknown

export interface GitAsk {
  actor: Actor
  repository: RepositoryView
  address: string
  /** The account, or a guest's address: one of them never holds up all the others. */
  share: string
  /** 0, 1 or 2 as the client asked by Git-Protocol. */
  protocol: 0 | 1 | 2
  /** The request's body, unpacked when it came gzipped. */
  body: Readable
  signal: AbortSignal
  /** A push whose head was read already, as it came to a name that did not exist; `made`: it does since then. */
  begun?: { push: Push; made: boolean } | undefined
  /** Asks once more whether the caller may do this; rejects with the reason why not. For what takes long. */
  again: () => Promise<void>
}

/** A route of git's own protocol: same access and scope as any other, but a way of its own past the web stack. */
export interface GitRoute {
  method: 'get' | 'post'
  service: 'git-upload-pack' | 'git-receive-pack'
  access: 'repository:read' | 'repository:write'
  scope: Scope
  class: 'git'
  summary: string
  handle(rooms: Rooms, ask: GitAsk): Promise<GitReply>
  /** Turns somebody away in git's own form, where a client would show its user only the number of an HTTP failure. */
  refuse?(ask: GitAsk, fault: Fault): Promise<GitReply>
}

/** Where somebody pushes to that is no repository yet. */
export interface NewPlace {
  actor: Actor
  workspace: string
  name: string
}

/** A repository to push to, or all that there is to say to whoever pushes. */
export type Beginning = Pick<GitAsk, 'repository' | 'begun'> | { reply: Buffer }

export interface GitReply {
  type: string
  body: Buffer | Readable
}

/** Checks a record of a route where it is written and forgets its inner types for the table of all routes. */
export function route<
  A extends Access,
  P extends string,
  Q extends z.ZodType = z.ZodUnknown,
  B extends z.ZodType = z.ZodUnknown,
>(spec: Spec<A, P, Q, B>): Route {
  return { class: 'api', ...spec } as unknown as Route
}

export function json(value: unknown, status = 200, headers?: Record<string, string | string[]>): Reply {
  return { kind: 'json', status, value, ...(headers ? { headers } : {}) }
}

export function done(headers?: Record<string, string | string[]>): Reply {
  return { kind: 'json', status: 204, value: undefined, ...(headers ? { headers } : {}) }
}
