// A table of a file: the first rows, more on demand.
import { Button, Group, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import { parseTable, separatorOf } from '../../../code/csv.ts'
import { Empty } from '../../../parts/states.tsx'
import './preview.css'

const ROWS = 1000
const COLUMNS = 200
const LETTERS = 1000

export function Grid({ text, path }: { text: string; path: string }) {
  const [most, setMost] = useState(ROWS)
  const { rows, more } = useMemo(() => parseTable(text, separatorOf(path, text), most + 1), [text, path, most])
  const [head, ...body] = rows
  if (!head) return <Empty title="This table is empty." />
  const width = Math.min(Math.max(...rows.map((row) => row.length)), COLUMNS)
  const columns = Array.from({ length: width }, (_unused, i) => i)
  const wider = rows.some((row) => row.length > COLUMNS)
  return (
    <>
      <div className="grid" role="region" aria-label={`Table of ${path}`} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th className="at" aria-label="Row" />
              {columns.map((i) => (
                <th key={i} scope="col">
                  {shown(head[i])}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {body.map((row, at) => (
              // oxlint-disable-next-line react/no-array-index-key -- a row is known by its number
              <tr key={at}>
                <th className="at" scope="row">
                  {at + 1}
                </th>
                {columns.map((i) => (
                  <td key={i}>{shown(row[i])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Group p="sm" px="md" gap="sm">
        <Text size="sm" c="dimmed">
          {more ? `The first ${body.length.toLocaleString('en')} rows` : `${body.length.toLocaleString('en')} rows`}
          {wider && `, and of each the first ${COLUMNS} columns`}
        </Text>
        {more && (
          <Button size="xs" variant="default" onClick={() => setMost(most + ROWS)}>
            Show more rows
          </Button>
        )}
      </Group>
    </>
  )
}

function shown(field = ''): string {
  return field.length > LETTERS ? `${field.slice(0, LETTERS)}…` : field
}
