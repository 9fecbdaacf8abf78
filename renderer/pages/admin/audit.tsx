// The audit log: what happened, found by person, kind, place, address and time; taken along as a file; and how long it is kept.
import {
  Button,
  Code,
  Collapse,
  Group,
  Menu,
  NativeSelect,
  Paper,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { DownloadIcon } from '@primer/octicons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { AuditEntry, AuditFilter, AuditKinds, AuditList } from '../../../server/contract/events.ts'
import { call, OWN } from '../../api.ts'
import { Where } from '../../parts/activity.tsx'
import { listQuery } from '../../parts/own.ts'
import { PersonInput } from '../../parts/person-input.tsx'
import { Picture } from '../../parts/person.tsx'
import { Empty, Failure, Waiting } from '../../parts/states.tsx'
import { Time } from '../../parts/time.tsx'
import { PageTitle } from '../../parts/title.tsx'
import { RetentionButton } from './retention.tsx'

export function Audit() {
  const filter = useSearch({ from: '/admin/audit' })
  const asked = new URLSearchParams(filter as Record<string, string>)
  return (
    <>
      <PageTitle
        title="Audit log"
        actions={
          <>
            <RetentionButton />
            <Export asked={asked} />
          </>
        }
      />
      <Stack gap="lg">
        <Filters key={asked.toString()} filter={filter} />
        <Entries asked={asked} />
      </Stack>
    </>
  )
}

function Export({ asked }: { asked: URLSearchParams }) {
  const at = (format: string): string => {
    const query = new URLSearchParams([...asked, ['format', format]])
    return `${OWN}/admin/audit/export?${query.toString()}`
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="sm" variant="default" leftSection={<DownloadIcon />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>What the filter finds</Menu.Label>
        <Menu.Item component="a" href={at('csv')} download>
          CSV, for spreadsheets
        </Menu.Item>
        <Menu.Item component="a" href={at('jsonl')} download>
          JSON lines, for programs
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

type Draft = Record<keyof AuditFilter, string>

const NOTHING: Draft = { person: '', kind: '', repository: '', workspace: '', address: '', from: '', to: '' }

function Filters({ filter }: { filter: AuditFilter }) {
  const navigate = useNavigate({ from: '/admin/audit' })
  const [draft, setDraft] = useState<Draft>({ ...NOTHING, ...filter })
  const set = (change: Partial<Draft>): void => setDraft((before) => ({ ...before, ...change }))
  const find = (event: FormEvent): void => {
    event.preventDefault()
    const given = Object.entries(draft).filter(([, value]) => value.trim() !== '')
    void navigate({ search: Object.fromEntries(given.map(([name, value]) => [name, value.trim()])) })
  }
  const text = (name: 'repository' | 'workspace' | 'address', label: string, placeholder: string) => (
    <TextInput
      label={label}
      placeholder={placeholder}
      value={draft[name]}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
    />
  )
  const day = (name: 'from' | 'to', label: string) => (
    <TextInput
      type="date"
      label={label}
      value={draft[name]}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
    />
  )
  return (
    <Paper className="card" p="md" component="form" onSubmit={find} aria-label="Find events">
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
        <PersonInput label="Person" optional value={draft.person} onChange={(person) => set({ person })} />
        <KindInput value={draft.kind} onChange={(kind) => set({ kind })} />
        {text('repository', 'Repository', 'workspace/name')}
        {text('workspace', 'Workspace', 'its address')}
        {text('address', 'From address', '10.0.0.')}
        {day('from', 'From day')}
        {day('to', 'To day')}
        <Group gap="xs" align="flex-end">
          <Button type="submit">Find</Button>
          {Object.keys(filter).length > 0 && (
            <Button variant="subtle" onClick={() => void navigate({ search: {} })}>
              Show all
            </Button>
          )}
        </Group>
      </SimpleGrid>
    </Paper>
  )
}

function KindInput({ value, onChange }: { value: string; onChange: (kind: string) => void }) {
  const { data = [] } = useQuery(listQuery<AuditKinds['values'][number]>('admin/audit/kinds'))
  const groups = data.map(({ area, label, kinds }) => ({
    group: label,
    items: [{ value: area, label: `All of ${label}` }, ...kinds.map(({ kind, label }) => ({ value: kind, label }))],
  }))
  return (
    <NativeSelect
      label="What"
      data={[{ value: '', label: 'Everything' }, ...groups]}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

function Entries({ asked }: { asked: URLSearchParams }) {
  const found = useInfiniteQuery({
    queryKey: ['own', 'admin/audit', asked.toString()],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams([...asked, ...(pageParam === '' ? [] : [['before', pageParam]])] as string[][])
      return call<AuditList>('GET', `${OWN}/admin/audit?${query.toString()}`, undefined, signal)
    },
    initialPageParam: '',
    getNextPageParam: (page: AuditList) => page.next,
  })
  if (found.error && !found.data) return <Failure error={found.error} retry={found.refetch} />
  if (!found.data) return <Waiting rows={8} />
  const entries = found.data.pages.flatMap(({ values }) => values)
  const last = found.data.pages.at(-1)
  return (
    <Stack gap="sm">
      <Paper className="card">
        {entries.length === 0 && <Empty title={last?.next ? 'Nothing found yet' : 'Nothing like this happened'} />}
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </Paper>
      {found.hasNextPage && (
        <Group gap="sm">
          <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            Look further back
          </Button>
          {last?.searched_to && (
            <Text size="sm" c="dimmed">
              Searched back to {new Date(last.searched_to).toLocaleString()}
            </Text>
          )}
        </Group>
      )}
      {found.isFetchNextPageError && <Failure error={found.error} retry={found.fetchNextPage} />}
    </Stack>
  )
}

function Entry({ entry }: { entry: AuditEntry }) {
  const [opened, { toggle }] = useDisclosure(false)
  const { actor, words, repository, repository_gone, workspace, address, created_on, kind, data } = entry
  const place = repository ?? workspace ?? ''
  return (
    <Stack className="row" px="md" py="sm" gap={6}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <Picture name={actor?.username ?? 'gitstead'} />
        <Stack gap={0} style={{ flex: 1, minWidth: 0 }}>
          <Text size="sm">
            <b>{actor?.display_name ?? (kind.startsWith('session:') ? 'Somebody' : 'The server')}</b> {words}
            {place !== '' && <Where words={words} place={place} gone={repository_gone} />}
          </Text>
          <Text size="xs" c="dimmed">
            <Time iso={created_on} />
            {address !== '' && ` · from ${address}`}
          </Text>
        </Stack>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          onClick={toggle}
          aria-expanded={opened}
          aria-label={`Details of event ${entry.id}`}
        >
          Details
        </Button>
      </Group>
      <Collapse expanded={opened}>
        {opened && (
          <Code block tabIndex={0} aria-label={`Facts of event ${entry.id}`}>
            {`${kind} · event ${entry.id} · ${created_on}\n${JSON.stringify(data, undefined, 2)}`}
          </Code>
        )}
      </Collapse>
    </Stack>
  )
}
