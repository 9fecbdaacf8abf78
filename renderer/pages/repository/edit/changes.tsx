// An edit as a diff; loaded when somebody is about to commit.
import { Text } from '@mantine/core'
import { useMemo } from 'react'
import { Diff } from '../../../code/diff.tsx'
import { patchOf, type Side } from './change.ts'

export function Changes({ before, after }: { before: Side | undefined; after: Side | undefined }) {
  const patch = useMemo(() => patchOf(before, after), [before, after])
  if (patch === undefined)
    return (
      <Text size="sm" c="dimmed">
        The two versions are too different to be compared here.
      </Text>
    )
  return <Diff text={patch} />
}
