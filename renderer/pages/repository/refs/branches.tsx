// Branches and tags: find, order, see how far each is from the main branch; create, delete and bring back.
import { Button, Group, NativeSelect, Paper, SegmentedControl, Text } from '@mantine/core'
import { PlusIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { SearchBox, useSearchText } from '../../../parts/search-box.tsx'
import { Empty, Failure, Waiting } from '../../../parts/states.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import type { BranchesSearch } from '../../../routes/find.ts'
import { useRepository } from '../layout.tsx'
import { type Deleted, DeleteRef, NewRef, Undo } from './change.tsx'
import { distancesQuery, type Kind, PAGE, refPageQuery } from './data.ts'
import { KeptTips } from './kept.tsx'
import { RefRow } from './row.tsx'

export function Branches() {
  const { repository } = useRepository()
  const search: BranchesSearch = useSearch({ strict: false })
  const kind: Kind = search.tab ?? 'branches'
  const [adding, setAdding] = useState(false)
  const [leaving, setLeaving] = useState<string>()
  const [deleted, setDeleted] = useState<Deleted>()
  const mayWrite = repository.permission === 'write' || repository.permission === 'admin'
  const noun = kind === 'branches' ? 'branch' : 'tag'
  return (
    <>
      <PageTitle
        title="Branches and tags"
        actions={
          mayWrite && (
            <Button size="sm" leftSection={<PlusIcon />} onClick={() => setAdding(true)}>
              New {noun}
            </Button>
          )
        }
      />
      <Controls key={kind} kind={kind} search={search} />
      {deleted && <Undo key={deleted.name} deleted={deleted} onClose={() => setDeleted(undefined)} />}
      <RefList kind={kind} search={search} {...(mayWrite && { onDelete: setLeaving })} />
      {mayWrite && <KeptTips />}
      <NewRef kind={kind} opened={adding} onClose={() => setAdding(false)} />
      <DeleteRef
        kind={kind}
        name={leaving}
        onDeleted={(name) => setDeleted({ kind, name })}
        onClose={() => setLeaving(undefined)}
      />
    </>
  )
}

/** Changes part of the address; whatever else is asked for, its first page is shown. */
function useTurn(search: BranchesSearch): (change: Partial<Record<keyof BranchesSearch, string | number>>) => void {
  const { repository } = useRepository()
  const navigate = useNavigate()
  return (change) => {
    const all = Object.entries({ ...search, page: 1, ...change })
    const kept = all.filter(([name, value]) => value !== '' && !(name === 'page' && value === 1))
    void navigate({
      to: `/${repository.full_name}/branches`,
      search: Object.fromEntries(kept),
      replace: !('page' in change),
    })
  }
}

function Controls({ kind, search }: { kind: Kind; search: BranchesSearch }) {
  const turn = useTurn(search)
  const [text, setText] = useSearchText(search.q ?? '', (q) => turn({ q }))
  const noun = kind === 'branches' ? 'branch' : 'tag'
  return (
    <Group mb="sm" gap="sm">
      <SegmentedControl
        value={kind}
        onChange={(value) => turn({ tab: value === 'tags' ? 'tags' : '', q: '', age: '' })}
        data={[
          { value: 'branches', label: 'Branches' },
          { value: 'tags', label: 'Tags' },
        ]}
      />
      <div style={{ flex: '1 1 220px' }}>
        <SearchBox label={`Find a ${noun}`} value={text} onChange={setText} />
      </div>
      {kind === 'branches' && (
        <NativeSelect
          aria-label="Which branches"
          value={search.age ?? ''}
          onChange={(event) => turn({ age: event.currentTarget.value })}
          data={[
            { value: '', label: 'All' },
            { value: 'active', label: 'Active' },
            { value: 'stale', label: 'Stale, for 3 months' },
          ]}
        />
      )}
      <NativeSelect
        aria-label="Order"
        value={search.sort ?? ''}
        onChange={(event) => turn({ sort: event.currentTarget.value })}
        data={[
          { value: '', label: 'Newest first' },
          { value: 'name', label: 'By name' },
        ]}
      />
    </Group>
  )
}

interface RefListProps {
  kind: Kind
  search: BranchesSearch
  onDelete?: (name: string) => void
}

function RefList({ kind, search, onDelete }: RefListProps) {
  const { id, repository } = useRepository()
  const { tab: _tab, ...wish } = search
  const { data, error, refetch } = useQuery(refPageQuery(id, kind, wish))
  const distances = useQuery({ ...distancesQuery(id, wish), enabled: kind === 'branches' }).data
  const noun = kind === 'branches' ? 'branch' : 'tag'
  if (error) return <Failure error={error} retry={refetch} />
  if (!data) return <Waiting />
  const most = Math.max(
    1,
    ...[...(distances?.values() ?? [])].flatMap(({ ahead, behind }) => [ahead ?? 0, behind ?? 0]),
  )
  return (
    <>
      <Paper className="card">
        {data.values.map((named) => (
          <RefRow
            key={named.name}
            kind={kind}
            named={named}
            main={kind === 'branches' && named.name === repository.main_branch}
            distance={
              kind === 'branches' ? { of: distances?.get(named.name), most, known: distances !== undefined } : undefined
            }
            {...(onDelete && { onDelete: () => onDelete(named.name) })}
          />
        ))}
        {data.values.length === 0 && <Empty title={nothing(noun, search)} />}
      </Paper>
      <Pages size={data.size} search={search} />
    </>
  )
}

function nothing(noun: string, { q, age, page = 1 }: BranchesSearch): string {
  if (page > 1) return 'There is nothing on this page.'
  if (q !== undefined) return `No ${noun} matches “${q}”.`
  return age === undefined ? `There is no ${noun} yet.` : `There is no ${age} branch.`
}

function Pages({ size, search }: { size: number; search: BranchesSearch }) {
  const turn = useTurn(search)
  const { page = 1 } = search
  const last = Math.max(1, Math.ceil(size / PAGE))
  if (last === 1 && page === 1) return null
  const from = (page - 1) * PAGE + 1
  return (
    <Group justify="space-between" mt="sm" component="nav" aria-label="Pages">
      <Button variant="default" size="xs" disabled={page <= 1} onClick={() => turn({ page: Math.min(page - 1, last) })}>
        Back
      </Button>
      <Text size="sm" c="dimmed">
        {from.toLocaleString('en')}–{Math.min(page * PAGE, size).toLocaleString('en')} of {size.toLocaleString('en')}
      </Text>
      <Button variant="default" size="xs" disabled={page >= last} onClick={() => turn({ page: page + 1 })}>
        Next
      </Button>
    </Group>
  )
}
