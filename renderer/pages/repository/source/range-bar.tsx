// What can be done with the lines that are marked: their address, their address for ever, their text.
import { Button, Group, Paper, Text } from '@mantine/core'
import { useState } from 'react'
import { splitLines } from '../../../code/line-text.tsx'
import { type Range, rangeText } from '../../../code/range.ts'
import { copy } from '../../../parts/copy.tsx'
import type { FilePlace } from './file-data.ts'
import { useFileAddress } from './file-place.tsx'

export function RangeBar({ range, place, text }: { range: Range; place: FilePlace; text: string }) {
  const addressOf = useFileAddress()
  const { from, to } = range
  const link = (refName: string): string =>
    `${location.origin}${addressOf('src', refName, place.path)}${location.search}#${rangeText(range)}`
  const lines = (): string =>
    `${splitLines(text)
      .slice(from - 1, to)
      .join('\n')}\n`
  return (
    <Paper
      withBorder
      shadow="sm"
      px="md"
      py={6}
      role="group"
      aria-label="Marked lines"
      style={{ position: 'sticky', bottom: 8, zIndex: 2, margin: 8 }}
    >
      <Group gap="sm">
        <Text size="sm">{from === to ? `Line ${from}` : `Lines ${from} to ${to}`}</Text>
        <CopyText label="Copy link" text={() => link(place.refName)} />
        <CopyText label="Copy permalink" text={() => link(place.commit)} />
        <CopyText label="Copy text" text={lines} />
      </Group>
    </Paper>
  )
}

function CopyText({ label, text }: { label: string; text: () => string }) {
  const [copied, setCopied] = useState('')
  const now = text()
  return (
    <Button
      size="compact-xs"
      variant="default"
      onClick={() => void copy(now).then((done) => setCopied(done ? now : ''))}
    >
      {copied === now ? 'Copied' : label}
    </Button>
  )
}
