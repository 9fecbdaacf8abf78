// A branch or a tag as a row: its last commit, how far it is from the main branch, and what can be done with it.
import { ActionIcon, Badge, Group, Menu, Skeleton, Stack, Text } from '@mantine/core'
import { KebabHorizontalIcon, TrashIcon } from '@primer/octicons-react'
import { Link } from '@tanstack/react-router'
import { archiveAddress, ArchiveItem } from '../../../parts/download.tsx'
import { TextLink } from '../../../parts/link.tsx'
import { Time } from '../../../parts/time.tsx'
import { encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import type { Kind, RefRow as Named } from './data.ts'
import './row.css'

interface Distance {
  of: { ahead: number | null; behind: number | null } | undefined
  /** The largest count of the page. */
  most: number
  known: boolean
}

interface Props {
  kind: Kind
  named: Named
  main: boolean
  distance: Distance | undefined
  onDelete?: () => void
}

export function RefRow({ kind, named, main, distance, onDelete }: Props) {
  const { repository } = useRepository()
  const { name, message, target } = named
  const base = `/${repository.full_name}`
  const [told = ''] = (message ?? '').trim().split('\n', 1)
  return (
    <Group className="row ref-row" px="md" py="sm" gap="sm" wrap="nowrap">
      <Stack gap={2} style={{ flex: 1, minWidth: 0 }}>
        <Group gap="xs">
          <TextLink to={`${base}/src/${encoded(name)}`} className="mono" fw={600}>
            {name}
          </TextLink>
          {main && (
            <Badge size="sm" variant="light" tt="none">
              main branch
            </Badge>
          )}
        </Group>
        {kind === 'tags' && told !== '' && (
          <Text size="sm" lineClamp={2}>
            {told}
          </Text>
        )}
        <Text size="sm" c="dimmed" truncate>
          <TextLink to={`${base}/commit/${target.hash}`} className="mono">
            {target.hash.slice(0, 8)}
          </TextLink>{' '}
          {target.message.split('\n', 1)[0]}
        </Text>
        <Text size="xs" c="dimmed">
          {target.author.raw.replace(/ <.*/, '')} · <Time iso={target.date} />
        </Text>
      </Stack>
      {distance && !main && <Bars distance={distance} main={repository.main_branch} />}
      <RefMenu kind={kind} name={name} main={main} {...(onDelete && { onDelete })} />
    </Group>
  )
}

/** Small differences are still to be seen beside large ones. */
function part(count: number, most: number): string {
  return count === 0 ? '0' : `${Math.max(6, Math.sqrt(count / most) * 100)}%`
}

function Bars({ distance: { of, most, known }, main }: { distance: Distance; main: string }) {
  if (!known) return <Skeleton height={18} className="ref-bars" aria-hidden="true" />
  if (!of || of.ahead === null || of.behind === null) return <div className="ref-bars" />
  const { ahead, behind } = of
  const said = `${behind} behind and ${ahead} ahead of ${main}`
  return (
    <div className="ref-bars" role="img" aria-label={said} title={said}>
      <div className="ref-bar left">
        <span>{behind.toLocaleString('en')}</span>
        <i style={{ width: part(behind, most) }} />
      </div>
      <div className="ref-bar right">
        <span>{ahead.toLocaleString('en')}</span>
        <i style={{ width: part(ahead, most) }} />
      </div>
    </div>
  )
}

function RefMenu({ kind, name, main, onDelete }: Omit<Props, 'named' | 'distance'> & { name: string }) {
  const { repository } = useRepository()
  const base = `/${repository.full_name}`
  return (
    <Menu position="bottom-end" width={240} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`What to do with ${name}`}>
          <KebabHorizontalIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to={`${base}/src/${encoded(name)}`}>
          Browse files
        </Menu.Item>
        <Menu.Item component={Link} to={`${base}/commits/${encoded(name)}`}>
          Commits
        </Menu.Item>
        {!main && (
          <Menu.Item component={Link} to={`${base}/compare/${encoded(name)}..${encoded(repository.main_branch)}`}>
            Compare with {repository.main_branch}
          </Menu.Item>
        )}
        <Menu.Divider />
        <ArchiveItem href={archiveAddress(repository.full_name, name, 'zip')} label="Download .zip" />
        <ArchiveItem href={archiveAddress(repository.full_name, name, 'tar.gz')} label="Download .tar.gz" />
        {onDelete && !main && (
          <>
            <Menu.Divider />
            <Menu.Item c="var(--broken)" leftSection={<TrashIcon />} onClick={onDelete}>
              Delete this {kind === 'branches' ? 'branch' : 'tag'}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
