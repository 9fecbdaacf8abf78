// Tables as text (RFC 4180): fields between quotes may hold separators, line ends and doubled quotes. Nothing is refused:
// what does not fit is taken as it stands.

export interface Table {
  rows: string[][]
  /** There were more rows than asked for. */
  more: boolean
}

/** The first `most` rows. A row may have more or fewer fields than others. */
export function parseTable(text: string, separator: ',' | ';' | '\t', most: number): Table {
  const rows: string[][] = []
  let row: string[] = []
  let at = text.startsWith('\uFEFF') ? 1 : 0
  while (at < text.length) {
    if (rows.length === most) return { rows, more: true }
    const field = text[at] === '"' ? quoted(text, at) : plain(text, at, separator)
    row.push(field.value)
    at = field.end
    if (text[at] === separator) {
      at++
      if (at < text.length) continue
      row.push('')
    }
    at += text.startsWith('\r\n', at) ? 2 : 1
    rows.push(row)
    row = []
  }
  return { rows, more: false }
}

interface Field {
  value: string
  /** Where the separator or the line end stands. */
  end: number
}

function plain(text: string, start: number, separator: string): Field {
  let end = start
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++
  return { value: text.slice(start, end), end }
}

function quoted(text: string, start: number): Field {
  let value = ''
  let from = start + 1
  for (;;) {
    const quote = text.indexOf('"', from)
    if (quote < 0) return { value: value + text.slice(from), end: text.length }
    value += text.slice(from, quote)
    if (text[quote + 1] !== '"') return after(text, quote + 1, value)
    value += '"'
    from = quote + 2
  }
}

/** What stands between the closing quote and the next separator belongs to nothing that the format knows. */
function after(text: string, start: number, value: string): Field {
  let end = start
  while (end < text.length && !/[,;\t\r\n]/.test(text[end] ?? '')) end++
  return { value: value + text.slice(start, end), end }
}

/** Where commas are decimal signs, tables are separated by semicolons; the first line tells. */
export function separatorOf(path: string, text: string): ',' | ';' | '\t' {
  if (/\.(tsv|tab)$/i.test(path)) return '\t'
  const [head = ''] = text.split('\n', 1)
  const count = (sign: string): number => head.split(sign).length
  if (count('\t') > count(',') && count('\t') > count(';')) return '\t'
  return count(';') > count(',') ? ';' : ','
}
