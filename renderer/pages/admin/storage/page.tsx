// Storage for admins: disks and their room, what is moving, what the night found, and the largest repositories.
import { Group, Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Storage } from '../../../../server/contract/storage.ts'
import { call, OWN } from '../../../api.ts'
import { Failure, Waiting } from '../../../parts/states.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { Disks } from './disks.tsx'
import { Care } from './care.tsx'
import { Moves } from './moves.tsx'
import { Repositories } from './repositories.tsx'

const REFRESH_MS = 2000

export function StoragePage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['own', 'admin/storage'],
    queryFn: ({ signal }) => call<Storage>('GET', `${OWN}/admin/storage`, undefined, signal),
    refetchInterval: REFRESH_MS,
  })
  return (
    <>
      <PageTitle title="Storage" />
      {error && !data && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting />}
      {data && (
        <Stack gap="xl">
          <Disks volumes={data.volumes} />
          <Moves moves={data.moves} copies={data.old_copies} />
          <Care storage={data} />
          <Repositories storage={data} />
        </Stack>
      )}
    </>
  )
}

export function Section({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Group justify="space-between" mb="xs" gap="xs">
        <Title order={2} size="h4">
          {title}
        </Title>
        {actions}
      </Group>
      {children}
    </section>
  )
}
