// How a file is shown, by its name, its size and what git says of it.
import type { Entry } from '../data.ts'

export type Preview = 'picture' | 'drawing' | 'pdf' | 'table' | 'notebook'
export type Kind = 'text' | 'large' | 'binary' | 'media' | 'submodule' | 'link' | Preview

const MB = 1024 * 1024
/** Of a file that is shown as text. */
export const LARGEST_TEXT = MB

const PREVIEWS: Record<string, Preview> = {
  ...each('picture', 'png jpg jpeg gif webp avif bmp ico'),
  ...each('drawing', 'svg'),
  ...each('pdf', 'pdf'),
  ...each('table', 'csv tsv tab'),
  ...each('notebook', 'ipynb'),
}

const LARGEST: Record<Preview, number> = {
  picture: 50 * MB,
  drawing: MB,
  pdf: 50 * MB,
  table: 10 * MB,
  notebook: 10 * MB,
}

const MEDIA = /\.(mp[34]|m4[av]|mov|avi|mkv|wav|ogg|oga|ogv|opus|flac|webm)$/i

function each(preview: Preview, names: string): Record<string, Preview> {
  return Object.fromEntries(names.split(' ').map((name) => [name, preview]))
}

export function kindOf({ attributes = [], mimetype, size = 0, path }: Entry): Kind {
  if (attributes.includes('subrepository')) return 'submodule'
  if (attributes.includes('link')) return 'link'
  const preview = previewOf(path)
  if (preview) return size > LARGEST[preview] ? 'large' : preview
  if (MEDIA.test(path)) return 'media'
  if (!mimetype?.startsWith('text/')) return 'binary'
  return size > LARGEST_TEXT ? 'large' : 'text'
}

function previewOf(path: string): Preview | undefined {
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(PREVIEWS, ending) ? PREVIEWS[ending] : undefined
}

/** Whether a preview is made of a text that can be read too. */
export function hasSource(kind: Kind): boolean {
  return kind === 'drawing' || kind === 'table' || kind === 'notebook'
}
