// One file: its head, and its content in the way that suits it. What is larger than a page can bear is said in words.
import { Paper } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useRange } from '../../../code/range.ts'
import { Failure, Waiting } from '../../../parts/states.tsx'
import { sizeText } from '../../../parts/size.ts'
import type { Entry } from '../data.ts'
import { EditActions } from '../edit/entry-points.tsx'
import { useRepository } from '../layout.tsx'
import { type Content, POINTER_MAX, pointerOf, readContent } from './content.ts'
import { FileActions, useChoices } from './file-actions.tsx'
import { bytesQuery, type FilePlace } from './file-data.ts'
import { FileHeader } from './file-header.tsx'
import { FileWays } from './file-place.tsx'
import { hasSource, type Kind, kindOf, LARGEST_TEXT } from './kind.ts'
import { LinkTarget, Pointed, Sentence } from './stand-ins.tsx'
import { SourceText } from './source-text.tsx'
import { PreviewOf } from './preview.tsx'

export function FileView({ entry, refName }: { entry: Entry; refName: string }) {
  const { id } = useRepository()
  const place = useMemo(
    () => ({ refName, path: entry.path, commit: entry.commit.hash }),
    [refName, entry.path, entry.commit.hash],
  )
  const kind = kindOf(entry)
  const { size = 0 } = entry
  const { data: bytes, error, refetch } = useQuery({ ...bytesQuery(id, place), enabled: isRead(kind, size) })
  const content = useMemo(() => bytes && readContent(bytes), [bytes])
  const choices = useChoices()
  const asSource = useAsSource(kind, size)
  const lines = content && !content.isBinary && (kind === 'text' || hasSource(kind)) ? content : undefined
  const facts = [sizeText(size), ...(lines ? [linesText(lines.lines), ...lines.facts] : [])]
  return (
    <>
      <FileWays place={place} way="src" />
      <Paper className="card" component="section" aria-label={entry.path}>
        <FileHeader place={place} facts={kind === 'submodule' ? [] : facts}>
          <FileActions {...{ place, kind, asSource, choices }} text={lines?.text} />
          <EditActions entry={entry} refName={refName} />
        </FileHeader>
        {error ? (
          <Failure error={error} retry={refetch} />
        ) : (
          <Shown {...{ place, kind, size, bytes, content, asSource, choices }} />
        )}
      </Paper>
    </>
  )
}

function linesText(lines: number): string {
  return `${lines.toLocaleString('en')} ${lines === 1 ? 'line' : 'lines'}`
}

/** Pictures are fetched by the browser itself; but what is as small as a pointer may be one. */
function isRead(kind: Kind, size: number): boolean {
  if (kind === 'submodule' || kind === 'large') return false
  return size <= POINTER_MAX || !(kind === 'picture' || kind === 'binary' || kind === 'media')
}

/** A preview gives way to the text where that is asked for, or lines of it are named. */
function useAsSource(kind: Kind, size: number): boolean {
  const { view } = useSearch({ strict: false }) as { view?: 'source' | 'preview' }
  const range = useRange()
  if (kind === 'text') return true
  if (!hasSource(kind) || size > LARGEST_TEXT) return false
  return view === 'source' || (view === undefined && range !== undefined)
}

interface ShownProps {
  place: FilePlace
  kind: Kind
  size: number
  bytes: Uint8Array | undefined
  content: Content | undefined
  asSource: boolean
  choices: ReturnType<typeof useChoices>
}

function Shown(props: ShownProps) {
  const { kind, size, bytes, content } = props
  if (kind === 'submodule' || kind === 'large') return <Sentence kind={kind} />
  if (!isRead(kind, size)) return <Unread {...props} />
  if (!bytes || !content) return <Waiting rows={10} height={18} />
  const pointer = size <= POINTER_MAX ? pointerOf(content.text) : undefined
  return pointer ? <Pointed pointer={pointer} /> : <Read {...props} content={content} />
}

/** What the browser fetches by itself, or not at all. */
function Unread({ place, kind }: ShownProps) {
  if (kind === 'picture') return <PreviewOf kind={kind} place={place} bytes={undefined} text="" />
  return <Sentence kind={kind === 'media' ? kind : 'binary'} />
}

function Read({ place, kind, bytes, content, asSource, choices }: ShownProps & { content: Content }) {
  const { text, isBinary } = content
  if (kind === 'link') return <LinkTarget place={place} target={text} />
  if (kind === 'media') return <Sentence kind={kind} />
  if (kind === 'binary' || (asSource && isBinary)) return <Sentence kind="binary" />
  if (asSource || kind === 'text') return <SourceText place={place} text={text} choices={choices} />
  return kind === 'submodule' || kind === 'large' ? null : <PreviewOf {...{ kind, place, bytes, text }} />
}
