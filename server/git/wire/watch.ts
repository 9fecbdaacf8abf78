// A push takes as long as its client likes, and git some time after that: whoever may no longer push is stopped on the way.
import { Transform, type TransformCallback } from 'node:stream'
import { Fault } from '../../kit/fault.ts'
import type { GitProcess } from '../run/run.ts'

/** How often it is asked while git is at work and nothing comes. */
const EVERY_MS = 500

export interface Watch {
  /** The pack goes through here: git gets no piece of it that nobody vouches for. */
  gate: Transform
  refused: () => Fault | undefined
}

/** Ends git when `still` rejects with a Fault; what else may go wrong with the question is no reason to end a push. */
export function watchOver(git: Pick<GitProcess, 'kill' | 'done'>, still: () => Promise<void>): Watch {
  let refused: Fault | undefined
  const ask = async (): Promise<boolean> => {
    try {
      await still()
    } catch (error) {
      if (error instanceof Fault) refused ??= error
    }
    if (refused) git.kill()
    return refused === undefined
  }
  const timer = setInterval(() => void ask(), EVERY_MS)
  void git.done.then(() => clearInterval(timer))
  // Of a refused push nothing goes on: git ends, and what still comes is read by whoever feeds it.
  const pass = async (chunk: Buffer, done: TransformCallback): Promise<void> => {
    if (await ask()) done(null, chunk)
  }
  const gate = new Transform({ transform: (chunk: Buffer, _encoding, done) => void pass(chunk, done) })
  gate.on('error', () => {})
  return { gate, refused: () => refused }
}
