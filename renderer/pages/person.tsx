// A person: who they are, and what they did where the reader may look.
import { Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { ApiError, call, path } from '../api.ts'
import { ActivityFeed } from '../parts/activity.tsx'
import { TextLink } from '../parts/link.tsx'
import { Picture } from '../parts/person.tsx'
import { Failure, Waiting } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { PageTitle } from '../parts/title.tsx'
import { NotFound } from './not-found.tsx'

interface Person {
  username: string
  display_name: string
  created_on: string
}

export function PersonPage() {
  const { username } = useParams({ from: '/people/$username' })
  const { data, error, refetch } = useQuery({
    queryKey: ['person', username],
    queryFn: ({ signal }) => call<Person>('GET', path('2.0', 'users', username), undefined, signal),
  })
  if (error instanceof ApiError && error.status === 404) return <NotFound />
  if (error) return <Failure error={error} retry={refetch} />
  if (!data) return <Waiting rows={6} />
  return (
    <>
      <PageTitle title={data.display_name}>
        <Group component="span" gap="sm" wrap="nowrap">
          <Picture name={data.username} size={36} />
          {data.display_name}
        </Group>
      </PageTitle>
      <Text c="dimmed" mb="lg">
        {data.username} · here since <Time iso={data.created_on} /> ·{' '}
        <TextLink to="/$workspace" params={{ workspace: data.username }}>
          workspace
        </TextLink>
      </Text>
      <ActivityFeed
        at={path('people', data.username, 'activity')}
        empty={`${data.display_name} did nothing yet in repositories that you may see`}
      />
    </>
  )
}
