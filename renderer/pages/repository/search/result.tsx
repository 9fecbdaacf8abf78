// A file that was found, with its matching lines.
import { Button, Group, Paper, Text } from '@mantine/core'
import { FileIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { SearchResult } from '../../../../server/contract/find.ts'
import { call } from '../../../api.ts'
import { TextLink } from '../../../parts/link.tsx'
import { reasonOf } from '../../../parts/states.tsx'
import { encoded, ownOf } from '../data.ts'
import { useRepository } from '../layout.tsx'
import type { SearchWish } from './data.ts'
import './result.css'

type File = SearchResult['values'][number]
type Line = File['lines'][number]

interface Props {
  file: File
  wish: SearchWish
  /** The commit that was looked in: a link shows what was found, also after a push. */
  commit: string
}

const ALL = 1000

export function FileResult({ file, wish, commit }: Props) {
  const { repository } = useRepository()
  const [whole, setWhole] = useState(false)
  const rest = useWhole(file, wish, whole ? commit : undefined)
  const base = `/${repository.full_name}/src/${encoded(wish.ref)}/${encoded(file.path)}`
  const lines = rest.data?.lines ?? file.lines
  const more = rest.data ? rest.data.more : file.more
  return (
    <Paper className="card" component="section" aria-label={file.path}>
      <Group className="row" px="md" py="xs" gap="xs" wrap="nowrap">
        <Text span c="dimmed" lh={1}>
          <FileIcon />
        </Text>
        <TextLink to={base} className="mono" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {file.path}
        </TextLink>
      </Group>
      <ol className="matches">
        {lines.map((line) => (
          <LineRow key={line.line} line={line} to={base} />
        ))}
      </ol>
      {more && (
        <Group px="md" py={6}>
          <Button
            variant="subtle"
            size="compact-sm"
            loading={rest.isFetching}
            disabled={whole}
            onClick={() => setWhole(true)}
          >
            {whole ? `These are the first ${ALL} lines` : 'All lines of this file'}
          </Button>
          {rest.error && <Text size="sm">{reasonOf(rest.error)}</Text>}
        </Group>
      )}
    </Paper>
  )
}

function LineRow({ line: { line, segments, cut }, to }: { line: Line; to: string }) {
  return (
    <li>
      <TextLink to={to} hash={`lines-${line}`} className="matches-number" aria-label={`Line ${line}`}>
        {line}
      </TextLink>
      <code>
        {placed(segments).map(({ text, match, from }) =>
          match ? <mark key={from}>{text}</mark> : <span key={from}>{text}</span>,
        )}
        {cut && <span className="matches-cut"> …</span>}
      </code>
    </li>
  )
}

function placed(segments: Line['segments']): (Line['segments'][number] & { from: number })[] {
  let from = 0
  return segments.map(({ text, match }) => {
    const at = from
    from += text.length
    return { text, match, from: at }
  })
}

/** All matching lines of one file, once somebody wants them. */
function useWhole(file: File, wish: SearchWish, commit: string | undefined) {
  const { id } = useRepository()
  return useQuery({
    queryKey: ['search', id.workspace, id.repo, 'whole', file.path, wish, commit],
    queryFn: async ({ signal }) => {
      const fields = { q: wish.q, ref: commit ?? '', mode: wish.mode, case: String(wish.exact), lines: String(ALL) }
      const query = new URLSearchParams({ ...fields, path: literal(file.path) })
      const found = await call<SearchResult>('GET', `${ownOf(id)}/search?${query.toString()}`, undefined, signal)
      return found.values.find(({ path }) => path === file.path) ?? file
    },
    enabled: commit !== undefined,
    staleTime: Infinity,
  })
}

/** A path whose signs mean no pattern. */
function literal(path: string): string {
  return path.replace(/[\\*?[\]]/g, '\\$&')
}
