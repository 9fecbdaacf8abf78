// Large buffers that are filled again once the system has taken what was in them: to make new ones for each piece of a
// large answer, and to collect the old ones, costs more than to send it.
import { finished, pipeline, Readable, type Writable } from 'node:stream'

export const CHUNK = 512 * 1024
/** What is shorter than this is not worth a whole chunk: whoever reads slowly holds it for long. */
const WORTH = CHUNK / 4
/** So many lie ready at most; the others are left to the garbage collection. */
const MOST_FREE = 8

const free: ArrayBufferLike[] = []
/** How many bytes of each are still to come back. */
const taken = new WeakMap<ArrayBufferLike, number>()

/** With whatever was in it before; `CHUNK` bytes at most. Who never gives it back loses only time. */
export function takeChunk(length: number): Buffer {
  if (length < WORTH) return Buffer.allocUnsafeSlow(length)
  const buffer = free.pop() ?? Buffer.allocUnsafeSlow(CHUNK).buffer
  taken.set(buffer, length)
  return Buffer.from(buffer, 0, length)
}

/** Nobody may look at it any more. It is free when all parts of it have come; what comes from elsewhere is let be. */
function giveBack({ buffer, length }: Buffer): void {
  const out = taken.get(buffer)
  if (out === undefined) return
  taken.set(buffer, out - length)
  if (out > length) return
  taken.delete(buffer)
  if (free.length < MOST_FREE) free.push(buffer)
}

/** Gives what it was filled with by `takeChunk`, and keeps nothing of it. */
export class ChunkReader extends Readable {}

/** All of `body` to `target`, which is ended, or destroyed where it breaks off: then it must not look whole. */
export function sendAll(body: Readable, target: Writable, done: () => void = () => {}): void {
  const end = (error?: Error | null): void => {
    if (error) target.destroy()
    done()
  }
  if (body instanceof ChunkReader) sendChunks(body, target, end)
  else pipeline(body, target, end)
}

/** As a pipeline does it, but for two things: each chunk is free again when it is written, and an end costs no exception. */
function sendChunks(body: ChunkReader, target: Writable, done: (error?: Error | null) => void): void {
  let isOver = false
  const end = (error?: Error | null): void => {
    if (isOver) return
    isOver = true
    body.destroy()
    done(error)
  }
  body.on('data', (chunk: Buffer) => {
    body.pause()
    target.write(chunk, (error) => {
      // What could not be written may still be on its way to nowhere.
      if (error) return end(error)
      giveBack(chunk)
      body.resume()
    })
  })
  body.once('end', () => target.end())
  body.once('error', end)
  body.once('close', () => body.readableEnded || end(new Error('The body was cut off.')))
  finished(target, end)
}
