// The changed files one below the other: only those near the window are drawn and held, however many there are.
import { useNavigate, useRouterState } from '@tanstack/react-router'
import { useWindowVirtualizer, type Virtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { ChangeList } from '../../../../server/contract/changes.ts'
import { anchorOf, parseAnchor, pathOf, reasonToFold, sentencesOf } from '../../../code/diff-facts.ts'
import type { View } from '../../../code/diff-lines.tsx'
import { useRepository } from '../layout.tsx'
import { ChangedFile, type FileState, heightOf } from './changed-file.tsx'
import { chunksOf } from './chunks.ts'

/** What is above the files when one of them is gone to: the bar of the page. */
const BAR = 64
const GAP = 12
const HEAD = 42
const CLOSED: FileState = { open: false, blocks: [] }
const OPEN: FileState = { open: true, blocks: [] }

type List = Virtualizer<Window, Element>

interface Props {
  list: ChangeList
  view: View
  ignoreSpace: boolean
  allClosed: boolean
  /** Hands out the way to a file, and hears which one is read. */
  onReady: (goTo: (at: number) => void) => void
  onActive: (at: number) => void
}

export function ChangesList({ list, view, ignoreSpace, allClosed, onReady, onActive }: Props) {
  const { id, repository } = useRepository()
  const { files } = list
  const anchors = useMemo(() => files.map((file) => anchorOf(pathOf(file))), [files])
  const { chunks, chunkOf } = useMemo(() => chunksOf(files), [files])
  const span = useMemo(() => ({ from: list.from, to: list.to }), [list.from, list.to])
  const [states, setStates] = useState<Readonly<Record<string, FileState>>>({})
  const onState = useCallback(
    (anchor: string, state: FileState) => setStates((all) => ({ ...all, [anchor]: state })),
    [],
  )
  const usual = allClosed ? CLOSED : OPEN
  useEffect(() => setStates({}), [allClosed])
  const stateOf = (anchor: string): FileState => states[anchor] ?? usual
  const box = useRef<HTMLDivElement>(null)
  const margin = useTop(box)
  // oxlint-disable-next-line react/incompatible-library -- what it gives is used here and handed to nothing memoised
  const rows: List = useWindowVirtualizer({
    count: files.length,
    estimateSize: (at) => {
      const file = files[at]
      if (!file || !stateOf(anchors[at] ?? '').open) return HEAD
      const said = sentencesOf(file).length * 22
      return HEAD + said + (reasonToFold(file) === undefined ? heightOf(file) : 98)
    },
    getItemKey: (at) => anchors[at] ?? at,
    overscan: 2,
    gap: GAP,
    scrollMargin: margin,
    scrollPaddingStart: BAR,
  })
  const goTo = useCallback((at: number) => rows.scrollToIndex(at, { align: 'start' }), [rows])
  useEffect(() => onReady(goTo), [goTo, onReady])
  const active = currentOf(rows)
  useEffect(() => onActive(active), [active, onActive])
  useKeys(rows, goTo)
  const openFile = useCallback((anchor: string) => onState(anchor, { ...OPEN, wanted: true }), [onState])
  const { picked, onPick } = useAnchor({ anchors, goTo, openFile })
  return (
    <div ref={box} style={{ height: rows.getTotalSize(), position: 'relative' }} data-files={files.length}>
      {rows.getVirtualItems().map(({ index, key, start }) => {
        const file = files[index]
        const chunk = chunks[chunkOf[index] ?? -1]
        const anchor = anchors[index] ?? ''
        return (
          file &&
          chunk && (
            <div
              key={key}
              ref={rows.measureElement}
              data-index={index}
              style={{ position: 'absolute', top: start - margin, left: 0, right: 0 }}
            >
              <ChangedFile
                id={id}
                base={`/${repository.full_name}`}
                span={span}
                file={file}
                anchor={anchor}
                chunk={chunk}
                view={view}
                ignoreSpace={ignoreSpace}
                state={stateOf(anchor)}
                onState={onState}
                picked={picked?.startsWith(anchor) ? picked : undefined}
                onPick={onPick}
              />
            </div>
          )
        )
      })}
    </div>
  )
}

/** How far from the top of the document an element begins; what stands above it may grow. */
function useTop(box: React.RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    const measure = (): void => {
      if (box.current) setTop(Math.round(box.current.getBoundingClientRect().top + scrollY))
    }
    measure()
    const watch = new ResizeObserver(measure)
    watch.observe(document.body)
    return () => watch.disconnect()
  }, [box])
  return top
}

/** The file under the bar. */
function currentOf(rows: List): number {
  const top = (rows.scrollOffset ?? 0) + BAR + 1
  return rows.getVirtualItems().find(({ end }) => end > top)?.index ?? 0
}

const TYPING = 'input, textarea, select, [contenteditable="true"], [role="dialog"]'

/** n and p: the next file and the one before. */
function useKeys(rows: List, goTo: (at: number) => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const step = event.key === 'n' ? 1 : event.key === 'p' ? -1 : 0
      if (step !== 0 && isForUs(event)) goTo(Math.max(0, Math.min(rows.options.count - 1, stepFrom(rows, step))))
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [rows, goTo])
}

function isForUs(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false
  return !(event.target instanceof Element && event.target.closest(TYPING))
}

/** Above the first file, the next one is the first. */
function stepFrom(rows: List, step: number): number {
  const now = currentOf(rows)
  const start = rows.getVirtualItems().find(({ index }) => index === now)?.start ?? 0
  const above = (rows.scrollOffset ?? 0) + BAR < start - 1
  return above && step === 1 ? now : now + step
}

const LOOK_MS = 5000

interface Linked {
  anchors: readonly string[]
  goTo: (at: number) => void
  openFile: (anchor: string) => void
}

/** A file or a line that the address names is opened and gone to, once; a line that is picked is put into the address. */
function useAnchor({ anchors, goTo, openFile }: Linked) {
  const navigate = useNavigate()
  const hash = useRouterState({ select: (state) => state.location.hash })
  const shown = useRef('')
  useEffect(() => {
    const anchor = parseAnchor(hash)
    const at = anchor ? anchors.indexOf(anchor.file) : -1
    if (!anchor || at < 0 || shown.current === hash) return undefined
    shown.current = hash
    if (anchor.side !== undefined) openFile(anchor.file)
    goTo(at)
    if (anchor.side === undefined) return undefined
    const until = Date.now() + LOOK_MS
    const look = setInterval(() => {
      const cell = document.querySelector(`#${CSS.escape(hash)}`)
      if (cell) cell.scrollIntoView({ block: 'center' })
      if (cell || Date.now() > until) clearInterval(look)
    }, 50)
    return () => clearInterval(look)
  }, [hash, anchors, goTo, openFile])
  const onPick = useCallback(
    (anchor: string) => {
      shown.current = anchor
      void navigate({
        to: '.',
        search: true,
        hash: anchor,
        replace: true,
        resetScroll: false,
        hashScrollIntoView: false,
      })
    },
    [navigate],
  )
  return { picked: parseAnchor(hash) ? hash : undefined, onPick }
}
