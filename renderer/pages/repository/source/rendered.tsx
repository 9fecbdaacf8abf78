// A file of the repository as rendered text: for READMEs, and for the page of a file that is one.
import { useQuery } from '@tanstack/react-query'
import { Markup } from '../../../code/markup/markup.tsx'
import { Failure, Waiting } from '../../../parts/states.tsx'
import { useRepository } from '../layout.tsx'
import { renderedQuery } from './tree-data.ts'

/** The server renders no longer text than this. */
export const RENDERED_MAX = 512 * 1024

/** `address`: ref and path. */
export function RenderedFile({ address }: { address: string }) {
  const { id } = useRepository()
  const { data, error, refetch } = useQuery(renderedQuery(id, address))
  if (error) return <Failure error={error} retry={refetch} />
  if (data === undefined) return <Waiting rows={4} height={18} />
  return <Markup html={data} />
}
