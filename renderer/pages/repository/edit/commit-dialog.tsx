// The step between an edit and its commit: what changes, in which words, on which branch.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useMemo } from 'react'
import { ApiError } from '../../../api.ts'
import { TextLink } from '../../../parts/link.tsx'
import { Submit } from '../../../parts/save.tsx'
import { FormFailure, Waiting } from '../../../parts/states.tsx'
import { type Side } from './change.ts'
import { CommitFields, type Target } from './commit-fields.tsx'

const Changes = lazy(() => import('./changes.tsx').then(({ Changes }) => ({ default: Changes })))

interface Props {
  opened: boolean
  onClose: () => void
  branch: string
  first: boolean
  usual: string
  target: Target
  onTarget: (target: Target) => void
  before: Side | undefined
  after: Side
  busy: boolean
  error: unknown
  onCommit: () => void
}

export function CommitDialog(props: Props) {
  const { opened, onClose, branch, first, usual, target, onTarget, before, after, busy, error, onCommit } = props
  const phone = useMediaQuery('(max-width: 48em)')
  const sides = useMemo(() => ({ before, after }), [before, after])
  return (
    <Modal opened={opened} onClose={onClose} title="Commit changes" size="xl" fullScreen={phone ?? false} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onCommit()
        }}
      >
        <Stack>
          <CommitFields branch={branch} first={first} usual={usual} target={target} onChange={onTarget} error={error} />
          <CommitFailure error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Go on editing
            </Button>
            <Submit busy={busy}>Commit</Submit>
          </Group>
          <Suspense fallback={<Waiting rows={3} height={20} />}>
            <Changes {...sides} />
          </Suspense>
        </Stack>
      </form>
    </Modal>
  )
}

/** Whoever is no longer signed in loses nothing by doing so again. */
export function CommitFailure({ error }: { error: unknown }) {
  const here = useRouterState({ select: (state) => state.location.pathname })
  if (!(error instanceof ApiError) || error.status !== 401) return <FormFailure error={error} />
  return (
    <>
      <FormFailure error={error} />
      <Text size="sm">
        What you typed is kept in this browser.{' '}
        <TextLink to="/sign-in" search={{ next: here }} underline="always" inherit>
          Sign in and come back
        </TextLink>
      </Text>
    </>
  )
}
