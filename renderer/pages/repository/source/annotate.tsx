// Blame: each line with the commit that made it and how old that is; one step leads to what was there before it.
import { Button, Group, Paper, Text } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { BlamePage } from '../../../../server/contract/blame.ts'
import { useInView, usePick, useColours } from '../../../code/code.tsx'
import { type Range, useRange } from '../../../code/range.ts'
import { ApiError } from '../../../api.ts'
import { Empty, Failure, reasonOf, Waiting } from '../../../parts/states.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { useNamed, useRepository } from '../layout.tsx'
import { agesOf, Legend } from './ages.tsx'
import { BlameRows } from './blame-rows.tsx'
import { metaQuery } from './data.ts'
import { blameQuery, type FilePlace } from './file-data.ts'
import { FileWays, placeOf, Trail, usePermalink } from './file-place.tsx'
import { Missing } from './missing.tsx'
import './preview.css'

export function Annotate() {
  const address = useNamed()
  const { id } = useRepository()
  const { data, error, refetch } = useQuery(metaQuery(id, address))
  if (error instanceof ApiError && error.status === 404) return <Missing address={address} />
  if (error) return <Failure error={error} retry={refetch} />
  if (!data) return <Waiting rows={10} height={20} />
  return <Blamed place={placeOf(address, data)} isFolder={data.type === 'commit_directory'} />
}

function Blamed({ place, isFolder }: { place: FilePlace; isFolder: boolean }) {
  usePermalink(place, 'annotate')
  return (
    <>
      <PageTitle title={`Blame of ${place.path}`}>
        <Trail refName={place.refName} path={place.path} />
      </PageTitle>
      <FileWays place={place} way="annotate" isFolder={isFolder} />
      <Paper className="card blame" component="section" aria-label={`Blame of ${place.path}`}>
        <Lines place={place} />
      </Paper>
    </>
  )
}

function Lines({ place }: { place: FilePlace }) {
  const { id } = useRepository()
  const range = useRange()
  const [start] = useState(range?.from ?? 1)
  const query = useInfiniteQuery(blameQuery(id, place, start))
  const pages = query.data?.pages
  useInView(range?.from, pages !== undefined)
  if (query.error && !pages)
    return isSaid(query.error) ? (
      <Empty title={reasonOf(query.error)} />
    ) : (
      <Failure error={query.error} retry={query.refetch} />
    )
  if (!pages) return <Waiting rows={12} height={20} />
  const { hasPreviousPage, hasNextPage, isFetching: busy } = query
  return (
    <>
      {hasPreviousPage && (
        <Button m="sm" size="xs" variant="default" loading={busy} onClick={() => void query.fetchPreviousPage()}>
          Lines before
        </Button>
      )}
      <Found pages={pages} place={place} range={range} />
      {hasNextPage && <More busy={busy} more={() => void query.fetchNextPage()} />}
    </>
  )
}

function Found({ pages, place, range }: { pages: BlamePage[]; place: FilePlace; range: Range | undefined }) {
  const pick = usePick(range)
  const ages = useMemo(() => agesOf(pages), [pages])
  const [first] = pages
  const total = first?.total ?? 0
  // Colours need all that comes before a line.
  const isWhole = first?.from === 1 && pages.at(-1)?.to === total
  const text = useMemo(() => (isWhole ? pages.flatMap((page) => page.text).join('\n') : ''), [isWhole, pages])
  const colours = useColours(text, place.path)
  if (total === 0) return <Empty title="This file is empty: nobody wrote a line of it." />
  return (
    <>
      <Group className="row" px="md" py="xs" justify="space-between" gap="sm">
        <Text size="sm" c="dimmed">
          {total.toLocaleString('en')} {total === 1 ? 'line' : 'lines'}
        </Text>
        <Legend />
      </Group>
      <BlameRows {...{ pages, ages, range, pick, place }} colours={isWhole ? colours : undefined} />
    </>
  )
}

/** The server says why there is no blame of such a file. */
function isSaid(error: Error): boolean {
  return error instanceof ApiError && (error.status === 422 || error.status === 404)
}

/** Goes on by itself when a reader comes near the end. */
function More({ busy, more }: { busy: boolean; more: () => void }) {
  const end = useRef<HTMLDivElement>(null)
  const ask = useRef(more)
  useEffect(() => {
    ask.current = more
  }, [more])
  useEffect(() => {
    if (busy || !end.current) return undefined
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting && ask.current(), { rootMargin: '600px' })
    watch.observe(end.current)
    return () => watch.disconnect()
  }, [busy])
  return (
    <Group p="sm" ref={end}>
      <Button size="xs" variant="default" loading={busy} onClick={more}>
        Lines behind
      </Button>
    </Group>
  )
}
