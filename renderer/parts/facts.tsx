// Numbers with the word that says what each is: beside each other where there is room, below each other where not.
import { Group, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'

export type Fact = readonly [label: string, value: ReactNode, alarm?: boolean]

export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <Group component="dl" gap="lg" my={0} style={{ rowGap: 6 }}>
      {facts.map(([label, value, alarm = false]) => (
        <Stack key={label} gap={0} miw={64}>
          <Text component="dt" size="xs" c="dimmed">
            {label}
          </Text>
          <Text
            component="dd"
            size="sm"
            m={0}
            {...(alarm ? { c: 'var(--broken)', fw: 600 } : {})}
            style={{ fontVariantNumeric: 'tabular-nums' }}
          >
            {value}
          </Text>
        </Stack>
      ))}
    </Group>
  )
}

/** Milliseconds as people say them. */
export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return ms < 3_600_000 ? `${(ms / 60_000).toFixed(1)} min` : `${(ms / 3_600_000).toFixed(1)} h`
}
