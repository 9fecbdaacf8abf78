// A path that is not there: whether it ever was, what it was then, and the folder that it would stand in.
import { Group, Paper, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { call } from '../../../api.ts'
import { ButtonLink } from '../../../parts/link.tsx'
import { Empty } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { apiOf, encoded, type Id, type Page } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { RefPicker } from '../ref-picker.tsx'
import { nearestQuery, type Version } from './file-data.ts'
import { placeOf, useFileAddress } from './file-place.tsx'

/** Old links lead here, and repositories of which tags were pushed and the main branch was not. */
export function Missing({ address }: { address: string }) {
  const { repository } = useRepository()
  const navigate = useNavigate()
  const isMain = address === repository.main_branch
  return (
    <>
      <PageTitle title={isMain ? 'No main branch yet' : 'Not found'} />
      <Stack gap="md">
        <RefPicker
          refName={isMain ? '' : address}
          onPick={(name) => void navigate({ to: `/${repository.full_name}/src/${encoded(name)}` })}
        />
        <Paper className="card">
          <Empty title={isMain ? `The branch ${address} was not pushed yet.` : `There is no ${address} here.`}>
            {!isMain && <Before address={address} />}
            <Text c="dimmed">Choose another branch or tag above.</Text>
          </Empty>
        </Paper>
      </Stack>
    </>
  )
}

/** The commit that removed it, and the one before, which had it last; null where the branch never had it. */
async function askLast(id: Id, address: string, signal: AbortSignal): Promise<Version[] | null> {
  const query = '?pagelen=2&renames=false'
  const found = call<Page<Version>>('GET', `${apiOf(id)}/filehistory/${encoded(address)}${query}`, undefined, signal)
  return found.then(
    ({ values }) => values,
    () => null,
  )
}

function Before({ address }: { address: string }) {
  const { id } = useRepository()
  const addressOf = useFileAddress()
  const nearest = useQuery(nearestQuery(id, address)).data
  const versions = useQuery({
    queryKey: ['last-version', id.workspace, id.repo, address],
    queryFn: ({ signal }) => askLast(id, address, signal),
  }).data
  const place = nearest && placeOf(nearest.address, nearest.entry)
  const had = versions?.find(({ links }) => links.self !== undefined)
  const removed = versions?.find(({ links }) => links.self === undefined)
  return (
    <>
      {had && removed && (
        <Text ta="center">
          It was there until {removed.commit.author.raw.replace(/ <.*/, '')} removed it{' '}
          <Time iso={removed.commit.date} />.
        </Text>
      )}
      <Group gap="xs" justify="center">
        {had && (
          <ButtonLink to={addressOf('src', had.commit.hash, had.path)} size="sm">
            As it was last
          </ButtonLink>
        )}
        {had && place && (
          <ButtonLink to={addressOf('history', place.refName, had.path)} variant="default" size="sm">
            Its history
          </ButtonLink>
        )}
        {place && (
          <ButtonLink to={addressOf('src', place.refName, place.path)} variant="default" size="sm">
            {place.path === '' ? `Files of ${place.refName}` : `The folder ${place.path}`}
          </ButtonLink>
        )}
      </Group>
    </>
  )
}
