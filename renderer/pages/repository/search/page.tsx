// Search in the files of a repository: words or a regular expression, on any branch, tag or commit; the address holds it all.
import { Button, Checkbox, Group, Paper, Stack, Text, TextInput } from '@mantine/core'
import { SearchIcon } from '@primer/octicons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { SearchResult } from '../../../../server/contract/find.ts'
import { ApiError } from '../../../api.ts'
import { Empty, Failure, Waiting } from '../../../parts/states.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import type { SearchSearch } from '../../../routes/find.ts'
import { useRepository } from '../layout.tsx'
import { RefPicker } from '../ref-picker.tsx'
import { searchQuery, type SearchWish } from './data.ts'
import { FileResult } from './result.tsx'

export function SearchPage() {
  const { repository } = useRepository()
  const search: SearchSearch = useSearch({ strict: false })
  const { q = '', ref = repository.main_branch, path = '', mode = 'words' } = search
  const wish: SearchWish = { q, ref, path, mode, exact: search.case === 'on' }
  return (
    <>
      <PageTitle title={q === '' ? 'Search' : `${q} · Search`}>Search in the files</PageTitle>
      <Stack gap="md">
        <SearchForm key={`${q}\n${path}`} wish={wish} />
        {q === '' ? <Hints /> : <Results wish={wish} />}
      </Stack>
    </>
  )
}

function useGo(wish: SearchWish): (change: Partial<SearchWish>) => void {
  const { repository } = useRepository()
  const navigate = useNavigate()
  return (change) => {
    const { q, ref, path, mode, exact } = { ...wish, ...change }
    const search: SearchSearch = {
      ...(q === '' ? {} : { q }),
      ...(ref === repository.main_branch ? {} : { ref }),
      ...(path === '' ? {} : { path }),
      ...(mode === 'words' ? {} : { mode }),
      ...(exact ? { case: 'on' } : {}),
    }
    void navigate({ to: `/${repository.full_name}/search`, search })
  }
}

function SearchForm({ wish }: { wish: SearchWish }) {
  const [q, setQ] = useState(wish.q)
  const [path, setPath] = useState(wish.path)
  const go = useGo(wish)
  const field = useSearchKey(wish.q === '')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    go({ q: q.trim(), path: path.trim() })
  }
  return (
    <form onSubmit={submit} role="search" aria-label="Files of this repository">
      <Stack gap="sm">
        <Group gap="sm" wrap="nowrap">
          <TextInput
            ref={field}
            type="search"
            aria-label="Search for"
            placeholder={wish.mode === 'words' ? 'Words' : 'Regular expression'}
            leftSection={<SearchIcon />}
            value={q}
            onChange={(event) => setQ(event.currentTarget.value)}
            maxLength={500}
            autoComplete="off"
            spellCheck={false}
            style={{ flex: 1 }}
          />
          <Button type="submit">Search</Button>
        </Group>
        <Group gap="md">
          <RefPicker refName={wish.ref} onPick={(ref) => go({ q: q.trim(), path: path.trim(), ref })} />
          <TextInput
            aria-label="Only in"
            placeholder="Only in: src, *.ts, docs/**/*.md"
            value={path}
            onChange={(event) => setPath(event.currentTarget.value)}
            maxLength={1000}
            autoComplete="off"
            spellCheck={false}
            style={{ flex: '1 1 220px', maxWidth: 320 }}
          />
          <Checkbox
            label="Regular expression"
            checked={wish.mode === 'regexp'}
            onChange={(event) => go({ q: q.trim(), path, mode: event.currentTarget.checked ? 'regexp' : 'words' })}
          />
          <Checkbox
            label="Match case"
            checked={wish.exact}
            onChange={(event) => go({ q: q.trim(), path, exact: event.currentTarget.checked })}
          />
        </Group>
      </Stack>
    </form>
  )
}

/** The field has the focus where nothing is searched for yet, and `/` brings it there. */
function useSearchKey(atOnce: boolean) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const focus = (): void => {
      field.current?.focus()
      field.current?.select()
    }
    // After the heading, which takes the focus of every page that opens.
    const timer = atOnce ? setTimeout(focus, 0) : undefined
    const hear = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      focus()
    }
    document.addEventListener('keydown', hear, true)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('keydown', hear, true)
    }
  }, [atOnce])
  return field
}

function Hints() {
  return (
    <Paper className="card">
      <Empty title="What are you looking for?">
        <Text c="dimmed" ta="center">
          Files that hold all of the words are found; put words in quotation marks to find them side by side. A path
          narrows it down, with * for any letters and ** for any folders.
        </Text>
      </Empty>
    </Paper>
  )
}

function Results({ wish }: { wish: SearchWish }) {
  const { id } = useRepository()
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    searchQuery(id, wish),
  )
  if (error) return <Refused error={error} retry={refetch} />
  if (!data) return <Waiting rows={4} height={96} />
  const files = data.pages.flatMap(({ values }) => values)
  const last = data.pages.at(-1)
  return (
    <>
      <Text size="sm" c="dimmed" role="status">
        {summary(files, last)}
      </Text>
      {files.map((file) => (
        <FileResult key={file.path} file={file} wish={wish} commit={last?.commit ?? wish.ref} />
      ))}
      {files.length === 0 && (
        <Paper className="card">
          <Empty title={`Nothing in the files of ${wish.ref} matches.`}>
            <Text c="dimmed" ta="center">
              Binary files are passed over. Try fewer words{wish.path === '' ? '' : ', or without a path'}.
            </Text>
          </Empty>
        </Paper>
      )}
      {hasNextPage && (
        <Group>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            More files
          </Button>
        </Group>
      )}
    </>
  )
}

/** What a person can mend is told as it is: no expression, no branch of this name. */
function Refused({ error, retry }: { error: Error; retry: () => unknown }) {
  const mendable = error instanceof ApiError && error.status >= 400 && error.status < 500
  if (!mendable) return <Failure error={error} retry={retry} />
  return (
    <Paper className="card" role="alert">
      <Empty title={error.reason} />
    </Paper>
  )
}

function summary(files: SearchResult['values'], last: SearchResult | undefined): string {
  const lines = files.reduce((sum, file) => sum + file.lines.length, 0)
  const all = last?.next === null && last.cut === null && files.every(({ more }) => !more)
  const counted = `${lines.toLocaleString('en')} ${lines === 1 ? 'line' : 'lines'} in ${files.length} ${files.length === 1 ? 'file' : 'files'}`
  const cut = last?.cut === 'time' ? ' The search took too long and was ended: there may be more.' : ''
  const large = last?.cut === 'size' ? ' There is too much to show: narrow it down.' : ''
  if (files.length === 0) return `Nothing was found.${cut}${large}`
  return `${all ? counted : `The first ${counted}`}.${cut}${large}`
}
