// The frame of one changed file: its name and what happened to it, where to see it whole, and what the caller shows in it.
import { Badge, Group, Paper, Stack, Text } from '@mantine/core'
import { ChevronDownIcon, ChevronRightIcon } from '@primer/octicons-react'
import type { ReactNode } from 'react'
import type { ChangedFile } from '../../server/contract/changes.ts'
import { CopyButton } from '../parts/copy.tsx'
import { TextLink } from '../parts/link.tsx'
import { pathOf, sentencesOf, stateOf } from './diff-facts.ts'
import './diff.css'

interface Props {
  file: ChangedFile
  /** Its address on the page. */
  anchor: string
  open: boolean
  onToggle: () => void
  /** Addresses of the file on both sides. */
  before: string | undefined
  after: string | undefined
  children: ReactNode
}

export function FileFrame({ file, anchor, open, onToggle, before, after, children }: Props) {
  const path = pathOf(file)
  const state = stateOf(file)
  const sentences = sentencesOf(file)
  return (
    <Paper className="card changed-file" component="section" aria-label={path} id={anchor}>
      <Group className="changed-head" px="sm" py={6} gap="xs" wrap="nowrap">
        <button type="button" className="changed-name" onClick={onToggle} aria-expanded={open}>
          {open ? <ChevronDownIcon /> : <ChevronRightIcon />}
          <Text size="sm" fw={600} span>
            {path}
          </Text>
        </button>
        {state && (
          <Badge variant="light" size="sm" tt="none" visibleFrom="xs" style={{ flex: 'none' }}>
            {state}
          </Badge>
        )}
        <Counts file={file} />
        <Group gap={6} wrap="nowrap" visibleFrom="sm">
          {before !== undefined && (
            <TextLink to={before} size="sm">
              Before
            </TextLink>
          )}
          {after !== undefined && (
            <TextLink to={after} size="sm">
              After
            </TextLink>
          )}
          <CopyButton text={path} label="Copy the path" />
        </Group>
      </Group>
      {sentences.length > 0 && (
        <Stack gap={0} px="md" pb={6}>
          {sentences.map((sentence) => (
            <Text key={sentence} size="sm" c="dimmed">
              {sentence}
            </Text>
          ))}
        </Stack>
      )}
      {open && children}
    </Paper>
  )
}

export function Counts({ file: { added, removed } }: { file: Pick<ChangedFile, 'added' | 'removed'> }) {
  if (added === null || removed === null) return null
  return (
    <Text size="sm" className="mono" span style={{ whiteSpace: 'nowrap' }}>
      <span className="count-added">+{added}</span> <span className="count-removed">−{removed}</span>
    </Text>
  )
}
