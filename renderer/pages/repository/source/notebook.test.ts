import { describe, expect, it } from 'vitest'
import { readNotebook } from './notebook.ts'

const cells = (...list: unknown[]) => readNotebook(JSON.stringify({ cells: list }))?.cells
const outputs = (...list: unknown[]) => cells({ cell_type: 'code', source: '', outputs: list })?.[0]?.outputs

describe('readNotebook', () => {
  it('reads cells in order, whose texts are lists or one', () => {
    expect(
      cells(
        { cell_type: 'markdown', source: ['# A\n', 'b'] },
        { cell_type: 'code', source: 'x = 1', execution_count: 3, outputs: [] },
        { cell_type: 'raw', source: 'r' },
      ),
    ).toEqual([
      { kind: 'markdown', source: '# A\nb', count: undefined, outputs: [] },
      { kind: 'code', source: 'x = 1', count: 3, outputs: [] },
      { kind: 'raw', source: 'r', count: undefined, outputs: [] },
    ])
  })
  it('reads what cells put out', () => {
    expect(
      outputs(
        { output_type: 'stream', name: 'stdout', text: ['a\n', 'b'] },
        { output_type: 'error', traceback: ['\u001B[0;31mBad\u001B[0m'] },
        { output_type: 'display_data', data: { 'image/png': 'aGk=\n', 'text/plain': 'x' } },
        { output_type: 'execute_result', data: { 'text/html': ['<b>', 'x</b>'], 'text/plain': 'x' } },
        { output_type: 'execute_result', data: { 'text/plain': '7' } },
      ),
    ).toEqual([
      { kind: 'text', text: 'a\nb', isError: false },
      { kind: 'text', text: 'Bad', isError: true },
      { kind: 'picture', url: 'data:image/png;base64,aGk=' },
      { kind: 'html', html: '<b>x</b>' },
      { kind: 'text', text: '7', isError: false },
    ])
  })
  it('makes no picture of what is none', () => {
    expect(outputs({ output_type: 'display_data', data: { 'image/png': '"><script>', 'text/plain': 'x' } })).toEqual([
      { kind: 'text', text: 'x', isError: false },
    ])
    expect(outputs({ data: { 'image/svg+xml': '<svg/>' } })).toEqual([
      { kind: 'picture', url: 'data:image/svg+xml,%3Csvg%2F%3E' },
    ])
  })
  it('takes anything', () => {
    for (const text of ['', '[]', 'null', '{"cells":{}}', '{"cells"', '7']) expect(readNotebook(text)).toBeUndefined()
    expect(cells(null, 7, { cell_type: 'code', source: 7, outputs: [null, 'x', { data: [] }] })).toHaveLength(3)
    expect(readNotebook('{"worksheets":[{"cells":[{"cell_type":"code","input":"a"}]}]}')?.cells[0]?.source).toBe('a')
  })
})
