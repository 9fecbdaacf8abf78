// Where one is in the repository: the way there as links, the path to copy, and the address that stays true.
import { ActionIcon, Text, Tooltip } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { LinkIcon } from '@primer/octicons-react'
import { useNavigate, useRouterState } from '@tanstack/react-router'
import type { Tree } from '../../../../server/contract/source.ts'
import { CopyButton } from '../../../parts/copy.tsx'
import { TextLink } from '../../../parts/link.tsx'
import { encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { shownName } from './tree-data.ts'

export function Crumbs({ refName, path }: { refName: string; path: string }) {
  const { repository } = useRepository()
  const parts = path === '' ? [] : path.split('/')
  const start = `/${repository.full_name}/src/${encoded(refName)}`
  return (
    <Text span size="lg" fw={600}>
      <TextLink to={start}>{repository.slug}</TextLink>
      {parts.map((part, i) => (
        <span key={parts.slice(0, i + 1).join('/')}>
          {' / '}
          {i === parts.length - 1 ? (
            <bdi>{shownName(part)}</bdi>
          ) : (
            <TextLink to={`${start}/${encoded(parts.slice(0, i + 1).join('/'))}`}>
              <bdi>{shownName(part)}</bdi>
            </TextLink>
          )}
        </span>
      ))}
    </Text>
  )
}

/** The permalink names the commit, so it shows the same for ever; the key y leads there too. */
export function PathActions({ place: { path, ref, commit } }: { place: Tree }) {
  const { repository } = useRepository()
  const navigate = useNavigate()
  const hash = useRouterState({ select: (state) => state.location.hash })
  const isPermanent = ref === commit
  const go = (): void => {
    if (isPermanent) return
    const rest = path === '' ? '' : `/${encoded(path)}`
    void navigate({ to: `/${repository.full_name}/src/${commit}${rest}`, hash, resetScroll: false })
  }
  useHotkeys([['y', go]])
  return (
    <>
      {path !== '' && <CopyButton text={shownName(path)} label="Copy the path" />}
      {!isPermanent && (
        <Tooltip label="Permalink to this commit (y)">
          <ActionIcon variant="subtle" aria-label="Permalink" onClick={go}>
            <LinkIcon />
          </ActionIcon>
        </Tooltip>
      )}
    </>
  )
}
