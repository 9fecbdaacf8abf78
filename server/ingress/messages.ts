// What the supervisor and its processes say to each other. Git's orders and the rooms' news pass through unread.

/** `jobs` prepares the data and works the job table off, `web` serves, `both` is a pool of one. */
export type Role = 'web' | 'jobs' | 'both'

export type ToProcess =
  /** `first`: before this process nobody serves. */
  | {
      kind: 'start'
      id: string
      name: string
      role: Role
      first: boolean
      crashed: boolean
      url: string
      /** The same for all processes of a server, and on no disk. */
      secret: string
      settings: unknown
    }
  /** The data is prepared: whoever waited for it opens the rooms. */
  | { kind: 'open' }
  /** Comes with a connection, the one of this number that was handed to the process. */
  | { kind: 'connection'; number: number }
  | { kind: 'turn'; turn: 'yours' | 'back' }
  | { kind: 'git'; news: unknown }
  | { kind: 'news'; news: unknown }
  /** These processes have died, and so has all that they had started. */
  | { kind: 'died'; ids: string[] }
  /** So many connections were handed to it before. */
  | { kind: 'ping'; handed: number }
  /** Wants an answer under this number. */
  | { kind: 'question'; id: number; what: string }
  /** What all have answered to the question that this process asked under this number. */
  | { kind: 'everyone'; id: number; everyone: unknown }
  /** Finish what is in hand, for so many milliseconds at most, and end. */
  | { kind: 'drain'; graceMs: number }

export type FromProcess =
  /** The data is migrated and tidied up. */
  | { kind: 'prepared'; setup: string | undefined }
  | { kind: 'ready' }
  /** The start failed, in one sentence; what stood in its way is for the program that started the server. */
  | { kind: 'failed'; sentence: string; obstacle: string }
  /** It has the connection of this number, or knows that it is gone. */
  | { kind: 'took'; number: number }
  /** A connection has ended. */
  | { kind: 'closed' }
  | { kind: 'turn'; turn: 'want' | 'free' }
  | { kind: 'git'; wish: unknown }
  | { kind: 'news'; news: unknown }
  /** It has seen all that was sent before the ping that told of so many connections. */
  | { kind: 'pong'; handed: number }
  /** A question to all processes. */
  | { kind: 'ask'; id: number; what: string }
  | { kind: 'answer'; id: number; value: unknown }
  /** What these dead processes left is in order. */
  | { kind: 'tidied'; ids: string[] }
  /** All that it has counted so far. */
  | { kind: 'counted'; counts: unknown }
  /** It has served as many requests as it was meant to, and wants a successor. */
  | { kind: 'worn' }
