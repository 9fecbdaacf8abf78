// An edit as it comes in: a form whose fields are files. Their content goes to disk as it arrives, within bounds.
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Transform, type TransformCallback } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyConfig } from '@fastify/busboy'
import { PATH_MAX_BYTES } from '../../contract/paths.ts'
import { Fault } from '../../kit/fault.ts'
import { type EditForm, FILES_MAX, META, type Meta, openDraft } from './draft.ts'

const MB = 1024 * 1024
const META_MAX = 64 * 1024
/** A form of this kind is taken apart in memory. */
const URLENCODED_MAX = 16 * MB
/** With what a form has around its files: boundaries, names, the message. */
const MULTIPART_MAX = 104 * MB

interface Reading {
  /** Where contents are put. */
  dir: string
  /** What the address says beside the form. */
  address: Meta
  signal: AbortSignal
}

/** Rejects when the form breaks off, is too large, or names what cannot be written. */
export async function readForm(request: IncomingMessage, { dir, address, signal }: Reading): Promise<EditForm> {
  const kind = kindOf(request)
  const draft = openDraft()
  const stop = new AbortController()
  const ended = AbortSignal.any([signal, stop.signal])
  const storing: Promise<unknown>[] = []
  const keep = (path: string, store: (file: string) => Promise<unknown>): void => {
    const file = join(dir, `file-${storing.length}`)
    draft.put(path, file)
    const stored = store(file)
    stored.catch((error: unknown) => stop.abort(error))
    storing.push(stored)
  }
  try {
    await parse(request, kind, ended, {
      field: (name, value) =>
        kind.urlencoded && !META.has(name) ? keep(name, (file) => writeFile(file, value)) : draft.say(name, value),
      file: (path, content) => keep(path, (file) => pipeline(content, createWriteStream(file), { signal: ended })),
    })
    await Promise.all(storing)
    return draft.whole(address)
  } catch (error) {
    stop.abort()
    await Promise.allSettled(storing)
    signal.throwIfAborted()
    throw inWords(error)
  }
}

interface Kind {
  urlencoded: boolean
  limit: number
}

function kindOf({ headers }: IncomingMessage): Kind {
  const type = headers['content-type'] ?? ''
  const urlencoded = /^application\/x-www-form-urlencoded\b/i.test(type)
  if (!urlencoded && !/^multipart\/form-data\b/i.test(type))
    throw new Fault('request.invalid', {
      detail: 'Send the edit as a form: multipart/form-data or application/x-www-form-urlencoded.',
    })
  const limit = urlencoded ? URLENCODED_MAX : MULTIPART_MAX
  if (Number(headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
  return { urlencoded, limit }
}

interface Fields {
  field: (name: string, value: string) => void
  file: (path: string, content: NodeJS.ReadableStream) => void
}

/** However it ends, the request is not destroyed: the client gets to read the answer. */
async function parse(request: IncomingMessage, kind: Kind, signal: AbortSignal, fields: Fields): Promise<void> {
  const busboy = openBusboy(request, kind)
  const counter = bounded(kind.limit)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const guarded = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      reject(error)
    }
  }
  const left = (): void => {
    if (!request.complete) reject(new Fault('request.invalid', { detail: 'The client went away.' }))
  }
  const aborted = (): void => reject(signal.reason)
  busboy
    .on('file', (path: string | undefined, content) => {
      // Whatever becomes of it, an error of a piece of the form is told by the form as a whole.
      content.on('error', () => {})
      guarded(() => fields.file(decoded(path ?? ''), content))
    })
    .on('field', (name: string | undefined, value, nameCut, valueCut) =>
      guarded(() => {
        if (nameCut || valueCut) throw new Fault('request.too-large', { detail: 'A field of the form is too long.' })
        fields.field(kind.urlencoded ? (name ?? '') : decoded(name ?? ''), value)
      }),
    )
    .on('filesLimit', () => reject(tooMany()))
    .on('fieldsLimit', () => reject(tooMany()))
    .on('partsLimit', () => reject(tooMany()))
    .on('error', () => reject(new Fault('request.invalid', { detail: 'The form is not whole, or is none.' })))
    .on('finish', resolve)
  counter.on('error', reject)
  request.once('close', left)
  signal.addEventListener('abort', aborted, { once: true })
  if (signal.aborted) aborted()
  if (request.destroyed) left()
  request.pipe(counter).pipe(busboy)
  try {
    await promise
  } finally {
    request.off('close', left)
    signal.removeEventListener('abort', aborted)
    request.unpipe(counter)
    counter.unpipe(busboy)
    request.resume()
  }
}

function openBusboy({ headers }: IncomingMessage, { urlencoded }: Kind): ReturnType<typeof Busboy> {
  const limits: BusboyConfig['limits'] = {
    fieldNameSize: PATH_MAX_BYTES + 1,
    fieldSize: urlencoded ? URLENCODED_MAX : META_MAX,
    files: FILES_MAX,
    fields: 2 * FILES_MAX,
    headerPairs: 32,
    headerSize: 4 * PATH_MAX_BYTES,
  }
  try {
    return Busboy({
      headers: { ...headers, 'content-type': headers['content-type'] ?? '' },
      limits,
      isPartAFile: (name, _type, fileName) => fileName !== undefined || name === undefined || !META.has(name),
    })
  } catch {
    throw new Fault('request.invalid', { detail: 'The form has no boundary between its parts.' })
  }
}

/** Three characters of a name in multipart are written so by browsers and by curl; all others stand for themselves. */
function decoded(name: string): string {
  return name.replace(/%(22|0D|0A)/g, (_all, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
}

function bounded(limit: number): Transform {
  let size = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      size += chunk.length
      if (size > limit) done(tooLarge(limit))
      else done(null, chunk)
    },
  })
}

function tooLarge(limit: number): Fault {
  const mega = limit === URLENCODED_MAX ? limit / MB : 100
  return new Fault('request.too-large', { detail: `An edit can have ${mega} MB at most. Push larger files with git.` })
}

function tooMany(): Fault {
  return new Fault('request.too-large', { detail: `At most ${FILES_MAX} files can be changed at once.` })
}

function inWords(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT' ? new Fault('storage.full') : error
}
