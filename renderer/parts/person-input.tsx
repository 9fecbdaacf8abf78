// Choosing a person: the best matches of what is typed come from the server; a user name may also be typed whole.
import { Autocomplete, Group, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Candidate } from '../../server/contract/gitstead.ts'
import { call, OWN } from '../api.ts'
import { Picture } from './person.tsx'

const PAUSE_MS = 120
const NOBODY: readonly string[] = []

interface Props {
  /** Said above the field, or to screen readers only. */
  label: string
  hideLabel?: boolean
  optional?: boolean
  /** The user name, or what is typed so far. */
  value: string
  onChange: (username: string) => void
  /** User names that are not offered, as they are chosen already. */
  without?: readonly string[]
}

export function PersonInput({ label, hideLabel = false, optional = false, value, onChange, without = NOBODY }: Props) {
  const [typed] = useDebouncedValue(value.trim(), PAUSE_MS)
  const { data = [], isFetching } = useQuery({
    queryKey: ['directory', typed],
    queryFn: async ({ signal }) => {
      const at = `${OWN}/directory?q=${encodeURIComponent(typed)}`
      return (await call<{ values: Candidate[] }>('GET', at, undefined, signal)).values
    },
    placeholderData: keepPreviousData,
  })
  const offered = data.filter(({ username }) => !without.includes(username))
  return (
    <Autocomplete
      {...(hideLabel ? { 'aria-label': label } : { label })}
      placeholder="Name or user name"
      required={!optional}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      aria-busy={isFetching}
      style={{ flex: '1 1 200px' }}
      value={value}
      onChange={onChange}
      data={offered.map(({ username }) => username)}
      filter={({ options }) => options}
      renderOption={({ option }) => <Option person={data.find(({ username }) => username === option.value)} />}
    />
  )
}

function Option({ person }: { person: Candidate | undefined }) {
  if (!person) return null
  return (
    <Group gap="sm" wrap="nowrap">
      <Picture name={person.username} size={28} />
      <Stack gap={0}>
        <Text size="sm">{person.display_name}</Text>
        <Text size="xs" c="dimmed">
          {person.username}
        </Text>
      </Stack>
    </Group>
  )
}
