// Narrowing a list of commits: the address holds what was chosen, the page says it in words and takes it back.
import { Button, CloseButton, Group, Paper, SimpleGrid, Text, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { Filters } from './data.ts'

const FIELDS = [
  ['author', 'Author', 'Part of a name or address'],
  ['message', 'Message', 'Words as they stand in it'],
  ['path', 'Path', 'src/main.ts'],
  ['since', 'From day', ''],
  ['until', 'Up to day', ''],
] as const

export function isNarrowed(filters: Filters): boolean {
  return FIELDS.some(([name]) => filters[name] !== undefined)
}

function day(text: string): string {
  return new Date(`${text}T00:00:00`).toLocaleDateString('en', { dateStyle: 'medium' })
}

const SAID: Record<keyof Filters, (value: string) => string> = {
  author: (value) => `by ${value}`,
  message: (value) => `saying “${value}”`,
  path: (value) => `changing ${value}`,
  since: (value) => `from ${day(value)} on`,
  until: (value) => `up to ${day(value)}`,
}

export function useFilters(): (filters: Filters) => void {
  const navigate = useNavigate()
  return (filters) => {
    const search = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''))
    void navigate({ to: '.', search, resetScroll: false })
  }
}

export function FilterForm({ filters, onDone }: { filters: Filters; onDone: () => void }) {
  const apply = useFilters()
  const [draft, setDraft] = useState<Filters>(filters)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const entries = Object.entries(draft).map(([name, value]) => [name, (value as string).trim()])
    apply(Object.fromEntries(entries) as Filters)
    onDone()
  }
  return (
    <Paper className="card" p="md" mb="md" component="form" onSubmit={submit} aria-label="Filter commits" role="search">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 5 }} spacing="sm">
        {FIELDS.map(([name, label, placeholder]) => (
          <TextInput
            key={name}
            size="sm"
            label={label}
            placeholder={placeholder}
            maxLength={200}
            {...(name === 'since' || name === 'until' ? { type: 'date' } : {})}
            value={draft[name] ?? ''}
            onChange={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}
          />
        ))}
      </SimpleGrid>
      <Group mt="sm" gap="xs">
        <Button type="submit" size="xs">
          Show
        </Button>
        <Button size="xs" variant="default" onClick={() => (apply({}), onDone())}>
          All commits
        </Button>
      </Group>
    </Paper>
  )
}

/** What the list is narrowed to; each part goes by itself. */
export function FilterSummary({ filters }: { filters: Filters }) {
  const apply = useFilters()
  const parts = FIELDS.flatMap(([name]) => {
    const value = filters[name]
    return value === undefined ? [] : [{ name, text: SAID[name](value) }]
  })
  return (
    <Group gap={8} mb="md" role="group" aria-label="The list is narrowed">
      <Text size="sm" c="dimmed">
        Commits
      </Text>
      {parts.map(({ name, text }) => (
        <Group
          key={name}
          gap={2}
          wrap="nowrap"
          pl={10}
          style={{ border: '1px solid var(--line)', borderRadius: 8, background: 'var(--soft)' }}
        >
          <Text size="sm">{text}</Text>
          <CloseButton size="sm" aria-label={`Not ${text}`} onClick={() => apply({ ...filters, [name]: '' })} />
        </Group>
      ))}
      <Button size="compact-sm" variant="subtle" onClick={() => apply({})}>
        Clear all
      </Button>
    </Group>
  )
}
