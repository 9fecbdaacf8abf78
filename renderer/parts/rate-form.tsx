// The limits as an admin sets them: a number for each kind of caller and class, and who is exempt.
import { NumberInput, Paper, SimpleGrid, Stack, TagsInput, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Settings } from '../../server/contract/gitstead.ts'
import type { CallerKind, Rated, RateLimits } from '../../server/contract/limits.ts'
import { call, OWN } from '../api.ts'
import { Failure, FormFailure, Waiting } from './states.tsx'
import { Save } from './save.tsx'

const KEY = ['own', 'settings']
const MOST = 1_000_000

const ROWS: readonly { kind: CallerKind; label: string; words: string }[] = [
  { kind: 'account', label: 'Account', words: 'One person with everything that acts for them.' },
  { kind: 'token', label: 'Token', words: 'One app password or token by itself.' },
  { kind: 'address', label: 'Address', words: 'Whoever comes without an account, or with a wrong password.' },
]
const COLUMNS: readonly { rated: Rated; label: string }[] = [
  { rated: 'web', label: 'Pages' },
  { rated: 'api', label: 'API' },
  { rated: 'git', label: 'Git' },
]

export function RateForm() {
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => call<Settings>('GET', `${OWN}/settings`, undefined, signal),
  })
  return (
    <section aria-label="Requests a minute">
      <Title order={2} size="h4" mb="sm">
        Requests a minute
      </Title>
      {error && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting rows={3} />}
      {data && <Form key={JSON.stringify(data.rate_limits)} stored={data.rate_limits} />}
    </section>
  )
}

function Form({ stored }: { stored: RateLimits }) {
  const [limits, setLimits] = useState(stored)
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: () => call<Settings>('PUT', `${OWN}/settings`, { rate_limits: limits }),
    onSuccess: (answer) => client.setQueryData(KEY, answer),
  })
  const setRate = (kind: CallerKind, rated: Rated, value: number): void =>
    setLimits((before) => ({ ...before, [kind]: { ...before[kind], [rated]: value } }))
  return (
    <Paper
      className="card"
      p="lg"
      component="form"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Stack gap="lg">
        <Text size="sm" c="dimmed">
          As many may also come at once. Who asks more is told how long to wait; git hears it where a command begins,
          and a push that has begun goes on. 0 means no limit. Admins in their browsers are never refused.
        </Text>
        {ROWS.map(({ kind, label, words }) => (
          <Stack key={kind} gap={6}>
            <Text fw={600} size="sm">
              {label}{' '}
              <Text span size="sm" c="dimmed" fw={400}>
                {words}
              </Text>
            </Text>
            <SimpleGrid cols={3} spacing="sm" maw={460}>
              {COLUMNS.map(({ rated, label: column }) => (
                <NumberInput
                  key={rated}
                  label={column}
                  aria-label={`${label}, ${column}`}
                  min={0}
                  max={MOST}
                  clampBehavior="strict"
                  allowDecimal={false}
                  allowNegative={false}
                  hideControls
                  thousandSeparator=","
                  required
                  value={limits[kind][rated]}
                  onChange={(value) => setRate(kind, rated, Number(value))}
                />
              ))}
            </SimpleGrid>
          </Stack>
        ))}
        <TagsInput
          label="Exempt accounts"
          description="User names, for example of a build machine."
          value={limits.exempt_accounts}
          onChange={(value) => setLimits({ ...limits, exempt_accounts: value })}
        />
        <TagsInput
          label="Exempt addresses"
          description="Addresses and ranges, for example 192.168.1.20 or 192.168.1.0/24."
          value={limits.exempt_addresses}
          onChange={(value) => setLimits({ ...limits, exempt_addresses: value })}
        />
        <FormFailure error={save.error} />
        <Save save={save} />
      </Stack>
    </Paper>
  )
}
