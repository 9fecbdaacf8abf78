// The state of an edit, from what the file was to its commit: what is typed, where it goes, and who was faster.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { pathProblem } from '../../../../server/contract/paths.ts'
import { useSession } from '../../../queries.ts'
import { encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import type { Side } from './change.ts'
import { branchFor, newTarget, type Target } from './commit-fields.tsx'
import type { Conflict } from './conflict.tsx'
import { type Base, commitTexts, conflictOf, isThere, loadText, useCommitted } from './data.ts'
import type { Draft } from './drafts.ts'
import { type Keeping, useKeeping } from './keeping.ts'
import { contentOf } from './text.ts'

export interface Edit {
  base: Base
  /** The base is a folder, and its text is empty. */
  isNew: boolean
  path: string
  text: string
}

export function useEdit(first: Base, begunNew: boolean) {
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
  const edit: Edit = { base, isNew, path, text }
  const { dirty, ...state } = stateOf(edit)
  const keeping = useKeeping(place, { path, text, base: base.commit }, dirty)
  const meet = (found: Conflict): void => {
    setConflict(found)
    setOpen(false)
  }
  const commit = useCommit(edit, { target, keeping, onConflict: meet })
  const settle = (): void => {
    setConflict(undefined)
    commit.reset()
  }
  const goOn = ({ theirs, hash, path: changed }: Conflict): void => {
    const own = isNew || changed === base.path
    const now = own ? { text: theirs?.text ?? '', path: theirs?.path ?? base.path } : {}
    setBase({ ...base, ...now, commit: hash })
    if (own) setNew(!theirs)
    settle()
  }
  const goAside = (): void => {
    setTarget({ ...target, onto: 'new' })
    settle()
    setOpen(true)
  }
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
  const before = useMemo(() => (isNew ? undefined : { path: base.path, text: base.text }), [isNew, base])
  const after = useMemo((): Side => ({ path, text }), [path, text])
  const shown = { edit, round, open, target, conflict, keeping, commit, sides: { before, after } }
  return { ...state, ...shown, act: { setPath, setText, setOpen, setTarget, goOn, goAside, restore } }
}

function stateOf({ base, isNew, path, text }: Edit): { dirty: boolean; ready: boolean; problem: string | undefined } {
  const dirty = text !== base.text || path !== base.path
  const problem = path === base.path && !isNew ? undefined : pathProblem(path)
  return { dirty, problem, ready: dirty && problem === undefined }
}

export function usualMessage({ base, path, isNew }: Omit<Edit, 'text'>): string {
  if (isNew) return `Create ${path}`
  return path === base.path ? `Edit ${path}` : `Move ${base.path} to ${path}`
}

interface Committing {
  target: Target
  keeping: Keeping
  onConflict: (conflict: Conflict) => void
}

function useCommit({ base, isNew, path, text }: Edit, { target, keeping, onConflict }: Committing) {
  const { id, repository } = useRepository()
  const client = useQueryClient()
  const navigate = useNavigate()
  const committed = useCommitted()
  return useMutation({
    mutationFn: async () => {
      const branch = await branchFor(client, id, base.branch, target)
      const moved = !isNew && path !== base.path
      if ((isNew || moved) && (await isThere(id, base.commit, path)))
        throw new Error(`There is ${path} already. Choose another path, or edit that one.`)
      const message = target.message.trim() === '' ? usualMessage({ base, path, isNew }) : target.message
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
