// The lines of one changed file as a table, in one column or two: words that changed, colours, gaps that open.
import { Button, Group, Text, useComputedColorScheme } from '@mantine/core'
import { memo, type MouseEvent, useEffect, useMemo, useState } from 'react'
import { highlight } from './highlight.ts'
import type { PatchLine } from './patch.ts'
import { type Gap, pairsOf, type Row, type Way, waysOf } from './rows.ts'
import { segmentsOf, type Token } from './segments.ts'
import { markWords, type Span } from './words.ts'
import './diff.css'

export type View = 'unified' | 'split'

/** More rows at once make a browser slow. */
const AT_ONCE = 1000
/** Of a longer line the beginning is shown. */
const LINE_MAX = 2000
/** Longer texts are not coloured: nobody waits for a diff because of its colours. */
const COLOURED_MAX = 60_000

interface Props {
  rows: readonly Row[]
  view: View
  path: string
  /** What the addresses of lines begin with. */
  anchor: string
  /** The line that the address names. */
  picked?: string | undefined
  onPick?: (anchor: string) => void
  onExpand?: ((gap: Gap, way: Way) => void) | undefined
}

export function DiffLines({ rows, view, path, anchor, picked, onPick, onExpand }: Props) {
  const lines = useMemo(() => rows.flatMap((row) => (row.kind === 'line' ? [row.line] : [])), [rows])
  const marks = useMemo(() => markWords(lines), [lines])
  const colours = useColours(lines, path)
  const drawn = useMemo(() => (view === 'split' ? pairsOf(rows) : rows), [rows, view])
  const [asked, setAsked] = useState(AT_ONCE)
  const pick = (event: MouseEvent): void => {
    const cell = (event.target as HTMLElement).closest('td[id]')
    if (cell) onPick?.(cell.id)
  }
  const look = { anchor, picked, marks, colours }
  return (
    <div className="diff" role="region" aria-label={`Changes of ${path}`}>
      <table className={view} onClick={pick}>
        {view === 'split' && <Columns />}
        <tbody>
          {drawn
            .slice(0, asked)
            .map((row) =>
              row.kind === 'gap' ? (
                <GapRow
                  key={`gap ${row.gap.from}`}
                  gap={row.gap}
                  columns={view === 'split' ? 4 : 3}
                  onExpand={onExpand}
                />
              ) : (
                <LineRow key={keyOf(row)} row={row} look={look} />
              ),
            )}
        </tbody>
      </table>
      {drawn.length > asked && (
        <Group p="sm" gap="sm">
          <Text size="sm" c="dimmed">
            {asked.toLocaleString('en')} of {drawn.length.toLocaleString('en')} lines
          </Text>
          <Button size="xs" variant="default" onClick={() => setAsked(asked + AT_ONCE)}>
            Show more
          </Button>
        </Group>
      )}
    </div>
  )
}

/** Both sides are as wide, whatever stands in them. */
function Columns() {
  return (
    <colgroup>
      <col className="numbers" />
      <col />
      <col className="numbers" />
      <col />
    </colgroup>
  )
}

function keyOf(row: Row): string {
  if (row.kind === 'line') return `${row.line.kind} ${row.line.old} ${row.line.new}`
  if (row.kind === 'pair') return `${row.left?.kind} ${row.left?.old} ${row.right?.kind} ${row.right?.new}`
  return ''
}

type Colours = ReadonlyMap<PatchLine, readonly Token[]>

/** Each side is read as one text, so that what spans lines is known for what it is. Colours come when they are ready. */
function useColours(lines: readonly PatchLine[], path: string): Colours | undefined {
  const dark = useComputedColorScheme('light') === 'dark'
  const [colours, setColours] = useState<Colours>()
  useEffect(() => {
    let gone = false
    const sides = (['removed', 'added'] as const).map((side) =>
      lines.filter(({ kind }) => kind === side || kind === 'context'),
    )
    void Promise.all(sides.map((side) => colourSide(side, path, dark))).then((both) => {
      if (!gone) setColours(new Map(both.flat()))
    })
    return () => {
      gone = true
    }
  }, [lines, path, dark])
  return colours
}

async function colourSide(
  lines: readonly PatchLine[],
  path: string,
  dark: boolean,
): Promise<[PatchLine, readonly Token[]][]> {
  const text = lines.map((line) => line.text).join('\n')
  if (text.length > COLOURED_MAX) return []
  const coloured = (await highlight(text, path, dark)) ?? []
  return lines.flatMap((line, i) => (coloured[i] ? [[line, coloured[i]] as const] : [])) as [PatchLine, Token[]][]
}

interface Look {
  anchor: string
  picked: string | undefined
  marks: ReadonlyMap<PatchLine, readonly Span[]>
  colours: Colours | undefined
}

function LineRow({ row, look }: { row: Exclude<Row, { kind: 'gap' }>; look: Look }) {
  if (row.kind === 'pair') {
    return (
      <tr>
        <Side line={row.left} side="old" look={look} />
        <Side line={row.right} side="new" look={look} />
      </tr>
    )
  }
  const { line } = row
  const here = [idOf(look.anchor, 'old', line), idOf(look.anchor, 'new', line)]
  const picked = look.picked !== undefined && here.includes(look.picked)
  return (
    <tr className={picked ? 'picked' : line.kind}>
      <Number id={here[0]} number={line.old} />
      <Number id={here[1]} number={line.new} />
      <TextCell line={line} spans={look.marks.get(line)} tokens={look.colours?.get(line)} />
    </tr>
  )
}

function idOf(anchor: string, side: 'old' | 'new', line: PatchLine): string | undefined {
  return line[side] === undefined ? undefined : `${anchor}-${side}-${line[side]}`
}

function Side({ line, side, look }: { line: PatchLine | undefined; side: 'old' | 'new'; look: Look }) {
  if (!line) return <td colSpan={2} className="absent" />
  const id = idOf(look.anchor, side, line)
  const className = id !== undefined && id === look.picked ? 'picked' : line.kind
  return (
    <>
      <Number id={id} number={line[side]} className={className} />
      <TextCell line={line} spans={look.marks.get(line)} tokens={look.colours?.get(line)} className={className} />
    </>
  )
}

function Number({
  id,
  number,
  className = '',
}: {
  id: string | undefined
  number: number | undefined
  className?: string
}) {
  return <td id={id} className={`number ${className}`} data-number={number ?? ''} />
}

const SIGNS = { added: '+', removed: '−', context: ' ', note: ' ' }

interface CellProps {
  line: PatchLine
  spans: readonly Span[] | undefined
  tokens: readonly Token[] | undefined
  className?: string
}

const TextCell = memo(function TextCell({ line, spans, tokens, className = '' }: CellProps) {
  const long = line.text.length - LINE_MAX
  const text = long > 0 ? line.text.slice(0, LINE_MAX) : line.text
  return (
    <td className={`text ${className}`}>
      <b className="sign">{SIGNS[line.kind]}</b>
      {spans || tokens
        ? segmentsOf(text, tokens, spans).map(({ at, text, color, changed }) => (
            <span
              key={at}
              className={changed ? 'word' : undefined}
              style={color === undefined ? undefined : ({ '--token': color } as React.CSSProperties)}
            >
              {text}
            </span>
          ))
        : text}
      {long > 0 && <i> … {long.toLocaleString('en')} more letters</i>}
    </td>
  )
})

const WAYS: Record<Way, [sign: string, text: string]> = {
  down: ['↓', 'More below'],
  up: ['↑', 'More above'],
  all: ['↕', 'Show all'],
}

function GapRow({ gap, columns, onExpand }: { gap: Gap; columns: number; onExpand: Props['onExpand'] }) {
  const hidden = gap.to - gap.from + 1
  const words =
    hidden === Infinity ? 'The rest of the file' : `${hidden.toLocaleString('en')} ${hidden === 1 ? 'line' : 'lines'}`
  return (
    <tr className="gap">
      <td colSpan={columns}>
        <div className="gap-line">
          {onExpand &&
            waysOf(gap).map((way) => (
              <button key={way} type="button" onClick={() => onExpand(gap, way)}>
                {WAYS[way][0]} {WAYS[way][1]}
              </button>
            ))}
          <span>{words}</span>
          {gap.title !== '' && <code>{gap.title}</code>}
        </div>
      </td>
    </tr>
  )
}
