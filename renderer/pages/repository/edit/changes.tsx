// An edit as a diff; loaded when somebody is about to commit.
import { Text } from '@mantine/core'
import { TextDiff } from '../../../code/text-diff.tsx'
import type { Side } from './change.ts'

/** A side that is missing is a file that is not there. */
export function Changes({ before, after }: { before: Side | undefined; after: Side | undefined }) {
  const path = after?.path ?? before?.path ?? ''
  const words = wordsOf(before, after)
  return (
    <>
      {words !== undefined && (
        <Text size="sm" fw={600} mb="xs">
          {words}
        </Text>
      )}
      {before && after && before.text === after.text && before.path !== after.path ? null : (
        <TextDiff before={before?.text ?? ''} after={after?.text ?? ''} path={path} />
      )}
    </>
  )
}

function wordsOf(before: Side | undefined, after: Side | undefined): string | undefined {
  if (!before) return after && `${after.path} is new.`
  if (!after) return `${before.path} goes.`
  return before.path === after.path ? undefined : `${before.path} → ${after.path}`
}
