// The text of a file: a warning where it is not what it seems, its lines, and its outline beside them.
import { Alert, Text } from '@mantine/core'
import { AlertIcon } from '@primer/octicons-react'
import { useMemo } from 'react'
import { Code } from '../../../code/code.tsx'
import { splitLines } from '../../../code/line-text.tsx'
import { oddLines } from '../../../code/odd.ts'
import { outlineOf } from '../../../code/outline.ts'
import { useRange } from '../../../code/range.ts'
import { TextLink } from '../../../parts/link.tsx'
import { Empty } from '../../../parts/states.tsx'
import type { useChoices } from './file-actions.tsx'
import type { FilePlace } from './file-data.ts'
import { OutlinePanel } from './outline-panel.tsx'
import { RangeBar } from './range-bar.tsx'
import './preview.css'

interface Props {
  place: FilePlace
  text: string
  choices: ReturnType<typeof useChoices>
}

export function SourceText({ place, text, choices: { wrap, outline } }: Props) {
  const range = useRange()
  const landmarks = useMemo(
    () => (outline ? (outlineOf(place.path, text) ?? []) : undefined),
    [outline, place.path, text],
  )
  if (text === '') return <Empty title="This file is empty." />
  return (
    <>
      <OddWarning text={text} />
      <div className={landmarks ? 'beside' : undefined}>
        <div style={{ minWidth: 0 }}>
          <Code text={text} path={place.path} wrap={wrap} />
        </div>
        {landmarks && <OutlinePanel landmarks={landmarks} />}
      </div>
      {range && <RangeBar range={range} place={place} text={text} />}
    </>
  )
}

const MOST_NAMED = 8

function OddWarning({ text }: { text: string }) {
  const { turning, unseen } = useMemo(() => oddLines(splitLines(text)), [text])
  const lines = turning.length > 0 ? turning : unseen
  if (lines.length === 0) return null
  return (
    <Alert
      color={turning.length > 0 ? 'red' : 'yellow'}
      icon={<AlertIcon />}
      m="sm"
      title={
        turning.length > 0
          ? 'This file holds signs that turn the order of its text'
          : 'This file holds signs that are not seen'
      }
    >
      <Text size="sm">
        {turning.length > 0
          ? 'It may do something else than it seems to. They are shown by their numbers: '
          : 'They are shown by their numbers: '}
        {lines.slice(0, MOST_NAMED).map((line, i) => (
          <span key={line}>
            {i > 0 && ', '}
            <TextLink to="." search hash={`lines-${line}`} replace resetScroll={false} underline="always" c="inherit">
              line {line}
            </TextLink>
          </span>
        ))}
        {lines.length > MOST_NAMED && ` and ${lines.length - MOST_NAMED} more`}.
      </Text>
    </Alert>
  )
}
