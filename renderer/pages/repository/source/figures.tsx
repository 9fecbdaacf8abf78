// How much there is in the repository, each number with the way to it.
import { Group, Skeleton, Text } from '@mantine/core'
import { DatabaseIcon, GitBranchIcon, HistoryIcon, type Icon, TagIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { TextLink } from '../../../parts/link.tsx'
import { sizeText } from '../../../parts/size.ts'
import { encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { figuresQuery } from './tree-data.ts'

export function Figures({ refName }: { refName: string }) {
  const { id, repository } = useRepository()
  const { data, error } = useQuery(figuresQuery(id, refName))
  // Good to know, and not worth a word where it cannot be had: the page itself says what is wrong.
  if (error) return null
  if (!data) return <Skeleton width={260} height={16} />
  const base = `/${repository.full_name}`
  const { commits, branches, tags, size } = data
  return (
    <Group gap="md" style={{ rowGap: 2 }}>
      <Figure icon={HistoryIcon}>
        <TextLink to={`${base}/commits/${encoded(refName)}`}>{counted(commits, 'commit')}</TextLink>
      </Figure>
      <Figure icon={GitBranchIcon}>
        <TextLink to={`${base}/branches`}>{counted(branches, 'branch', 'branches')}</TextLink>
      </Figure>
      <Figure icon={TagIcon}>
        <TextLink to={`${base}/branches`} search={{ tab: 'tags' }}>
          {counted(tags, 'tag')}
        </TextLink>
      </Figure>
      {size > 0 && <Figure icon={DatabaseIcon}>{sizeText(size)}</Figure>}
    </Group>
  )
}

function Figure({ icon: Picture, children }: { icon: Icon; children: ReactNode }) {
  return (
    <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
      <Picture size={14} /> {children}
    </Text>
  )
}

function counted(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`
}
