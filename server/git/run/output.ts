// What a client receives of git's stdout: all of it and a clean end, or an error; never a part that looks whole.
import { Readable } from 'node:stream'
import { Fault } from '../../kit/fault.ts'
import { packets } from '../format/pktline.ts'
import type { GitEnd, GitProcess } from './run.ts'

const SMALL = 64 * 1024

/**
 * Why an output must not be taken for whole, if so. A git that refuses says so in an `ERR` packet and exits with 128:
 * that short answer is whole, and is for the client to read. `output`: all of it, if it is short.
 */
export function endFault(end: GitEnd, output: Buffer | undefined): Fault | undefined {
  if (end.code === 0 && !end.stopped) return undefined
  if (!end.stopped && end.signal === null && output && endsInRefusal(output)) return undefined
  if (end.stopped === 'lost') return new Fault('busy', { stderr: end.stderr })
  if (end.stopped === 'deadline') return new Fault('git.deadline')
  return named({ exit: end.code, signal: end.signal, stderr: end.stderr })
}

/** The fault that git's stderr tells of. */
export function named(facts: { stderr: string; [name: string]: unknown }): Fault {
  if (/No space left on device|Disk quota exceeded/.test(facts.stderr)) return new Fault('storage.full', facts)
  const [, detail] = DAMAGES.find(([pattern]) => pattern.test(facts.stderr)) ?? []
  return detail === undefined ? new Fault('git.failed', facts) : new Fault('git.corrupt', { ...facts, detail })
}

/** What git says of a damaged repository. Its own words name paths of this machine, so they stay in the log. */
const DAMAGES: [RegExp, string][] = [
  [
    /not (appear to be )?a git repository|invalid HEAD|bad config|unknown repository/i,
    'its HEAD or its config cannot be read',
  ],
  [
    /bad object|missing (blob|tree|commit|object)|unable to (read|find|parse)|could not (read|parse)|corrupt|inflate/i,
    'an object in it cannot be read',
  ],
  [/did not match|truncated|packfile|pack has|index file|unknown object type|garbage/i, 'a pack in it cannot be read'],
]

/** A failure that is told in git's own protocol, where a person sees it; other errors are not for them. */
export function sayable(error: unknown): error is Fault {
  return error instanceof Fault && /^(git\.|busy|storage\.)/.test(error.code)
}

function endsInRefusal(output: Buffer): boolean {
  if (output.length > SMALL) return false
  try {
    const last = packets(output).at(-1)
    return last?.kind === 'data' && last.data.toString('latin1', 0, 4) === 'ERR '
  } catch {
    return false
  }
}

/** Git's stdout with backpressure. Rejects when git fails before its first byte; later failures end in an error. */
export function outputOf(git: GitProcess): Promise<Readable> {
  return begun(follow(git))
}

/** The same stream once there is something in it, so that an early failure can still be answered properly. */
export async function begun(stream: Readable): Promise<Readable> {
  await new Promise<void>((resolve, reject) => {
    stream.once('readable', resolve).once('error', reject).once('close', resolve)
  })
  return stream
}

function follow(git: GitProcess): Readable {
  const { stdout } = git
  let head: Buffer[] | undefined = []
  let size = 0
  const output = new Readable({
    highWaterMark: SMALL,
    read: () => stdout?.resume(),
    destroy: (error, done) => {
      git.kill()
      stdout?.destroy()
      done(error)
    },
  })
  const finish = async (): Promise<void> => {
    const fault = endFault(await git.done, head && Buffer.concat(head))
    if (fault) output.destroy(fault)
    else output.push(null)
  }
  stdout?.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > SMALL) head = undefined
    head?.push(chunk)
    if (!output.push(chunk)) stdout.pause()
  })
  stdout?.on('close', () => void finish())
  return output
}
