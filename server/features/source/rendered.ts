// A file as HTML, in Bitbucket's shape: Markdown rendered, with its links led to the same place in history, other text as it is.
import { pathText } from '../../git/format/paths.ts'
import { Fault } from '../../kit/fault.ts'
import { languageOf } from '../../kit/markup/render.ts'
import type { RepositoryView, Rooms } from '../../rooms.ts'
import { repoOf } from '../repositories/door.ts'
import { fullName } from '../repositories/present.ts'
import { encoded } from './present.ts'
import type { Located } from './source.ts'

/** Bytes; a page of so much text is read by nobody. */
const LARGEST = 512 * 1024
/** Git's own look at whether a file is binary. */
const LOOKED_AT = 8000

export interface RenderedFile {
  type: 'rendered'
  raw: string
  markup: 'markdown' | 'plaintext'
  html: string
}

export async function renderFile(
  rooms: Rooms,
  repository: RepositoryView,
  { entry, ref }: Located,
  signal: AbortSignal,
): Promise<RenderedFile> {
  if (entry.kind === 'submodule')
    throw new Fault('git.object', { detail: 'This is a submodule: its files are in another repository.' })
  const object = await rooms.reads.objects.read(repoOf(rooms, repository), entry.oid, { max: LARGEST, signal })
  if (!object) throw new Fault('git.corrupt', { detail: 'a file in it is missing', oid: entry.oid })
  if (!object.data) throw new Fault('git.output', { detail: 'This text is too long to be rendered.' })
  if (object.data.subarray(0, LOOKED_AT).includes(0))
    throw new Fault('request.invalid', { detail: 'This is a binary file: only text can be rendered.' })
  const raw = object.data.toString().replace(/^\ufeff/, '')
  const path = pathText(entry.path)
  const language = entry.kind === 'symlink' ? 'plaintext' : languageOf(path)
  const name = `${fullName(repository)}/src/${encoded(ref)}`
  const place = { pages: `/${name}`, raw: `/2.0/repositories/${name}`, folder: path.split('/').slice(0, -1).join('/') }
  const { html, plain } = await rooms.markup.render(raw, language, place)
  return { type: 'rendered', raw, markup: plain ? 'plaintext' : language, html }
}
