// Files that are more than their text. What draws them is loaded when the first such file is opened.
import { lazy, Suspense } from 'react'
import { Waiting } from '../../../parts/states.tsx'
import { apiOf, encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import type { FilePlace } from './file-data.ts'
import type { Preview } from './kind.ts'
import { Drawing, Picture } from './picture.tsx'

const Grid = lazy(async () => ({ default: (await import('./grid.tsx')).Grid }))
const NotebookView = lazy(async () => ({ default: (await import('./notebook-view.tsx')).NotebookView }))
const Pdf = lazy(async () => ({ default: (await import('./pdf.tsx')).Pdf }))

interface Props {
  kind: Preview
  place: FilePlace
  /** Undefined for a picture, which the browser fetches. */
  bytes: Uint8Array | undefined
  text: string
}

export function PreviewOf(props: Props) {
  return (
    <Suspense fallback={<Waiting rows={3} height={80} />}>
      <Chosen {...props} />
    </Suspense>
  )
}

function Chosen({ kind, place: { commit, path }, bytes, text }: Props) {
  const { id } = useRepository()
  switch (kind) {
    case 'picture':
      return <Picture src={`${apiOf(id)}/src/${commit}/${encoded(path)}`} name={path} />
    case 'drawing':
      return <Drawing text={text} name={path} />
    case 'table':
      return <Grid text={text} path={path} />
    case 'notebook':
      return <NotebookView text={text} />
    case 'pdf':
      return bytes && <Pdf bytes={bytes} name={path} />
  }
}
