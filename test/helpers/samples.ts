// Files of many kinds, made by hand: pictures, PDFs, notebooks, tables, and hostile ones of each.
import { crc32, deflateSync } from 'node:zlib'

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const head = Buffer.alloc(4)
  head.writeUInt32BE(data.length)
  const end = Buffer.alloc(4)
  end.writeUInt32BE(crc32(body))
  return Buffer.concat([head, body, end])
}

/** A picture of one colour; transparent where alpha is below 255. */
export function png(width: number, height: number, [r, g, b, a]: [number, number, number, number]): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 6, 0, 0, 0], 8)
  const row = Buffer.from([0, ...Array.from({ length: width }, () => [r, g, b, a]).flat()])
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])
}

/** Pages with a black field on the left half and a line of text; `script` runs when it is opened, where scripts run. */
export function pdf(pages: number, script?: string): Buffer {
  const objects: string[] = []
  const add = (body: string): number => objects.push(body)
  const font = add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>')
  const tree = font + 1 + pages * 2
  const kids = Array.from({ length: pages }, (_, i) => {
    const content = `0 0 0 rg 0 0 150 400 re f BT /F1 24 Tf 160 200 Td (Page ${i + 1}) Tj ET`
    const stream = add(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`)
    return add(
      `<< /Type /Page /Parent ${tree} 0 R /MediaBox [0 0 300 400] /Contents ${stream} 0 R /Resources << /Font << /F1 ${font} 0 R >> >> >>`,
    )
  })
  add(`<< /Type /Pages /Kids [${kids.map((id) => `${id} 0 R`).join(' ')}] /Count ${pages} >>`)
  const action = script === undefined ? '' : ` /OpenAction << /S /JavaScript /JS (${script}) >>`
  const root = add(`<< /Type /Catalog /Pages ${tree} 0 R${action} >>`)
  let text = '%PDF-1.4\n'
  const places = objects.map((body, i) => {
    const at = text.length
    text += `${i + 1} 0 obj\n${body}\nendobj\n`
    return at
  })
  const table = text.length
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`
  text += places.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('')
  text += `trailer\n<< /Size ${objects.length + 1} /Root ${root} 0 R >>\nstartxref\n${table}\n%%EOF\n`
  return Buffer.from(text, 'latin1')
}

export function notebook(cells: readonly object[]): string {
  return JSON.stringify({
    cells,
    metadata: { language_info: { name: 'python', file_extension: '.py' } },
    nbformat: 4,
    nbformat_minor: 5,
  })
}

export const code = (source: string, outputs: readonly object[] = [], count = 1): object => ({
  cell_type: 'code',
  execution_count: count,
  source,
  outputs,
})

export const LFS = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 123456789\n`
