// An edit as a diff; loaded when somebody is about to commit.
import { Text } from '@mantine/core'
import { TextDiff } from '../../../code/text-diff.tsx'
import type { Side } from './change.ts'

/** A side that is missing is a file that is not there. */
export function Changes({ before, after }: { before: Side | undefined; after: Side | undefined }) {
  const words = wordsOf(before, after)
  const moved = before && after && before.text === after.text && before.path !== after.path
  return (
    <>
      {words !== undefined && (
        <Text size="sm" fw={600} mb="xs">
          {words}
        </Text>
      )}
      {!moved && <TextDiff before={textOf(before)} after={textOf(after)} path={(after ?? before)?.path ?? ''} />}
    </>
  )
}

function textOf(side: Side | undefined): string {
  return side?.text ?? ''
}

function wordsOf(before: Side | undefined, after: Side | undefined): string | undefined {
  if (!before) return after && `${after.path} is new.`
  if (!after) return `${before.path} goes.`
  return before.path === after.path ? undefined : `${before.path} → ${after.path}`
}
