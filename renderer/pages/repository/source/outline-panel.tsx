// The outline of a file: names to filter and to jump to.
import { ScrollArea, Stack, Text, TextInput } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { Landmark } from '../../../code/outline.ts'
import { TextLink } from '../../../parts/link.tsx'

const SIGNS = { function: 'ƒ', class: 'C', type: 'T', heading: '#', rule: '{}', table: '▦' } as const

export function OutlinePanel({ landmarks }: { landmarks: readonly Landmark[] }) {
  const [filter, setFilter] = useState('')
  const found = useMemo(() => {
    const wanted = filter.trim().toLowerCase()
    return landmarks.filter(({ name }) => name.toLowerCase().includes(wanted))
  }, [landmarks, filter])
  return (
    <Stack gap="xs" p="sm" component="nav" aria-label="Outline">
      <TextInput
        size="xs"
        type="search"
        aria-label="Filter the outline"
        placeholder="Filter the outline"
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      {found.length === 0 && (
        <Text size="sm" c="dimmed">
          {landmarks.length === 0 ? 'Nothing in this file has a name.' : 'No name is like this.'}
        </Text>
      )}
      <ScrollArea.Autosize mah="70vh" type="auto" scrollbars="y">
        <Stack gap={2}>
          {found.map(({ name, kind, line, level }) => (
            <TextLink
              key={`${line} ${name}`}
              to="."
              search
              hash={`lines-${line}`}
              replace
              resetScroll={false}
              size="sm"
              c="inherit"
              truncate
              display="block"
              style={{ paddingLeft: Math.min(filter === '' ? level : 0, 6) * 14 }}
            >
              <Text span c="dimmed" className="mono" w={20} display="inline-block" aria-hidden>
                {SIGNS[kind]}
              </Text>
              {name}
            </TextLink>
          ))}
        </Stack>
      </ScrollArea.Autosize>
    </Stack>
  )
}
