// The changed files as a tree beside their changes: folders fold, a name is looked for, of thousands only some rows are drawn.
import { Text } from '@mantine/core'
import { ChevronDownIcon, ChevronRightIcon, DotFillIcon } from '@primer/octicons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { ChangedFile } from '../../../../server/contract/changes.ts'
import { Counts } from '../../../code/diff-file.tsx'
import { SearchBox } from '../../../parts/search-box.tsx'
import { type TreeRow, treeRows } from './file-rows.ts'

const ROW = 28

const COLOURS: Record<ChangedFile['status'], string> = {
  added: 'light-dark(#12662c, #7fd596)',
  removed: 'light-dark(#a3211d, #ff9d98)',
  renamed: 'light-dark(#3458a8, #8fb0f0)',
  copied: 'light-dark(#3458a8, #8fb0f0)',
  retyped: 'light-dark(#7a4a00, #ffc078)',
  modified: 'light-dark(#7a4a00, #ffc078)',
}

interface Props {
  files: readonly ChangedFile[]
  /** Place of the file that is read now. */
  active: number
  onPick: (at: number) => void
}

export function ChangesTree({ files, active, onPick }: Props) {
  const [wanted, setWanted] = useState('')
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const rows = useMemo(() => treeRows(files, wanted, closed), [files, wanted, closed])
  const box = useRef<HTMLDivElement>(null)
  // oxlint-disable-next-line react/incompatible-library -- what it gives is used here and handed to nothing memoised
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
  })
  const here = rows.findIndex((row) => row.kind === 'file' && row.at === active)
  useEffect(() => {
    // The tree follows the reader.
    if (here >= 0) list.scrollToIndex(here, { align: 'auto' })
  }, [here, list])
  const toggle = (path: string): void => {
    const next = new Set(closed)
    if (!next.delete(path)) next.add(path)
    setClosed(next)
  }
  return (
    <>
      <SearchBox label="Find a changed file" value={wanted} onChange={setWanted} />
      {rows.length === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          No changed file is called so.
        </Text>
      )}
      <div className="tree-rows" ref={box} style={{ marginTop: 8 }} role="group" aria-label="Changed files">
        <div style={{ height: list.getTotalSize(), position: 'relative' }}>
          {list.getVirtualItems().map(({ index, start }) => {
            const row = rows[index]
            return (
              row && (
                <div key={`${row.kind} ${row.path}`} style={{ position: 'absolute', top: start, left: 0, right: 0 }}>
                  <Entry
                    row={row}
                    current={row.kind === 'file' && row.at === active}
                    onToggle={toggle}
                    onPick={onPick}
                  />
                </div>
              )
            )
          })}
        </div>
      </div>
    </>
  )
}

interface EntryProps {
  row: TreeRow
  current: boolean
  onToggle: (path: string) => void
  onPick: (at: number) => void
}

function Entry({ row, current, onToggle, onPick }: EntryProps) {
  const indent = { paddingLeft: 6 + Math.min(row.depth, 10) * 14 }
  if (row.kind === 'folder') {
    return (
      <button
        type="button"
        className="tree-row"
        style={indent}
        aria-expanded={row.open}
        title={row.path}
        onClick={() => onToggle(row.path)}
      >
        {row.open ? <ChevronDownIcon size={12} /> : <ChevronRightIcon size={12} />}
        <span className="tree-name">{row.name}</span>
        <Text span size="xs" c="dimmed">
          {row.files}
        </Text>
      </button>
    )
  }
  const { status } = row.file
  return (
    <button
      type="button"
      className="tree-row"
      style={indent}
      aria-current={current}
      title={`${row.path}: ${status}`}
      onClick={() => onPick(row.at)}
    >
      <span style={{ color: COLOURS[status], lineHeight: 0 }}>
        <DotFillIcon size={12} aria-label={status} />
      </span>
      <span className="tree-name" style={status === 'removed' ? { textDecoration: 'line-through' } : undefined}>
        {row.name}
      </span>
      <Counts file={row.file} />
    </button>
  )
}
