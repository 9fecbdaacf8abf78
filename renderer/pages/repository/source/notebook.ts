// A Jupyter notebook as cells and what they put out; whatever the file says, only known things come of it.

export type Output =
  | { kind: 'text'; text: string; isError: boolean }
  | { kind: 'picture'; url: string }
  | { kind: 'html'; html: string }

export interface Cell {
  kind: 'markdown' | 'code' | 'raw'
  source: string
  /** The number in brackets, as it was run. */
  count: number | undefined
  outputs: Output[]
}

export interface Notebook {
  /** Ending of a file in its language. */
  language: string
  cells: Cell[]
}

type Json = Record<string, unknown>

/** Letters of one output that are shown. */
const OUTPUT_MAX = 100_000

/** Undefined where this is no notebook. */
export function readNotebook(text: string): Notebook | undefined {
  const whole = asObject(parse(text))
  const sheet = asObject(asList(whole['worksheets'])[0])
  const cells = whole['cells'] ?? sheet['cells']
  if (!Array.isArray(cells)) return undefined
  const info = asObject(asObject(whole['metadata'])['language_info'])
  const ending = asText(info['file_extension']).replace(/^\./, '')
  return { language: ending === '' ? 'py' : ending, cells: cells.map((cell) => cellOf(asObject(cell))) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function cellOf(cell: Json): Cell {
  const type = cell['cell_type']
  const kind = type === 'markdown' || type === 'code' ? type : type === 'heading' ? 'markdown' : 'raw'
  const count = cell['execution_count'] ?? cell['prompt_number']
  return {
    kind,
    source: asText(cell['source'] ?? cell['input']),
    count: typeof count === 'number' ? count : undefined,
    outputs: kind === 'code' ? asList(cell['outputs']).flatMap((output) => outputOf(asObject(output))) : [],
  }
}

function outputOf(output: Json): Output[] {
  if (output['output_type'] === 'stream') return textOf(asText(output['text']), output['name'] === 'stderr')
  if (output['output_type'] === 'error' || output['output_type'] === 'pyerr')
    return textOf(asList(output['traceback']).map(asText).join('\n') || asText(output['evalue']), true)
  const data = { ...output, ...asObject(output['data']) }
  const url = pictureOf(data)
  if (url !== undefined) return [{ kind: 'picture', url }]
  const html = asText(data['text/html'])
  if (html !== '') return [{ kind: 'html', html: html.slice(0, OUTPUT_MAX * 5) }]
  return textOf(asText(data['text/plain'] ?? data['text/latex'] ?? data['text/markdown'] ?? data['text']), false)
}

const PICTURES = [
  ['image/png', 'png'],
  ['image/jpeg', 'jpeg'],
  ['image/gif', 'gif'],
  ['image/webp', 'webp'],
] as const

/** Only as a picture of its own: a drawing runs nothing there and loads nothing. */
function pictureOf(data: Json): string | undefined {
  for (const [type, old] of PICTURES) {
    const base64 = asText(data[type] ?? data[old]).replace(/\s+/g, '')
    if (base64 !== '' && /^[A-Za-z0-9+/]+=*$/.test(base64)) return `data:${type};base64,${base64}`
  }
  const drawing = asText(data['image/svg+xml'] ?? data['svg'])
  return drawing === '' ? undefined : `data:image/svg+xml,${encodeURIComponent(drawing)}`
}

function textOf(text: string, isError: boolean): Output[] {
  // Colours of a terminal.
  // oxlint-disable-next-line no-control-regex -- their first sign is one
  const plain = text.replace(/\u001B\[[0-9;]*[A-Za-z]/g, '')
  if (plain === '') return []
  return [{ kind: 'text', text: plain.length > OUTPUT_MAX ? `${plain.slice(0, OUTPUT_MAX)}…` : plain, isError }]
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** Texts stand as one or as a list of lines. */
function asText(value: unknown): string {
  if (typeof value === 'string') return value
  return asList(value)
    .filter((line) => typeof line === 'string')
    .join('')
}
