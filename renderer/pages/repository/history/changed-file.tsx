// One file of a comparison: its patch is fetched when it is near, with its neighbours; lines around it when asked.
import { Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { memo, useEffect, useMemo, useState } from 'react'
import type { ChangedFile as File, FilePatches } from '../../../../server/contract/changes.ts'
import {
  isPicture,
  isSubmodule,
  lfsOf,
  linesOf,
  nothingToShow,
  pathOf,
  reasonToFold,
  submoduleOf,
} from '../../../code/diff-facts.ts'
import { FileFrame } from '../../../code/diff-file.tsx'
import { ImageDiff } from '../../../code/diff-image.tsx'
import { DiffLines, type View } from '../../../code/diff-lines.tsx'
import { parsePatch, type PatchFile } from '../../../code/patch.ts'
import { type Block, type Gap, rowsOf, wantedOf, type Way } from '../../../code/rows.ts'
import { sizeText } from '../../../parts/size.ts'
import { Failure, reasonOf } from '../../../parts/states.tsx'
import { apiOf, encoded, type Id } from '../data.ts'
import type { Chunk } from './chunks.ts'
import { fetchLines, patchesQuery, type Span } from './data.ts'

const CONTEXT = 3
/** Files that are only passed by are not asked for. */
const PASSING_MS = 120

/** What a reader did to a file, kept while it is out of sight. */
export interface FileState {
  open: boolean
  /** Shown although it is large, or written by a program. */
  wanted?: boolean
  blocks: readonly Block[]
  size?: number
}

export interface FileProps {
  id: Id
  /** Where pages of the repository begin. */
  base: string
  span: Span
  file: File
  anchor: string
  chunk: Chunk
  view: View
  ignoreSpace: boolean
  state: FileState
  onState: (anchor: string, state: FileState) => void
  picked: string | undefined
  onPick: (anchor: string) => void
}

export const ChangedFile = memo(function ChangedFile(props: FileProps) {
  const { base, span, file, anchor, state, onState } = props
  const page = (commit: string | null, path: string | null): string | undefined =>
    commit === null || path === null ? undefined : `${base}/src/${commit}/${encoded(path)}`
  const reason = state.wanted ? undefined : reasonToFold(file)
  return (
    <FileFrame
      file={file}
      anchor={anchor}
      open={state.open}
      onToggle={() => onState(anchor, { ...state, open: !state.open })}
      before={page(span.from, file.old)}
      after={page(span.to, file.new)}
    >
      {reason === undefined ? (
        <Body {...props} />
      ) : (
        <Stack align="center" gap="xs" p="md" style={{ borderTop: '1px solid var(--line)' }}>
          <Text size="sm">{reason}</Text>
          <Button size="xs" variant="default" onClick={() => onState(anchor, { ...state, wanted: true })}>
            Show the changes
          </Button>
        </Stack>
      )}
    </FileFrame>
  )
})

function Body(props: FileProps) {
  const { id, span, file } = props
  const path = pathOf(file)
  if (isPicture(path) && (file.is_binary || (file.added ?? 0) + (file.removed ?? 0) === 0)) {
    const raw = (commit: string | null, path: string | null): string | undefined =>
      commit === null || path === null ? undefined : `${apiOf(id)}/src/${commit}/${encoded(path)}`
    return <ImageDiff before={raw(span.from, file.old)} after={raw(span.to, file.new)} name={path} />
  }
  if (file.is_binary) return <Said>{nothingToShow(file, undefined)}</Said>
  return <Patch {...props} />
}

function Said({ children }: { children: string }) {
  return (
    <Text size="sm" ta="center" p="md" style={{ borderTop: '1px solid var(--line)' }}>
      {children}
    </Text>
  )
}

function usePassed(): boolean {
  const [passed, setPassed] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setPassed(true), PASSING_MS)
    return () => clearTimeout(timer)
  }, [])
  return passed
}

function Patch(props: FileProps) {
  const { id, span, file, chunk, ignoreSpace } = props
  const stays = usePassed()
  const [alone, setAlone] = useState(false)
  const asked = alone ? { ...chunk, paths: [...new Set([file.old ?? pathOf(file), pathOf(file)])] } : chunk
  const options = patchesQuery(id, span, asked, ignoreSpace)
  const { data, error, refetch } = useQuery({ ...options, enabled: stays })
  const found = useMemo(() => data && ownPatch(data, file), [data, file])
  if (error) return <Failure error={error} retry={refetch} />
  if (!found) return <Skeleton height={heightOf(file)} radius={0} role="status" aria-label="Loading" />
  if (found.leftOut) {
    return (
      <Stack align="center" gap="xs" p="md" style={{ borderTop: '1px solid var(--line)' }}>
        <Text size="sm">This file did not fit beside others.</Text>
        {alone ? (
          <Text size="sm">It is too large to show here.</Text>
        ) : (
          <Button size="xs" variant="default" onClick={() => setAlone(true)}>
            Show the changes
          </Button>
        )}
      </Stack>
    )
  }
  return <Lines {...props} patch={found.patch} cut={found.cut} />
}

/** About what the lines will take, until they are there. */
export function heightOf(file: File): number {
  return Math.min(linesOf(file) + 8, 60) * 20
}

interface Own {
  patch: PatchFile | undefined
  cut: boolean
  leftOut: boolean
}

/** What changed its kind comes as two patches: all their lines are of this file. */
function ownPatch({ files }: FilePatches, file: File): Own | undefined {
  const mine = files.find(({ old, new: now }) => old === file.old && now === file.new)
  if (!mine) return { patch: undefined, cut: false, leftOut: false }
  const parts = parsePatch(mine.text ?? '')
  const [patch] = parts
  if (patch) patch.hunks = parts.flatMap(({ hunks }) => hunks)
  return { patch, cut: mine.cut, leftOut: mine.text === null }
}

function Lines({ patch, cut, ...props }: FileProps & { patch: PatchFile | undefined; cut: boolean }) {
  const { id, span, file, anchor, view, state, onState, picked, onPick } = props
  const [failure, setFailure] = useState<unknown>()
  const whole = file.old === null || file.new === null || file.status === 'retyped'
  const rows = useMemo(() => {
    const around = whole || cut ? undefined : { blocks: state.blocks, size: state.size, context: CONTEXT }
    return rowsOf(patch?.hunks ?? [], around)
  }, [patch, whole, cut, state.blocks, state.size])
  if (!patch || patch.hunks.length === 0) return <Said>{nothingToShow(file, patch)}</Said>
  const instead = insteadOf(file, patch)
  if (instead !== undefined) return <Said>{instead}</Said>
  const expand = (gap: Gap, way: Way): void => {
    void fetchLines(id, `${span.to}/${file.new}`, wantedOf(gap, way)).then(
      ({ from, size, lines }) => {
        setFailure(undefined)
        onState(anchor, { ...state, size, blocks: [...state.blocks, { from, lines }] })
      },
      (error: unknown) => setFailure(error),
    )
  }
  return (
    <>
      {failure !== undefined && (
        <Alert color="red" role="alert">
          {reasonOf(failure)}
        </Alert>
      )}
      <DiffLines
        rows={rows}
        view={view}
        path={pathOf(file)}
        anchor={anchor}
        picked={picked}
        onPick={onPick}
        {...(whole || cut ? {} : { onExpand: expand })}
      />
      {cut && (
        <Group p="sm" style={{ borderTop: '1px solid var(--line)' }}>
          <Text size="sm">The rest of this file is too large to show. The patch has all of it.</Text>
        </Group>
      )}
    </>
  )
}

/** Two kinds of files are known by a line that stands for something else. */
function insteadOf(file: File, patch: PatchFile): string | undefined {
  if (isSubmodule(file)) {
    const { before, after } = submoduleOf(patch)
    const [from, to] = [before, after].map((oid) => oid?.slice(0, 12))
    if (from !== undefined && to !== undefined) return `The submodule went from commit ${from} to ${to}.`
    return to === undefined ? `The submodule at commit ${from} was removed.` : `A submodule at commit ${to}.`
  }
  const lfs = lfsOf(patch)
  if (!lfs) return undefined
  const [from, to] = [lfs.before, lfs.after].map((size) => size !== undefined && sizeText(Number(size)))
  if (from && to) return `Kept in Git LFS: ${from} before, ${to} now.`
  return to ? `Kept in Git LFS: ${to}.` : `It was kept in Git LFS: ${from || 'of unknown size'}.`
}
