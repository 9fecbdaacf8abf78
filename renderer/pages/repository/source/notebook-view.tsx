// A notebook cell by cell: text rendered, code coloured, what was put out as text, pictures or cleaned HTML.
import { Button, Group, Text } from '@mantine/core'
import MarkdownIt from 'markdown-it'
import { useMemo, useState } from 'react'
import { useColours } from '../../../code/code.tsx'
import { LineText, splitLines } from '../../../code/line-text.tsx'
import { SafeHtml } from '../../../parts/safe-html.tsx'
import { Empty } from '../../../parts/states.tsx'
import { type Cell, type Output, readNotebook } from './notebook.ts'
import './preview.css'

const AT_ONCE = 100
const markdown = new MarkdownIt({ html: false, linkify: true })

export function NotebookView({ text }: { text: string }) {
  const notebook = useMemo(() => readNotebook(text), [text])
  const [shown, setShown] = useState(AT_ONCE)
  if (!notebook) return <Empty title="This notebook is damaged: it has no cells." />
  const { cells, language } = notebook
  return (
    <div role="region" aria-label="Notebook">
      {cells.slice(0, shown).map((cell, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- a cell is known by its place
        <CellView key={i} cell={cell} number={i + 1} language={language} />
      ))}
      {cells.length === 0 && <Empty title="This notebook is empty." />}
      {shown < cells.length && (
        <Group p="md" gap="sm">
          <Text size="sm" c="dimmed">
            The first {shown} of {cells.length} cells
          </Text>
          <Button size="xs" variant="default" onClick={() => setShown(shown + AT_ONCE)}>
            Show more cells
          </Button>
        </Group>
      )}
    </div>
  )
}

function CellView({ cell, number, language }: { cell: Cell; number: number; language: string }) {
  return (
    <div className="cell">
      <div className="count mono">{cell.kind === 'code' ? `[${cell.count ?? ' '}]` : ''}</div>
      <div>
        {cell.kind === 'markdown' && <SafeHtml html={markdown.render(cell.source)} label={`Text of cell ${number}`} />}
        {cell.kind === 'raw' && <pre>{cell.source}</pre>}
        {cell.kind === 'code' && <Source text={cell.source} path={`cell.${language}`} number={number} />}
        {cell.outputs.map((output, i) => (
          // oxlint-disable-next-line react/no-array-index-key -- an output is known by its place
          <OutputView key={i} output={output} number={number} />
        ))}
      </div>
    </div>
  )
}

function Source({ text, path, number }: { text: string; path: string; number: number }) {
  const colours = useColours(text, path)
  return (
    <div className="source code" role="group" aria-label={`Code of cell ${number}`} tabIndex={0}>
      <table>
        <tbody>
          {splitLines(text).map((line, i) => (
            // oxlint-disable-next-line react/no-array-index-key -- a line is known by its number
            <tr key={i}>
              <td className="text" style={{ paddingLeft: 12 }}>
                <LineText text={line} tokens={colours?.[i]} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function OutputView({ output, number }: { output: Output; number: number }) {
  if (output.kind === 'picture') return <img src={output.url} alt={`What cell ${number} drew`} />
  if (output.kind === 'html') return <SafeHtml html={output.html} label={`What cell ${number} put out`} />
  return (
    <pre
      className={output.isError ? 'error' : undefined}
      tabIndex={0}
      role="group"
      aria-label={`What cell ${number} put out`}
    >
      {output.text}
    </pre>
  )
}
