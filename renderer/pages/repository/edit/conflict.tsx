// Somebody else was faster: what they did is shown, and what was typed stays in the editor below.
import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
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
    <Paper className="card" p="md" mb="md" role="alert" style={{ borderColor: 'var(--broken)' }}>
      <Stack gap="sm">
        <Group gap="xs" wrap="nowrap" c="var(--broken)">
          <AlertIcon />
          <Title order={2} size="h5">
            Somebody has {did} {path} since you began
          </Title>
        </Group>
        <Text size="sm">
          This is what they did on {branch}. Your text is in the editor below, as you left it. Take over what you need;
          then commit it in place of theirs, or to a branch of its own.
        </Text>
        <div style={{ maxHeight: '45vh', overflowY: 'auto' }}>
          <Suspense fallback={<Waiting rows={3} height={20} />}>
            <Changes before={before} after={theirs} />
          </Suspense>
        </div>
        <Group gap="sm">
          <Button size="sm" onClick={onGoOn}>
            Go on with my text
          </Button>
          <Button size="sm" variant="default" onClick={onNewBranch}>
            Commit to a new branch
          </Button>
        </Group>
      </Stack>
    </Paper>
  )
}
