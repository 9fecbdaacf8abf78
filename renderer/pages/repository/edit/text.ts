// A file as text that can be edited and written back byte by byte, but for what was changed. Pure.

export interface FileText {
  text: string
  /** Stood before the text, and is put there again. */
  mark: boolean
  lineBreak: '\n' | '\r\n'
}

const MARK = '\ufeff'

/** Undefined for what is no text in UTF-8: it would come back as something else. */
export function textOf(bytes: Uint8Array): FileText | undefined {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
  if (text.includes('\0')) return undefined
  const mark = text.startsWith(MARK)
  // Where both kinds stand in one file, each stays as it is: a lone carriage return is a character of its line then.
  const lineBreak = text.includes('\n') && !/(?<!\r)\n/.test(text) ? '\r\n' : '\n'
  return { text: mark ? text.slice(1) : text, mark, lineBreak }
}

export function contentOf({ mark }: Pick<FileText, 'mark'>, text: string): string {
  return mark ? MARK + text : text
}

/** A pointer of Git LFS: the file itself lies elsewhere, and an edit of this would lose it. */
export function isPointer(text: string): boolean {
  return text.length < 1024 && text.startsWith('version https://git-lfs.github.com/spec/')
}

/** What one step of indentation is in this text; two spaces where nothing tells. */
export function indentOf(text: string): string {
  const steps = [...text.slice(0, 50_000).matchAll(/^(\t| {2,8})(?=\S)/gm)].map(([, step = '']) => step)
  if (steps.filter((step) => step === '\t').length > steps.length / 2) return '\t'
  const least = Math.min(...steps.filter((step) => step !== '\t').map((step) => step.length))
  return least === 4 || least === 8 ? ' '.repeat(least) : '  '
}
