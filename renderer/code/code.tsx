// Text as numbered lines: a line or a range can be linked to, colours come when they are ready.
import { Button, Group, Text, useComputedColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { highlight, type Line } from './highlight.ts'
import { LineText, splitLines } from './line-text.tsx'
import { type Range, rangeText, useRange } from './range.ts'
import './code.css'

/** More rows at once make a browser stand still. */
const AT_ONCE = 5000

/** Undefined until they are known, and where there are none. */
export function useColours(text: string, path: string): Line[] | undefined {
  const dark = useComputedColorScheme('light') === 'dark'
  const { data } = useQuery({
    queryKey: ['coloured', path, text, dark],
    queryFn: async () => (await highlight(text, path, dark)) ?? null,
    staleTime: Infinity,
    gcTime: 60_000,
  })
  return data ?? undefined
}

/** Writes lines into the address: one, or with `extend` from the one that is there to this one. */
export function usePick(range: Range | undefined): (line: number, extend: boolean) => void {
  const navigate = useNavigate()
  const first = useRef(range?.from)
  useEffect(() => {
    first.current = range?.from
  }, [range])
  return useCallback(
    (line, extend) => {
      const other = extend ? (first.current ?? line) : line
      const hash = rangeText({ from: Math.min(other, line), to: Math.max(other, line) })
      void navigate({ to: '.', search: true, hash, replace: true, resetScroll: false })
    },
    [navigate],
  )
}

/** Brings the line into view that the address names, unless a reader has it there already. */
export function useInView(line: number | undefined, ready: boolean): void {
  useEffect(() => {
    const row = line === undefined || !ready ? null : document.querySelector(`#line-${line}`)
    if (!row) return
    const { top, bottom } = row.getBoundingClientRect()
    if (top < 0 || bottom > innerHeight) row.scrollIntoView({ block: 'center' })
  }, [line, ready])
}

export function Code({ text, path, wrap }: { text: string; path: string; wrap: boolean }) {
  const lines = useMemo(() => splitLines(text), [text])
  const colours = useColours(text, path)
  const range = useRange()
  const pick = usePick(range)
  const [asked, setAsked] = useState(AT_ONCE)
  const shown = Math.min(lines.length, Math.max(asked, range ? Math.min(range.to, lines.length) + 100 : 0))
  useInView(range?.from, true)
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
              tokens={colours?.[i]}
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
        <NumberCell number={number} onPick={onPick} />
        <td className="text">
          <LineText text={text} tokens={tokens} />
        </td>
      </tr>
    )
  },
  (before, after) => before.text === after.text && before.tokens === after.tokens && before.marked === after.marked,
)

export function NumberCell({ number, onPick }: Pick<RowProps, 'number' | 'onPick'>) {
  return (
    <td className="number">
      <button
        type="button"
        tabIndex={-1}
        aria-label={`Link to line ${number}`}
        data-number={number}
        onClick={(event) => onPick(number, event.shiftKey)}
      />
    </td>
  )
}
