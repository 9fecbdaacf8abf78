// Bodies of git's protocol v2 as git itself sends them.

export const CAPABILITIES = 'info/refs?service=git-upload-pack'

export function pkt(line: string): string {
  return (Buffer.byteLength(line) + 4).toString(16).padStart(4, '0') + line
}

const AGENT = ['agent=git/2.39.5', 'object-format=sha1']

function command(name: string, args: string[]): Buffer {
  const head = [pkt(`command=${name}\n`), ...AGENT.map(pkt), '0001']
  return Buffer.from([...head, ...args.map((line) => pkt(`${line}\n`)), '0000'].join(''))
}

export function lsRefs(prefixes: string[] = []): Buffer {
  return command('ls-refs', ['peel', 'symrefs', ...prefixes.map((prefix) => `ref-prefix ${prefix}`)])
}

export interface Fetch {
  wants: string[]
  haves?: string[]
  depth?: number
}

export function fetch({ wants, haves = [], depth }: Fetch): Buffer {
  return command('fetch', [
    'thin-pack',
    'no-progress',
    'include-tag',
    'ofs-delta',
    ...(depth === undefined ? [] : [`deepen ${depth}`]),
    ...wants.map((oid) => `want ${oid}`),
    ...haves.map((oid) => `have ${oid}`),
    'done',
  ])
}
