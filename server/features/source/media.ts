// How a file of a repository is handed out: its content is hostile, so only pictures and plain text are shown at all.

export interface Media {
  type: string
  /** Whether a browser may show it; anything else is downloaded. */
  shown: boolean
}

const PICTURES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
  ico: 'image/x-icon',
}

const BINARY =
  /\.(zip|gz|tgz|xz|bz2|7z|rar|jar|war|exe|dll|so|dylib|o|a|bin|iso|dmg|pdf|docx?|xlsx?|pptx?|woff2?|ttf|otf|eot|mp[34]|m4a|mov|avi|mkv|wav|ogg|webm|class|pyc|wasm|sqlite|db)$/i

/** By the name alone: what stands in the file may say anything. SVG and HTML are text here, never documents. */
export function mimeOf(path: string): Media {
  const ending = /\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  const picture = PICTURES[ending]
  if (picture !== undefined) return { type: picture, shown: true }
  if (BINARY.test(path)) return { type: 'application/octet-stream', shown: false }
  return { type: 'text/plain; charset=utf-8', shown: true }
}

/** Headers under which a browser runs nothing of it, whatever it is. */
export function rawHeaders(path: string, download = false): Record<string, string> {
  const name = path.split('/').at(-1) ?? 'file'
  return {
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'Content-Disposition': disposition(mimeOf(path).shown && !download ? 'inline' : 'attachment', name),
    'Cross-Origin-Resource-Policy': 'same-origin',
  }
}

/** As RFC 6266 has it: the name in plain letters for old readers, and as it is, percent-encoded as RFC 8187 has it. */
export function disposition(kind: 'inline' | 'attachment', name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]/g, '_')
  const whole = encodeURIComponent(name).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${kind}; filename="${plain}"; filename*=UTF-8''${whole}`
}
