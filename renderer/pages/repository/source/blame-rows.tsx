// The rows of blame: at the first line of each range who made it, and the way to what was there before.
import { HoverCard, Text } from '@mantine/core'
import { HistoryIcon } from '@primer/octicons-react'
import { memo } from 'react'
import type { BlameCommit, BlamePage, BlameRange } from '../../../../server/contract/blame.ts'
import { NumberCell } from '../../../code/code.tsx'
import type { Line } from '../../../code/highlight.ts'
import { LineText } from '../../../code/line-text.tsx'
import type { Range } from '../../../code/range.ts'
import { TextLink } from '../../../parts/link.tsx'
import { ago } from '../../../parts/time.tsx'
import { useRepository } from '../layout.tsx'
import type { FilePlace } from './file-data.ts'
import { useFileAddress } from './file-place.tsx'

interface Props {
  pages: readonly BlamePage[]
  ages: ReadonlyMap<string, number>
  range: Range | undefined
  pick: (line: number, extend: boolean) => void
  place: FilePlace
  colours: Line[] | undefined
}

interface BlameLine {
  number: number
  text: string
  made: BlameRange
  commit: BlameCommit | undefined
  /** The first of those that one commit made. */
  isFirst: boolean
}

function linesOf(pages: readonly BlamePage[]): BlameLine[] {
  const commits = new Map(pages.flatMap((page) => page.commits).map((commit) => [commit.hash, commit]))
  const lines: BlameLine[] = []
  for (const { from, text, ranges } of pages)
    for (const made of ranges)
      for (let number = made.from; number < made.from + made.lines; number++) {
        const isFirst = lines.at(-1)?.made.commit !== made.commit
        const commit = commits.get(made.commit)
        lines.push({ number, text: (text[number - from] ?? '').replace(/\r$/, ''), made, commit, isFirst })
      }
  return lines
}

export function BlameRows({ pages, ages, range, pick, place, colours }: Props) {
  return (
    <div className="code" role="region" aria-label={`Lines of ${place.path}`} tabIndex={0}>
      <table>
        <tbody>
          {linesOf(pages).map((line) => (
            <Row
              key={line.number}
              line={line}
              age={ages.get(line.made.commit) ?? 0}
              tokens={colours?.[line.number - 1]}
              marked={range !== undefined && line.number >= range.from && line.number <= range.to}
              onPick={pick}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface RowProps {
  line: BlameLine
  age: number
  tokens: Line | undefined
  marked: boolean
  onPick: (line: number, extend: boolean) => void
}

const Row = memo(
  function Row({ line, age, tokens, marked, onPick }: RowProps) {
    const { number, text, made, commit, isFirst } = line
    const classes = [isFirst ? 'first' : '', marked ? 'marked' : ''].filter((name) => name !== '').join(' ')
    return (
      <tr id={`line-${number}`} className={classes}>
        <td className="who" style={{ borderLeftColor: `var(--age-${age})` }}>
          {isFirst && commit && <Who commit={commit} made={made} line={number} />}
        </td>
        <NumberCell number={number} onPick={onPick} />
        <td className="text">
          <LineText text={text} tokens={tokens} />
        </td>
      </tr>
    )
  },
  (before, after) =>
    before.line.number === after.line.number &&
    before.line.isFirst === after.line.isFirst &&
    before.line.made.commit === after.line.made.commit &&
    before.age === after.age &&
    before.tokens === after.tokens &&
    before.marked === after.marked,
)

function Who({ commit, made, line }: { commit: BlameCommit; made: BlameRange; line: number }) {
  const { repository } = useRepository()
  const { hash, author, date, summary } = commit
  const to = `/${repository.full_name}/commit/${hash}`
  return (
    <div>
      <HoverCard width={340} openDelay={250} position="bottom-start" withinPortal>
        <HoverCard.Target>
          <TextLink to={to} c="inherit" className="summary" size="xs">
            {summary || 'No message'}
          </TextLink>
        </HoverCard.Target>
        <HoverCard.Dropdown>
          <Text size="sm" fw={600}>
            {summary || 'No message'}
          </Text>
          <Text size="sm" c="dimmed">
            {author.name} · {new Date(date).toLocaleString()}
          </Text>
          <Text size="xs" className="mono" c="dimmed">
            {hash.slice(0, 12)} {made.path}
          </Text>
        </HoverCard.Dropdown>
      </HoverCard>
      <Text span size="xs" c="dimmed" className="author" title={author.email}>
        {author.name}
      </Text>
      <TextLink to={to} c="dimmed" size="xs" title={`${summary} (${author.name})`} style={{ flex: 'none' }}>
        <Text span inherit visibleFrom="sm">
          {ago(date)}
        </Text>
        <Text span inherit hiddenFrom="sm">
          {ago(date, undefined, 'narrow')}
        </Text>
      </TextLink>
      <Before made={made} line={line} />
    </div>
  )
}

/** To the state before, at about the same line: that of the commit, moved as far as the line is into its range. */
function Before({ made, line }: { made: BlameRange; line: number }) {
  const addressOf = useFileAddress()
  if (!made.previous) return <span style={{ width: 18, flex: 'none' }} />
  const { commit, path } = made.previous
  return (
    <TextLink
      to={addressOf('annotate', commit, path)}
      hash={`lines-${made.source + line - made.from}`}
      aria-label={`Blame before this change of line ${line}`}
      title="Blame before this change"
      c="dimmed"
      lh={1}
      style={{ flex: 'none', display: 'inline-flex' }}
    >
      <HistoryIcon size={14} />
    </TextLink>
  )
}
