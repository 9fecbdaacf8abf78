// Events as lines for other programs: a table that spreadsheets open, or one JSON object a line.
import type { AuditEntry } from '../../contract/events.ts'

export const COLUMNS = ['id', 'time', 'kind', 'who', 'name', 'what', 'repository', 'workspace', 'address', 'data']

export function csvLine(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\r\n`
}

/** A text that begins like a formula is run by spreadsheets, quoted or not: a quote sign before it makes it a text. */
function cell(text: string): string {
  const inert = /^[\s\0]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text
  return `"${inert.replace(/"/g, '""')}"`
}

export function cellsOf(entry: AuditEntry): string[] {
  const { id, created_on, kind, actor, words, repository, workspace, address, data } = entry
  const who = [actor?.username ?? '', actor?.display_name ?? '']
  return [id, created_on, kind, ...who, words, repository ?? '', workspace ?? '', address, JSON.stringify(data)]
}

export const FORMATS = {
  csv: {
    type: 'text/csv; charset=utf-8',
    head: csvLine(COLUMNS),
    line: (entry: AuditEntry) => csvLine(cellsOf(entry)),
  },
  jsonl: {
    type: 'application/jsonl; charset=utf-8',
    head: '',
    line: (entry: AuditEntry) => `${JSON.stringify(entry)}\n`,
  },
}
