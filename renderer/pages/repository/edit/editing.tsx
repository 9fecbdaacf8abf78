// Editing one file, from what it was to its commit: the path, the text, and what happens when others are faster.
import { Alert, Button, Group, Paper, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useMemo, useState } from 'react'
import { pathProblem } from '../../../../server/contract/paths.ts'
import { Confirm } from '../../../parts/confirm.tsx'
import { ButtonLink } from '../../../parts/link.tsx'
import { Waiting } from '../../../parts/states.tsx'
import { Time } from '../../../parts/time.tsx'
import { PageTitle } from '../../../parts/title.tsx'
import { useSession } from '../../../queries.ts'
import { encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import type { Side } from './change.ts'
import { CommitDialog } from './commit-dialog.tsx'
import { branchFor, newTarget } from './commit-fields.tsx'
import { type Conflict, ConflictNotice } from './conflict.tsx'
import { type Base, commitTexts, conflictOf, loadText, useCommitted } from './data.ts'
import type { Draft } from './drafts.ts'
import { type Keeping, useKeeping } from './keeping.ts'
import { contentOf } from './text.ts'

const Editor = lazy(() => import('./editor.tsx').then(({ Editor }) => ({ default: Editor })))

/** `isNew`: the base is a folder, and its text is empty. */
export function Editing({ base: first, isNew: begunNew }: { base: Base; isNew: boolean }) {
  const { id, repository } = useRepository()
  const user = useSession()?.user?.username ?? ''
  const [base, setBase] = useState(first)
  const [isNew, setNew] = useState(begunNew)
  const [path, setPath] = useState(first.path)
  const [text, setText] = useState(first.text)
  /** Another one where the text in the editor is replaced as a whole. */
  const [round, setRound] = useState(0)
  const [open, setOpen] = useState(false)
  const [target, setTarget] = useState(() => newTarget(user, `edit ${first.path}`))
  const [conflict, setConflict] = useState<Conflict>()
  // As it was at the beginning: a session that ends meanwhile makes nobody else of whoever typed.
  const [place] = useState({ user, repository: repository.full_name, branch: first.branch, path: first.path })
  const dirty = text !== base.text || path !== base.path
  const keeping = useKeeping(place, { path, text, base: base.commit }, dirty)
  const commit = useCommit({
    base,
    isNew,
    path,
    text,
    target,
    keeping,
    onConflict: (found) => (setConflict(found), setOpen(false)),
  })

  const before = useMemo(() => (isNew ? undefined : { path: base.path, text: base.text }), [isNew, base])
  const after = useMemo((): Side => ({ path, text }), [path, text])
  const problem = path === base.path && !isNew ? undefined : pathProblem(path)
  const ready = dirty && problem === undefined && !path.endsWith('/')
  const restore = async (draft: Draft): Promise<void> => {
    if (draft.base !== base.commit && draft.base !== undefined && !isNew) {
      const was = await loadText(id, `${draft.base}/${first.path}`)
      if (was) setBase({ ...base, ...was, commit: draft.base })
    }
    setPath(draft.path)
    setText(draft.text)
    setRound(round + 1)
    keeping.decide()
  }
  return (
    <>
      <PageTitle title={isNew ? 'New file' : `Edit ${base.path}`} />
      <Offer keeping={keeping} onRestore={(draft) => void restore(draft)} />
      {conflict && (
        <ConflictNotice
          conflict={conflict}
          branch={base.branch}
          onGoOn={() => {
            const { theirs, hash } = conflict
            const own = conflict.path === base.path || isNew
            setBase({
              ...base,
              commit: hash,
              ...(own && { text: theirs?.text ?? '', path: theirs?.path ?? base.path }),
            })
            if (own) setNew(!theirs)
            setConflict(undefined)
            commit.reset()
          }}
          onNewBranch={() => {
            setTarget({ ...target, onto: 'new' })
            setConflict(undefined)
            commit.reset()
            setOpen(true)
          }}
        />
      )}
      <Head
        {...{ base, path, isNew, problem, full: keeping.full }}
        onPath={setPath}
        ready={ready}
        onCommit={() => setOpen(true)}
      />
      <Pane key={round} text={text} base={base} path={path} onText={setText} onSave={() => ready && setOpen(true)} />
      <CommitDialog
        opened={open}
        onClose={() => setOpen(false)}
        branch={base.branch}
        first={base.commit === undefined}
        usual={usualMessage(base, path, isNew)}
        target={target}
        onTarget={setTarget}
        before={before}
        after={after}
        busy={commit.isPending}
        error={conflictOf(commit.error) ? undefined : commit.error}
        onCommit={commit.mutate}
      />
      <LeaveDialog leaving={keeping.leaving} />
    </>
  )
}

function usualMessage({ path: was }: Base, path: string, isNew: boolean): string {
  if (isNew) return `Create ${path}`
  return path === was ? `Edit ${path}` : `Move ${was} to ${path}`
}

interface Committing {
  base: Base
  isNew: boolean
  path: string
  text: string
  target: ReturnType<typeof newTarget>
  keeping: Keeping
  onConflict: (conflict: Conflict) => void
}

function useCommit({ base, isNew, path, text, target, keeping, onConflict }: Committing) {
  const { id, repository } = useRepository()
  const client = useQueryClient()
  const navigate = useNavigate()
  const committed = useCommitted()
  return useMutation({
    mutationFn: async () => {
      const branch = await branchFor(client, id, base.branch, target)
      const message = target.message.trim() === '' ? usualMessage(base, path, isNew) : target.message
      const moved = !isNew && path !== base.path
      await commitTexts(
        id,
        { message, branch, parent: base.commit },
        { put: [{ path, text: contentOf(base, text) }], remove: moved ? [base.path] : [] },
      )
      return branch
    },
    onSuccess: async (branch) => {
      keeping.letGo()
      await committed(id)
      await navigate({ to: `/${repository.full_name}/src/${encoded(branch)}/${encoded(path)}` })
    },
    onError: async (error) => {
      const found = conflictOf(error)
      if (!found) return
      const [changed = path] = found.paths
      const before = !isNew && changed === base.path ? { path: changed, text: base.text } : undefined
      const now = await loadText(id, `${found.hash}/${changed}`)
      onConflict({ path: changed, hash: found.hash, before, theirs: now && { path: changed, text: now.text } })
    },
  })
}

function Offer({ keeping: { offered, decide }, onRestore }: { keeping: Keeping; onRestore: (draft: Draft) => void }) {
  if (!offered) return null
  return (
    <Alert color="blue" title="You were here before" mb="md">
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
  base: Base
  path: string
  isNew: boolean
  problem: string | undefined
  full: boolean
  ready: boolean
  onPath: (path: string) => void
  onCommit: () => void
}

function Head({ base, path, isNew, problem, full, ready, onPath, onCommit }: HeadProps) {
  const { repository } = useRepository()
  const back = `/${repository.full_name}/src/${encoded(base.branch)}/${encoded(base.path)}`
  const touched = path !== base.path
  return (
    <Group align="flex-start" gap="sm" mb="sm">
      <TextInput
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
  text: string
  base: Base
  path: string
  onText: (text: string) => void
  onSave: () => void
}

function Pane({ text, base, path, onText, onSave }: PaneProps) {
  const phone = useMediaQuery('(max-width: 48em)')
  const [wrap, setWrap] = useState<boolean>()
  const wraps = wrap ?? phone ?? false
  return (
    <Paper className="card" style={{ overflow: 'hidden' }}>
      <Group className="row" px="md" py="xs" justify="space-between" gap="sm">
        <Text size="sm" c="dimmed">
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
        <Editor initial={text} lineBreak={base.lineBreak} path={path} wrap={wraps} onChange={onText} onSave={onSave} />
      </Suspense>
    </Paper>
  )
}

export function LeaveDialog({ leaving }: { leaving: Keeping['leaving'] }) {
  return (
    <Confirm
      opened={leaving !== undefined}
      title="Leave without committing?"
      button="Leave"
      busy={false}
      error={undefined}
      onConfirm={() => leaving?.leave()}
      onClose={() => leaving?.stay()}
    >
      What you typed is kept in this browser, and offered again when you come back to this file.
    </Confirm>
  )
}
