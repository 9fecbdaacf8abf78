// A unified patch as files, hunks and lines.
export interface PatchLine {
  kind: 'context' | 'added' | 'removed' | 'note'
  old: number | undefined
  new: number | undefined
  text: string
}

export interface Hunk {
  header: string
  /** The first line that it has on each side, or would have where it has none there. */
  oldStart: number
  newStart: number
  lines: PatchLine[]
}

export interface PatchFile {
  oldPath: string | undefined
  newPath: string | undefined
  binary: boolean
  added: number
  removed: number
  hunks: Hunk[]
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/

interface At {
  old: number
  new: number
  oldLeft: number
  newLeft: number
}

/** Reads what `git diff` writes; a line counts as change only while its hunk has lines left, whatever it looks like. */
export function parsePatch(text: string): PatchFile[] {
  const files: PatchFile[] = []
  let hunk: Hunk | undefined
  let at: At = { old: 0, new: 0, oldLeft: 0, newLeft: 0 }
  for (const line of text.split('\n')) {
    const file = files.at(-1)
    const inside = at.oldLeft > 0 || at.newLeft > 0 || line.startsWith('\\')
    const start = inside ? undefined : startOf(line)
    if (hunk && file && inside) add(file, hunk, line, at)
    else if (start && file) {
      at = start
      hunk = { header: line, oldStart: at.old, newStart: at.new, lines: [] }
      file.hunks.push(hunk)
    } else if (line.startsWith('diff --git ')) {
      files.push({ ...pathsOf(line), binary: false, added: 0, removed: 0, hunks: [] })
      hunk = undefined
    } else if (file) readHeader(file, line)
  }
  return files
}

function startOf(line: string): At | undefined {
  const match = HUNK.exec(line)
  if (!match) return undefined
  const [old, next] = [Number(match[1]), Number(match[3])]
  const [oldLeft, newLeft] = [Number(match[2] ?? '1'), Number(match[4] ?? '1')]
  // Where a side has no line, git names the one before.
  return { old: oldLeft === 0 ? old + 1 : old, new: newLeft === 0 ? next + 1 : next, oldLeft, newLeft }
}

function add(file: PatchFile, hunk: Hunk, line: string, at: At): void {
  const text = line.slice(1)
  switch (line[0]) {
    case '+':
      file.added += 1
      at.newLeft -= 1
      hunk.lines.push({ kind: 'added', old: undefined, new: at.new++, text })
      break
    case '-':
      file.removed += 1
      at.oldLeft -= 1
      hunk.lines.push({ kind: 'removed', old: at.old++, new: undefined, text })
      break
    case '\\':
      hunk.lines.push({ kind: 'note', old: undefined, new: undefined, text: line.slice(2) })
      break
    default:
      at.oldLeft -= 1
      at.newLeft -= 1
      hunk.lines.push({ kind: 'context', old: at.old++, new: at.new++, text })
  }
}

/** Both names as the first line has them, which is all there is for files without text. */
function pathsOf(line: string): { oldPath: string; newPath: string } {
  const rest = line.slice('diff --git '.length)
  const quoted = /^"a\/(.*)" "b\/(.*)"$/.exec(rest)
  if (quoted) return { oldPath: quoted[1] ?? '', newPath: quoted[2] ?? '' }
  const half = (rest.length - 1) / 2
  if (rest.slice(2, half) === rest.slice(half + 3))
    return { oldPath: rest.slice(2, half), newPath: rest.slice(half + 3) }
  const [a = '', b = ''] = rest.split(' b/', 2)
  return { oldPath: a.replace(/^a\//, ''), newPath: b }
}

function readHeader(file: PatchFile, line: string): void {
  if (line === '--- /dev/null' || line.startsWith('new file mode')) file.oldPath = undefined
  else if (line === '+++ /dev/null' || line.startsWith('deleted file mode')) file.newPath = undefined
  else if (line.startsWith('rename from ')) file.oldPath = line.slice(12)
  else if (line.startsWith('rename to ')) file.newPath = line.slice(10)
  else if (line.startsWith('Binary files ') || line === 'GIT binary patch') file.binary = true
}
