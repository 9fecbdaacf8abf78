// Text as numbered lines: a line or a range can be linked to, colours come when they are ready.
import { Button, Group, Text, useComputedColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useRouterState } from '@tanstack/react-router'
import { memo, useEffect, useMemo, useState } from 'react'
import { highlight, type Line } from './highlight.ts'
import './code.css'

/** More rows at once make a browser stand still. */
const AT_ONCE = 5000

interface Range {
  from: number
  to: number
}

/** `lines-3:7` and `lines-3` as they stand behind the # of an address. */
export function parseRange(hash: string): Range | undefined {
  const match = /^#?lines-(\d{1,7})(?::(\d{1,7}))?$/.exec(hash)
  if (!match) return undefined
  const from = Number(match[1])
  const to = Number(match[2] ?? match[1])
  return { from: Math.min(from, to), to: Math.max(from, to) }
}

export function Code({ text, path, wrap }: { text: string; path: string; wrap: boolean }) {
  const dark = useComputedColorScheme('light') === 'dark'
  const lines = useMemo(() => text.replace(/\n$/, '').split('\n'), [text])
  const coloured = useQuery({
    queryKey: ['coloured', path, text, dark],
    queryFn: async () => (await highlight(text, path, dark)) ?? null,
    staleTime: Infinity,
    gcTime: 60_000,
  }).data
  const hash = useRouterState({ select: (state) => state.location.hash })
  const range = parseRange(hash)
  const navigate = useNavigate()
  const [asked, setAsked] = useState(AT_ONCE)
  const shown = Math.min(lines.length, Math.max(asked, range ? Math.min(range.to, lines.length) + 100 : 0))
  const first = range?.from
  useEffect(() => {
    if (first !== undefined) document.querySelector(`#line-${first}`)?.scrollIntoView({ block: 'center' })
  }, [first])
  const pick = (line: number, extend: boolean): void => {
    const to = extend && range ? `lines-${range.from}:${line}` : `lines-${line}`
    void navigate({ to: '.', hash: to, replace: true, resetScroll: false })
  }
  return (
    <div className={wrap ? 'code wrap' : 'code'} role="region" aria-label={`Content of ${path}`} tabIndex={0}>
      <table>
        <tbody>
          {lines.slice(0, shown).map((line, i) => (
            <Row
              // oxlint-disable-next-line react/no-array-index-key -- a line is known by its number
              key={i}
              number={i + 1}
              text={line}
              tokens={coloured?.[i]}
              marked={range !== undefined && i + 1 >= range.from && i + 1 <= range.to}
              onPick={pick}
            />
          ))}
        </tbody>
      </table>
      {shown < lines.length && (
        <Group p="md" gap="sm">
          <Text size="sm" c="dimmed">
            {shown.toLocaleString('en')} of {lines.length.toLocaleString('en')} lines
          </Text>
          <Button size="xs" variant="default" onClick={() => setAsked(shown + AT_ONCE)}>
            Show more
          </Button>
        </Group>
      )}
    </div>
  )
}

interface RowProps {
  number: number
  text: string
  tokens: Line | undefined
  marked: boolean
  onPick: (line: number, extend: boolean) => void
}

const Row = memo(
  function Row({ number, text, tokens, marked, onPick }: RowProps) {
    return (
      <tr id={`line-${number}`} className={marked ? 'marked' : undefined}>
        <td className="number">
          <button
            type="button"
            tabIndex={-1}
            aria-label={`Link to line ${number}`}
            data-number={number}
            onClick={(event) => onPick(number, event.shiftKey)}
          />
        </td>
        <td className="text">
          {tokens
            ? tokens.map((token) => (
                <span key={token.offset} style={{ color: token.color }}>
                  {token.content}
                </span>
              ))
            : text}
        </td>
      </tr>
    )
  },
  (before, after) => before.text === after.text && before.tokens === after.tokens && before.marked === after.marked,
)
