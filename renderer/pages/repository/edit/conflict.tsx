// Somebody else was faster: what they did is shown, and what was typed stays in the editor below.
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { AlertIcon } from '@primer/octicons-react'
import { lazy, Suspense } from 'react'
import { Waiting } from '../../../parts/states.tsx'
import type { Side } from './change.ts'

const Changes = lazy(() => import('./changes.tsx').then(({ Changes }) => ({ default: Changes })))

export interface Conflict {
  path: string
  /** Where the branch stands now. */
  hash: string
  before: Side | undefined
  /** None where they deleted it. */
  theirs: Side | undefined
}

interface Props {
  conflict: Conflict
  branch: string
  onGoOn: () => void
  onNewBranch: () => void
}

export function ConflictNotice({ conflict, branch, onGoOn, onNewBranch }: Props) {
  const { path, before, theirs } = conflict
  const did = theirs ? (before ? 'changed' : 'made') : 'deleted'
  return (
    <Alert
      color="orange"
      icon={<AlertIcon />}
      title={`Somebody has ${did} ${path} since you began`}
      role="alert"
      mb="md"
    >
      <Stack gap="sm">
        <Text size="sm">
          This is what they did on {branch}. Your text is in the editor below, as you left it. Take over what you need;
          then commit it in place of theirs, or to a branch of its own.
        </Text>
        <Suspense fallback={<Waiting rows={3} height={20} />}>
          <Changes before={before} after={theirs} />
        </Suspense>
        <Group gap="sm">
          <Button size="sm" onClick={onGoOn}>
            Go on with my text
          </Button>
          <Button size="sm" variant="default" onClick={onNewBranch}>
            Commit to a new branch
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}
