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
  const { from, to } = pathsOf(before, after)
  const head = [`diff --git a/${from} b/${to}`, ...stateOf(before, after)]
  if (before?.text === after?.text) return from === to ? '' : `${head.join('\n')}\n`
  const names = [before ? `--- a/${from}` : '--- /dev/null', after ? `+++ b/${to}` : '+++ /dev/null']
  const hunks = hunksOf(before, after)
  return hunks && [...head, ...names, ...hunks, ''].join('\n')
}

function pathsOf(before: Side | undefined, after: Side | undefined): { from: string; to: string } {
  const from = before?.path ?? after?.path ?? ''
  return { from, to: after?.path ?? from }
}

function stateOf(before: Side | undefined, after: Side | undefined): string[] {
  if (!before) return ['new file mode 100644']
  if (!after) return ['deleted file mode 100644']
  return before.path === after.path ? [] : [`rename from ${before.path}`, `rename to ${after.path}`]
}

function hunksOf(before: Side | undefined, after: Side | undefined): string[] | undefined {
  const patch = structuredPatch('', '', before?.text ?? '', after?.text ?? '', '', '', {
    context: 3,
    timeout: LONGEST_MS,
  })
  return patch?.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => {
    const header = `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`
    return [header].concat(lines)
  })
}
