// Editing one file: its path, its text, and what happens when others are faster.
import { Alert, Button, Group, Paper, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { AskToLeave } from '../../../parts/leaving.tsx'
import { ButtonLink } from '../../../parts/link.tsx'
import { Waiting } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { CommitDialog } from './commit-dialog.tsx'
import { ConflictNotice } from './conflict.tsx'
import { type Base, conflictOf } from './data.ts'
import type { Draft } from './drafts.ts'
import { type Edit, useEdit, usualMessage } from './edit.ts'
import type { Keeping } from './keeping.ts'

const Editor = lazy(() => import('./editor.tsx').then(({ Editor }) => ({ default: Editor })))

export function Editing({ base: first, isNew: begunNew }: { base: Base; isNew: boolean }) {
  const all = useEdit(first, begunNew)
  const { act, edit, conflict, keeping, commit, target, ready } = all
  const { base, isNew } = edit
  const ask = (): void => act.setOpen(ready)
  return (
    <>
      <PageTitle title={isNew ? 'New file' : `Edit ${base.path}`} />
      {!conflict && <Offer keeping={keeping} onRestore={(draft) => void act.restore(draft)} />}
      {conflict && (
        <ConflictNotice
          conflict={conflict}
          branch={base.branch}
          onGoOn={() => act.goOn(conflict)}
          onNewBranch={act.goAside}
        />
      )}
      <Head edit={edit} problem={all.problem} full={keeping.full} ready={ready} onPath={act.setPath} onCommit={ask} />
      <Pane key={all.round} edit={edit} onText={act.setText} onSave={ask} />
      <CommitDialog
        opened={all.open}
        onClose={() => act.setOpen(false)}
        branch={base.branch}
        first={base.commit === undefined}
        usual={usualMessage(edit)}
        target={target}
        onTarget={act.setTarget}
        {...all.sides}
        busy={commit.isPending}
        error={conflictOf(commit.error) ? undefined : commit.error}
        onCommit={commit.mutate}
      />
      <AskToLeave leaving={keeping.leaving} title="Leave without committing?">
        What you typed is kept in this browser, and offered again when you come back to this file.
      </AskToLeave>
    </>
  )
}

function Offer({ keeping: { offered, decide }, onRestore }: { keeping: Keeping; onRestore: (draft: Draft) => void }) {
  if (!offered) return null
  return (
    <Alert color="pine" title="You were here before" mb="md">
      <Stack gap="sm" align="flex-start">
        <Text size="sm">
          What you typed <Time iso={new Date(offered.at).toISOString()} /> was not committed. It is kept in this
          browser.
        </Text>
        <Group gap="sm">
          <Button size="xs" onClick={() => onRestore(offered)}>
            Go on with it
          </Button>
          <Button size="xs" variant="default" onClick={decide}>
            Start anew
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}

interface HeadProps {
  edit: Edit
  problem: string | undefined
  full: boolean
  ready: boolean
  onPath: (path: string) => void
  onCommit: () => void
}

function Head({ edit: { base, path, isNew }, problem, full, ready, onPath, onCommit }: HeadProps) {
  const { repository } = useRepository()
  const back = `/${repository.full_name}/src/${encoded(base.branch)}/${encoded(base.path)}`
  const touched = path !== base.path
  const name = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (isNew) name.current?.focus()
  }, [isNew])
  return (
    <Group align="flex-start" gap="sm" mb="sm">
      <TextInput
        ref={name}
        label="Path"
        description={
          isNew
            ? `On ${base.branch}. A slash makes a folder.`
            : `On ${base.branch}. Change it to rename or move the file.`
        }
        value={path}
        onChange={(event) => onPath(event.currentTarget.value)}
        error={touched ? problem : undefined}
        style={{ flex: '1 1 260px' }}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
      />
      <Group gap="sm" style={{ alignSelf: 'flex-end' }}>
        <ButtonLink to={base.commit === undefined ? `/${repository.full_name}` : back} variant="default">
          Cancel
        </ButtonLink>
        <Button disabled={!ready} onClick={onCommit}>
          Commit changes…
        </Button>
      </Group>
      {full && (
        <Text size="sm" c="var(--strained)" w="100%">
          This browser has no room to keep your text. Commit it before you close this page.
        </Text>
      )}
    </Group>
  )
}

interface PaneProps {
  edit: Edit
  onText: (text: string) => void
  onSave: () => void
}

function Pane({ edit: { base, isNew, path, text }, onText, onSave }: PaneProps) {
  const phone = useMediaQuery('(max-width: 48em)')
  const [wrap, setWrap] = useState<boolean>()
  const wraps = wrap ?? phone ?? false
  return (
    <Paper className="card" style={{ overflow: 'hidden' }}>
      <Group className="row" px="md" py="xs" justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" visibleFrom="sm">
          Ctrl or ⌘ S commits. Escape, then Tab leaves the editor.
        </Text>
        <Switch
          size="xs"
          label="Wrap lines"
          checked={wraps}
          onChange={(event) => setWrap(event.currentTarget.checked)}
        />
      </Group>
      <Suspense fallback={<Waiting rows={10} height={18} />}>
        <Editor
          initial={text}
          lineBreak={base.lineBreak}
          path={path}
          wrap={wraps}
          focus={!isNew}
          onChange={onText}
          onSave={onSave}
        />
      </Suspense>
    </Paper>
  )
}
