// The history of a file or folder: its versions, latest first, also under the names that it had before.
import { Badge, Button, Group, Paper, Stack, Text } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { CopyButton } from '../../../parts/copy.tsx'
import { TextLink } from '../../../parts/link.tsx'
import { Failure, Waiting } from '../../../parts/states.tsx'
import { sizeText } from '../../../parts/size.ts'
import { Time } from '../../../parts/time.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { useNamed, useRepository } from '../layout.tsx'
import { metaQuery } from './data.ts'
import { type FilePlace, nearestQuery, type Version, versionsQuery } from './file-data.ts'
import { FileWays, placeOf, Trail, useFileAddress, usePermalink } from './file-place.tsx'
import { Missing } from './missing.tsx'

/** What was removed has a history too: then the folder above it says where the name of the branch ends. */
export function FileHistory() {
  const address = useNamed()
  const { id } = useRepository()
  const meta = useQuery({ ...metaQuery(id, address), retry: false })
  const above = useQuery({ ...nearestQuery(id, address), enabled: meta.isError })
  if (meta.data)
    return (
      <Versions
        address={address}
        place={placeOf(address, meta.data)}
        gone={false}
        isFolder={meta.data.type === 'commit_directory'}
      />
    )
  if (above.data) {
    const { refName, commit } = placeOf(above.data.address, above.data.entry)
    const place = { refName, commit, path: address.slice(refName.length + 1) }
    return <Versions address={address} place={place} gone isFolder={false} />
  }
  if (above.data === null) return <Missing address={address} />
  return <Waiting rows={6} />
}

interface Props {
  address: string
  place: FilePlace
  /** It is not there any more. */
  gone: boolean
  isFolder: boolean
}

function Versions({ address, place, gone, isFolder }: Props) {
  const { id } = useRepository()
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    ...versionsQuery(id, address),
    retry: false,
  })
  usePermalink(place, 'history')
  const versions = data?.pages.flatMap(({ values }) => values)
  if (error && gone) return <Missing address={address} />
  return (
    <>
      <PageTitle title={`History of ${place.path === '' ? 'all files' : place.path}`}>
        <Trail refName={place.refName} path={place.path} />
      </PageTitle>
      <FileWays place={place} way="history" isFolder={isFolder || gone} />
      {error && <Failure error={error} retry={refetch} />}
      {!versions && !error && <Waiting rows={6} />}
      {versions && (
        <Paper className="card" component="section" aria-label="Versions">
          {versions.map((version, i) => (
            <VersionRow key={version.commit.hash} version={version} older={versions[i + 1]} isFolder={isFolder} />
          ))}
        </Paper>
      )}
      {hasNextPage && (
        <Button mt="md" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Older versions
        </Button>
      )}
    </>
  )
}

function VersionRow({ version, older, isFolder }: { version: Version; older: Version | undefined; isFolder: boolean }) {
  const { repository } = useRepository()
  const { commit, path } = version
  const removed = isRemoved(version)
  const before = older && older.path !== path ? older.path : undefined
  return (
    <Group className="row" px="md" py="sm" gap="sm" align="flex-start" justify="space-between">
      <Stack gap={2} style={{ flex: '1 1 320px', minWidth: 0 }}>
        <Group gap="xs">
          <TextLink to={`/${repository.full_name}/commit/${commit.hash}`} fw={600} c="inherit">
            {commit.message.split('\n')[0] || 'No message'}
          </TextLink>
          {removed && (
            <Badge size="sm" color="red" variant="light" tt="none">
              deleted
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          {commit.author.raw.replace(/ <.*/, '')} · <Time iso={commit.date} />
          {!removed && !isFolder && ` · ${sizeText(version.size ?? 0)}`}
        </Text>
        {before !== undefined && (
          <Text size="sm">
            was <span className="mono">{before}</span>
          </Text>
        )}
      </Stack>
      <VersionLinks version={version} isFolder={isFolder} />
    </Group>
  )
}

function isRemoved({ links }: Version): boolean {
  return links.self === undefined
}

function VersionLinks({ version, isFolder }: { version: Version; isFolder: boolean }) {
  const { repository } = useRepository()
  const addressOf = useFileAddress()
  const { hash } = version.commit
  const removed = isRemoved(version)
  return (
    <Group gap="sm">
      {!removed && (
        <TextLink size="sm" to={addressOf('src', hash, version.path)}>
          {isFolder ? 'View the folder' : 'View the file'}
        </TextLink>
      )}
      {!removed && !isFolder && (
        <TextLink size="sm" to={addressOf('annotate', hash, version.path)}>
          Blame
        </TextLink>
      )}
      <TextLink size="sm" to={`/${repository.full_name}/commit/${hash}`}>
        Diff
      </TextLink>
      <TextLink size="sm" to={addressOf('src', hash, '')}>
        Browse here
      </TextLink>
      <Group gap={2} wrap="nowrap">
        <Text span className="mono" size="sm">
          {hash.slice(0, 8)}
        </Text>
        <CopyButton text={hash} label="Copy the commit id" />
      </Group>
    </Group>
  )
}
