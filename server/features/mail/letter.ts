// What a mail looks like: plain text, and the same as simple HTML in which everything that came from somebody is escaped.

export interface Letter {
  subject: string
  /** Paragraphs, without markup. */
  lines: readonly string[]
  /** A button, and its address written out below for who does not trust buttons. */
  link?: { label: string; url: string }
  /** Why it comes, and how it comes no longer. */
  foot: string
}

/** Line breaks would begin a header of their own, other control characters steer terminals and clients. */
export function subjectOf(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()
    .slice(0, 200)
}

export function textOf({ lines, link, foot }: Letter): string {
  return [...lines, ...(link ? [`${link.label}:\n${link.url}`] : []), `-- \n${foot}`].join('\n\n')
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '')
}

export function htmlOf({ lines, link, foot }: Letter): string {
  const paragraphs = lines.map((line) => `<p style="margin:0 0 16px">${escaped(line)}</p>`)
  const button = link && [
    `<p style="margin:0 0 16px"><a href="${escaped(link.url)}" style="background:#23745a;border-radius:6px;color:#fff;`,
    `display:inline-block;padding:10px 18px;text-decoration:none">${escaped(link.label)}</a></p>`,
    `<p style="color:#59605c;font-size:13px;margin:0 0 16px;word-break:break-all">${escaped(link.url)}</p>`,
  ]
  return [
    '<!doctype html><html><body style="font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;margin:24px">',
    ...paragraphs,
    ...(button ?? []),
    `<p style="border-top:1px solid #e3e4df;color:#59605c;font-size:13px;padding-top:12px">${escaped(foot)}</p>`,
    '</body></html>',
  ].join('')
}
