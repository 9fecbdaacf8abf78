// Where a file stands: the branch, the ways to look at it, and its address that never changes.
import { Group, Text } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { CodeIcon, HistoryIcon, PeopleIcon } from '@primer/octicons-react'
import { useNavigate } from '@tanstack/react-router'
import { ButtonLink, TextLink } from '../../../parts/link.tsx'
import { encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { RefPicker } from '../ref-picker.tsx'
import type { FilePlace } from './file-data.ts'

export type Way = 'src' | 'annotate' | 'history'

const WAYS = [
  ['src', 'Code', CodeIcon],
  ['annotate', 'Blame', PeopleIcon],
  ['history', 'History', HistoryIcon],
] as const

/** The address of a file or folder in one of the ways to look at it. */
export function useFileAddress(): (way: Way, refName: string, path: string) => string {
  const { repository } = useRepository()
  return (way, refName, path) =>
    `/${repository.full_name}/${way}/${encoded(refName)}${path === '' ? '' : `/${encoded(path)}`}`
}

interface Props {
  place: FilePlace
  way: Way
  /** A folder has a history, and no lines that somebody wrote. */
  isFolder?: boolean
}

/** The branch is chosen and the way is changed without losing the lines that the address names. */
export function FileWays({ place: { refName, path }, way, isFolder = false }: Props) {
  const navigate = useNavigate()
  const addressOf = useFileAddress()
  return (
    <Group justify="space-between" gap="sm" mb="md">
      <RefPicker
        refName={refName}
        onPick={(name) => void navigate({ to: addressOf(way, name, path), search: true, hash: true })}
      />
      <Group gap={6} component="nav" aria-label="Ways to look at it">
        {WAYS.filter(([name]) => name !== 'annotate' || !isFolder).map(([name, label, Icon]) => (
          <ButtonLink
            key={name}
            to={addressOf(name, refName, path)}
            hash
            size="xs"
            variant={name === way ? 'light' : 'default'}
            leftSection={<Icon />}
            {...(name === way ? { 'aria-current': 'page' as const } : {})}
          >
            {label}
          </ButtonLink>
        ))}
      </Group>
    </Group>
  )
}

/** Goes to the address of what is shown that stays the same whatever is pushed, also by the key `y`. */
export function usePermalink({ commit, path }: FilePlace, way: Way): () => void {
  const navigate = useNavigate()
  const to = useFileAddress()(way, commit, path)
  const go = (): void => void navigate({ to, search: true, hash: true })
  useHotkeys([['y', go]])
  return go
}

/** Each folder on the way to it is a link, as it was at this commit. */
export function Trail({ refName, path }: { refName: string; path: string }) {
  const { repository } = useRepository()
  const addressOf = useFileAddress()
  const parts = path.split('/')
  return (
    <Text span size="lg" fw={600}>
      <TextLink to={addressOf('src', refName, '')}>{repository.slug}</TextLink>
      {parts.map((part, i) => {
        const upTo = parts.slice(0, i + 1).join('/')
        return (
          <span key={upTo}>
            {' / '}
            {i === parts.length - 1 ? part : <TextLink to={addressOf('src', refName, upTo)}>{part}</TextLink>}
          </span>
        )
      })}
    </Text>
  )
}

/** The server says where the name of the ref ends: it may hold slashes. */
export function placeOf(address: string, entry: { path: string; commit: { hash: string } }): FilePlace {
  const { path } = entry
  const refName = path === '' ? address.replace(/\/+$/, '') : address.slice(0, address.lastIndexOf(path) - 1)
  return { refName, path, commit: entry.commit.hash }
}
