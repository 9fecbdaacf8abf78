// One change of one file, as a patch to look at and as the form that commits it. Pure but for the library that compares.
import { structuredPatch } from 'diff'

export interface Side {
  path: string
  text: string
}

/** Two texts that have nothing in common are not compared for ever. */
const LONGEST_MS = 2000

/** As git writes it; `undefined`: the two are too different to be compared here. A missing side is a file that is not there. */
export function patchOf(before: Side | undefined, after: Side | undefined): string | undefined {
  const from = before?.path ?? after?.path ?? ''
  const to = after?.path ?? from
  const head = [`diff --git a/${from} b/${to}`]
  if (before && after && from !== to) head.push(`rename from ${from}`, `rename to ${to}`)
  if (!before) head.push('new file mode 100644')
  if (!after) head.push('deleted file mode 100644')
  if (before?.text === after?.text) return from === to ? '' : `${head.join('\n')}\n`
  const options = { context: 3, timeout: LONGEST_MS }
  const patch = structuredPatch(from, to, before?.text ?? '', after?.text ?? '', '', '', options)
  if (!patch) return undefined
  const hunks = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines,
  ])
  const names = [before ? `--- a/${from}` : '--- /dev/null', after ? `+++ b/${to}` : '+++ /dev/null']
  return [...head, ...names, ...hunks, ''].join('\n')
}
