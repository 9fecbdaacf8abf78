// A folder: what changed it last, its entries, and its README.
import { Button, Group, Paper, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { SearchIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { Tree } from '../../../../server/contract/source.ts'
import { CloneBox } from '../../../parts/clone-box.tsx'
import { Download } from '../../../parts/download.tsx'
import { TextLink } from '../../../parts/link.tsx'
import { Empty } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { encoded, lastCommitQuery } from '../data.ts'
import { FolderActions } from '../edit/entry-points.tsx'
import { useRepository } from '../layout.tsx'
import { RefPicker } from '../ref-picker.tsx'
import { EntryRows, ParentRow } from './entries.tsx'
import { Figures } from './figures.tsx'
import { Readme } from './readme.tsx'

/** With fewer entries all of them are seen at once. */
const WORTH_A_FILTER = 20

const COLUMNS = [
  ['folder-name', 'Name'],
  ['folder-message', 'Last commit'],
  ['folder-age', 'Age'],
  ['folder-size', 'Size'],
] as const

interface FolderViewProps {
  pages: Tree[]
  /** Undefined where all is shown. */
  more: (() => void) | undefined
  filter: string
}

export function FolderView({ pages, more, filter }: FolderViewProps) {
  const [place] = pages
  const { folder } = place ?? {}
  if (!place || !folder) return null
  const { ref, path, commit } = place
  const shown = pages.reduce((sum, page) => sum + (page.folder?.entries.length ?? 0), 0)
  return (
    <Stack gap="md">
      <Head place={place} />
      <Paper className="card folder">
        <LastCommit commit={commit} path={path} />
        {folder.total > WORTH_A_FILTER && <Filter key={path} filter={filter} />}
        <table aria-label={path === '' ? 'Files' : `Files of ${path}`}>
          <colgroup>
            {COLUMNS.map(([name]) => (
              <col key={name} className={name} />
            ))}
          </colgroup>
          <thead>
            <tr>
              {COLUMNS.map(([name, title]) => (
                <th key={name} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {path !== '' && <ParentRow refName={ref} path={path} />}
            {pages.map((page, i) => (
              // oxlint-disable-next-line react/no-array-index-key -- pages are known by their number
              <EntryRows key={i} refName={ref} page={page} />
            ))}
          </tbody>
        </table>
        {folder.total === 0 && <Empty title="This folder is empty." />}
        {folder.total > 0 && folder.matching === 0 && <Empty title={`Nothing here is called ${folder.filter}.`} />}
        {more && (
          <Group p="md" gap="sm">
            <Text size="sm" c="dimmed">
              {shown.toLocaleString('en')} of {folder.matching.toLocaleString('en')} entries
            </Text>
            <Button size="xs" variant="default" onClick={more}>
              Show more
            </Button>
          </Group>
        )}
      </Paper>
      {folder.readme && <Readme place={place} readme={folder.readme} />}
    </Stack>
  )
}

/** Which branch, what can be done with the folder, and at the root how to get all of it. */
function Head({ place: { ref, path } }: { place: Tree }) {
  const { repository } = useRepository()
  const navigate = useNavigate()
  return (
    <Group justify="space-between" gap="sm">
      <Group gap="md">
        <RefPicker
          refName={ref}
          onPick={(name) => void navigate({ to: `/${repository.full_name}/src/${encoded(name)}` })}
        />
        <FolderActions path={path} refName={ref} />
        <Download fullName={repository.full_name} refName={ref} />
        {path === '' && <Figures refName={ref} />}
      </Group>
      {path === '' && (
        <div style={{ flex: '1 1 300px', maxWidth: 560 }}>
          <CloneBox fullName={repository.full_name} />
        </div>
      )}
    </Group>
  )
}

/** The address follows what is typed, without a step back for each letter. */
function Filter({ filter }: { filter: string }) {
  const navigate = useNavigate()
  const [text, setText] = useState(filter)
  const follow = useDebouncedCallback((wanted: string) => {
    void navigate({
      to: '.',
      search: wanted === '' ? {} : { filter: wanted },
      replace: true,
      resetScroll: false,
    })
  }, 200)
  return (
    <div className="row" style={{ padding: '8px 16px' }}>
      <TextInput
        size="xs"
        maw={320}
        aria-label="Filter by name"
        placeholder="Filter by name"
        leftSection={<SearchIcon size={12} />}
        value={text}
        maxLength={200}
        onChange={({ currentTarget: { value } }) => {
          setText(value)
          follow(value.trim())
        }}
      />
    </div>
  )
}

function LastCommit({ commit, path }: { commit: string; path: string }) {
  const { id, repository } = useRepository()
  const { data } = useQuery(lastCommitQuery(id, commit, path))
  if (!data) return <div className="folder-head" />
  return (
    <Group className="folder-head" px="md" gap="xs" wrap="nowrap">
      <Text size="sm" truncate style={{ flex: 1 }}>
        <b>{data.author.raw.replace(/ <.*/, '')}</b> {data.message.split('\n')[0]}
      </Text>
      <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        <TextLink to={`/${repository.full_name}/commit/${data.hash}`} className="mono">
          {data.hash.slice(0, 8)}
        </TextLink>{' '}
        <Time iso={data.date} />
      </Text>
    </Group>
  )
}
