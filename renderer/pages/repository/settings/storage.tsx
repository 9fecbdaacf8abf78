// How much is stored of a repository, and what the last check of it found.
import { Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { RepositoryStorage } from '../../../../server/contract/storage.ts'
import { call, OWN } from '../../../api.ts'
import { sizeText } from '../../../parts/size.ts'
import { Failure, Waiting } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { Verdict } from '../../admin/storage/repositories.tsx'
import { useRepository } from '../layout.tsx'

export function RepositoryStoragePage() {
  const { id } = useRepository()
  const path = `${OWN}/repositories/${encodeURIComponent(id.workspace)}/${encodeURIComponent(id.repo)}/storage`
  const { data, error, refetch } = useQuery({
    queryKey: ['storage', id.workspace, id.repo],
    queryFn: ({ signal }) => call<RepositoryStorage>('GET', path, undefined, signal),
  })
  return (
    <>
      <PageTitle title="Storage" />
      {error && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting rows={3} />}
      {data && (
        <Paper className="card" p="lg">
          <Stack>
            <Figures entry={data} />
            <Group gap="xs">
              <Verdict entry={data} />
              <Text size="sm">
                {data.words}
                {data.checked_on !== null && (
                  <>
                    {' '}
                    Every object was read <Time iso={data.checked_on} />.
                  </>
                )}
              </Text>
            </Group>
            <Text size="sm" c="dimmed">
              On the disk {data.volume}.
              {data.counted_on !== null && (
                <>
                  {' '}
                  Counted <Time iso={data.counted_on} />.
                </>
              )}
            </Text>
          </Stack>
        </Paper>
      )}
    </>
  )
}

function Figures({ entry: { size, figures } }: { entry: RepositoryStorage }) {
  if (!figures) return <Text>{sizeText(size)}. The rest is counted after the next push.</Text>
  const number = new Intl.NumberFormat('en')
  const all = [
    ['Size', sizeText(size)],
    ['Objects', number.format(figures.objects)],
    ['Packs', number.format(figures.packs)],
    ['Commits', number.format(figures.commits)],
    ['Branches', number.format(figures.branches)],
    ['Tags', number.format(figures.tags)],
    ['Kept tips', number.format(figures.kept)],
  ] as const
  return (
    <SimpleGrid cols={{ base: 2, xs: 4 }}>
      {all.map(([label, value]) => (
        <div key={label}>
          <Text size="sm" c="dimmed">
            {label}
          </Text>
          <Text fw={600}>{value}</Text>
        </div>
      ))}
    </SimpleGrid>
  )
}
