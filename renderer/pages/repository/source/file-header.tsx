// The head of a file: its last commit, what is known of it, and what can be done with it.
import { Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { TextLink } from '../../../parts/link.tsx'
import { Time } from '../../../parts/time.tsx'
import { useRepository } from '../layout.tsx'
import { type FilePlace, lastChangeQuery } from './file-data.ts'

export function FileHeader({ place, facts, children }: { place: FilePlace; facts: string[]; children: ReactNode }) {
  return (
    <>
      <LastChange place={place} />
      <Group className="row" px="md" py="xs" justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" data-facts>
          {facts.join(' · ')}
        </Text>
        <Group gap={6}>{children}</Group>
      </Group>
    </>
  )
}

function LastChange({ place }: { place: FilePlace }) {
  const { id, repository } = useRepository()
  const { data, isSuccess } = useQuery(lastChangeQuery(id, place))
  if (isSuccess && !data) return null
  return (
    <Group
      className="row"
      px="md"
      py="xs"
      gap="xs"
      wrap="nowrap"
      mih={40}
      style={{ background: 'var(--soft)', borderRadius: '10px 10px 0 0' }}
    >
      {data && (
        <>
          <Text size="sm" truncate style={{ flex: 1 }}>
            <b>{data.author.raw.replace(/ <.*/, '')}</b> {data.message.split('\n')[0]}
          </Text>
          <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            <TextLink to={`/${repository.full_name}/commit/${data.hash}`} className="mono">
              {data.hash.slice(0, 8)}
            </TextLink>{' '}
            <Time iso={data.date} />
          </Text>
        </>
      )}
    </Group>
  )
}
