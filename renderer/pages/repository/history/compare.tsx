// Any two revisions side by side: what one has that the other has not, as commits and as changes.
import { ActionIcon, Alert, Group, Paper, SegmentedControl, Stack, Tabs, Text, Tooltip } from '@mantine/core'
import { AlertIcon, ArrowSwitchIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import type { Compared } from '../../../../server/contract/changes.ts'
import { ApiError } from '../../../api.ts'
import { TextLink } from '../../../parts/link.tsx'
import { Empty, Failure, Waiting } from '../../../parts/states.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { Changes } from './changes.tsx'
import { CommitList } from './commit-list.tsx'
import { comparedQuery } from './data.ts'
import { RevisionPicker } from './revision-picker.tsx'

interface Search {
  tab?: 'commits'
  how?: 'direct'
  space?: 'ignore'
}

interface Sides {
  source: string
  destination: string
}

/** `source..destination`, as Bitbucket has it; the main branch where only one is named. */
function useSides(): Sides {
  const { repository } = useRepository()
  const { _splat = '' } = useParams({ strict: false })
  const [source = '', destination = ''] = _splat.split(/\.{2,3}/, 2)
  return { source, destination: destination || repository.main_branch }
}

export function Compare() {
  const { id, repository } = useRepository()
  const sides = useSides()
  const search: Search = useSearch({ strict: false })
  const navigate = useNavigate()
  const { data, error, refetch } = useQuery(comparedQuery(id, sides.source, sides.destination))
  const go = ({ source, destination }: Sides): void =>
    void navigate({
      to: `/${repository.full_name}/compare/${encoded(source)}..${encoded(destination)}`,
      search: { ...search },
    })
  const unknown = error instanceof ApiError && error.status === 404 ? error.reason : undefined
  return (
    <>
      <PageTitle title="Compare" />
      <Paper className="card" p="md" mb="md">
        <Group align="flex-end" gap="sm">
          <RevisionPicker label="Changes in" value={sides.source} onPick={(source) => go({ ...sides, source })} />
          <Tooltip label="Swap the two">
            <ActionIcon
              variant="default"
              size={36}
              aria-label="Swap the two"
              disabled={sides.source === ''}
              onClick={() => go({ source: sides.destination, destination: sides.source })}
            >
              <ArrowSwitchIcon />
            </ActionIcon>
          </Tooltip>
          <RevisionPicker
            label="Compared with"
            value={sides.destination}
            onPick={(destination) => go({ ...sides, destination })}
          />
        </Group>
      </Paper>
      {unknown !== undefined && (
        <Alert color="red" icon={<AlertIcon />} title={unknown} role="alert">
          Choose another one above.
        </Alert>
      )}
      {error && unknown === undefined && <Failure error={error} retry={refetch} />}
      {sides.source === '' && <Empty title="Choose what to compare." />}
      {sides.source !== '' && !data && !error && <Waiting rows={6} />}
      {data && <Comparison compared={data} sides={sides} search={search} />}
    </>
  )
}

const commits = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'commit' : 'commits'}`

interface ComparisonProps {
  compared: Compared
  sides: Sides
  search: Search
}

function Comparison({ compared, sides, search }: ComparisonProps) {
  const navigate = useNavigate()
  const change = (next: Partial<Record<keyof Search, string | undefined>>): void =>
    void navigate({ to: '.', search: (all: Record<string, unknown>) => ({ ...all, ...next }), resetScroll: false })
  if (compared.same) return <Empty title={`${sides.source} and ${sides.destination} are at the same commit.`} />
  const tab = search.tab ?? 'files'
  const parted = compared.merge_base !== null
  const direct = search.how === 'direct' || !parted
  const { source, destination } = compared
  return (
    <Stack gap="sm">
      <Standing compared={compared} sides={sides} />
      <Tabs value={tab} onChange={(value) => change({ tab: value === 'commits' ? value : undefined })}>
        <Tabs.List>
          <Tabs.Tab value="files">Changes</Tabs.Tab>
          <Tabs.Tab value="commits">Commits ({compared.ahead.toLocaleString('en')})</Tabs.Tab>
        </Tabs.List>
      </Tabs>
      {tab === 'commits' ? (
        <CommitList
          range={{ of: source.hash, without: destination.hash }}
          graph
          empty={`${sides.source} has no commit that ${sides.destination} has not.`}
        />
      ) : (
        <Changes
          spec={`${source.hash}..${destination.hash}`}
          direct={direct}
          choices={
            parted && (
              <SegmentedControl
                size="xs"
                aria-label="What to compare with"
                data={[
                  { value: 'parted', label: 'Since they parted' },
                  { value: 'direct', label: 'Directly' },
                ]}
                value={direct ? 'direct' : 'parted'}
                onChange={(value) => change({ how: value === 'direct' ? value : undefined })}
              />
            )
          }
        />
      )}
    </Stack>
  )
}

function Standing({ compared, sides }: { compared: Compared; sides: Sides }) {
  const { repository } = useRepository()
  const { ahead, behind, merge_base: base } = compared
  return (
    <Text size="sm">
      <b>{sides.source}</b> is {commits(ahead)} ahead of and {commits(behind)} behind <b>{sides.destination}</b>.{' '}
      {base === null ? (
        'The two have no common history, so they are compared as they stand.'
      ) : (
        <>
          They parted at{' '}
          <TextLink to={`/${repository.full_name}/commit/${base}`} className="mono">
            {base.slice(0, 8)}
          </TextLink>
          .
        </>
      )}
    </Text>
  )
}
