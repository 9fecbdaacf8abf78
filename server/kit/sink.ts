// Where the lines of the log go. Nobody who writes one waits: what a reader does not take in time is dropped and counted,
// and a program that ends does not wait for a reader either.
import { constants, fstatSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import pino from 'pino'

export interface Sink {
  write: (line: string) => void
}

/** Of lines that wait for their reader; more are dropped. */
const MOST_WAITING = 256 * 1024

let dropped = 0

/** How many lines this process could not get rid of. */
export function droppedLines(): number {
  return dropped
}

export function openSink(fd: number): Sink {
  const stats = fstatSync(fd)
  if (process.platform !== 'win32' && (stats.isFIFO() || stats.isSocket())) return toReader(fd, stats.isFIFO())
  const file = pino.destination({ dest: fd, sync: false, minLength: 0, maxLength: MOST_WAITING })
  file.on('drop', () => dropped++)
  return file
}

/**
 * A pipe is written without blocking. A write that blocks would do so in one of the few threads that files and passwords
 * need too, and the end of the program would wait for that thread.
 */
function toReader(fd: number, isPipe: boolean): Sink {
  const stream = new Socket({ fd: isPipe ? reopened(fd) : fd, readable: false, writable: true })
  // The reader has gone.
  stream.on('error', () => {})
  stream.unref()
  return {
    write: (line) => {
      if (stream.destroyed || stream.writableLength > MOST_WAITING) dropped++
      else stream.write(line)
    },
  }
}

/** The same pipe with settings of its own: whoever shares ours, a shell perhaps, goes on as it was. */
function reopened(fd: number): number {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    return fd
  }
}
