// How old lines are, in six steps from the oldest commit of the file to its newest.
import { Group, Text } from '@mantine/core'
import type { BlamePage } from '../../../../server/contract/blame.ts'

const STEPS = 6

/** Step by commit: 0 is the oldest. Where all are of one time they are fresh. */
export function agesOf(pages: readonly BlamePage[]): ReadonlyMap<string, number> {
  const times = new Map(pages.flatMap(({ commits }) => commits).map(({ hash, date }) => [hash, Date.parse(date)]))
  const oldest = Math.min(...times.values())
  const span = Math.max(...times.values()) - oldest
  const stepOf = (time: number): number => (span === 0 ? STEPS - 1 : Math.round(((time - oldest) / span) * (STEPS - 1)))
  return new Map([...times].map(([hash, time]) => [hash, stepOf(time)]))
}

export function Legend() {
  return (
    <Group gap={6}>
      <Text size="xs" c="dimmed">
        Older
      </Text>
      <span className="legend" aria-hidden>
        {Array.from({ length: STEPS }, (_unused, step) => (
          <i key={step} style={{ background: `var(--age-${step})` }} />
        ))}
      </span>
      <Text size="xs" c="dimmed">
        Newer
      </Text>
    </Group>
  )
}
