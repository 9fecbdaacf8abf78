// What a comparison changes: how much, the files as a tree, and their changes in one column or two.
import { Alert, Anchor, Button, Drawer, Group, SegmentedControl, Switch, Text } from '@mantine/core'
import { useLocalStorage, useMediaQuery } from '@mantine/hooks'
import { FoldIcon, ListUnorderedIcon, UnfoldIcon } from '@primer/octicons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useCallback, useRef, useState } from 'react'
import type { ChangeList } from '../../../../server/contract/changes.ts'
import type { View } from '../../../code/diff-lines.tsx'
import { Empty, Failure, Waiting } from '../../../parts/states.tsx'
import { apiOf, encoded } from '../data.ts'
import { useRepository } from '../layout.tsx'
import { ChangesList } from './changes-list.tsx'
import { ChangesTree } from './changes-tree.tsx'
import { changesQuery } from './data.ts'

interface Props {
  /** A commit, or `source..destination`, best by full ids. */
  spec: string
  parent?: number | undefined
  direct?: boolean
  /** Further choices, beside the others. */
  choices?: ReactNode
}

export function Changes({ spec, parent, direct = false, choices }: Props) {
  const { id } = useRepository()
  const { space }: { space?: 'ignore' } = useSearch({ strict: false })
  const ignoreSpace = space === 'ignore'
  const { data, error, refetch } = useQuery({
    ...changesQuery(id, { spec, parent, direct, ignoreSpace }),
    placeholderData: keepPreviousData,
  })
  if (error) return <Failure error={error} retry={refetch} />
  if (!data) return <Waiting rows={6} />
  const diff = `${apiOf(id)}/diff/${encoded(data.from === null ? data.to : `${data.to}..${data.from}`)}?topic=false`
  return (
    <Files key={`${data.from} ${data.to}`} list={data} diff={diff} ignoreSpace={ignoreSpace}>
      {choices}
    </Files>
  )
}

/** Two columns need room. */
const ROOM = '(min-width: 62em)'

interface FilesProps {
  list: ChangeList
  diff: string
  ignoreSpace: boolean
  children: ReactNode
}

function Files({ list, diff, ignoreSpace, children }: FilesProps) {
  const roomy = useMediaQuery(ROOM) ?? true
  const [view, setView] = useLocalStorage<View>({ key: 'diff-view', defaultValue: 'unified' })
  const [tree, setTree] = useLocalStorage<boolean>({ key: 'diff-tree', defaultValue: true })
  const [drawer, setDrawer] = useState(false)
  const [allClosed, setAllClosed] = useState(false)
  const [active, setActive] = useState(0)
  const goTo = useRef((_at: number): void => undefined)
  const onReady = useCallback((way: (at: number) => void) => {
    goTo.current = way
  }, [])
  const several = list.files.length > 1
  const shown = roomy && tree && several
  return (
    <div className="wide">
      <Group gap="sm" mb="sm" justify="space-between">
        <Group gap="sm">
          {several && (
            <Button
              size="xs"
              variant="default"
              leftSection={<ListUnorderedIcon />}
              aria-expanded={roomy ? shown : drawer}
              onClick={() => (roomy ? setTree(!tree) : setDrawer(true))}
            >
              Files
            </Button>
          )}
          <Amount list={list} />
        </Group>
        <Group gap="sm">
          {children}
          <SpaceSwitch on={ignoreSpace} />
          <FoldAll closed={allClosed} onChange={setAllClosed} />
          {roomy && (
            <SegmentedControl
              size="xs"
              aria-label="How to show changes"
              data={[
                { value: 'unified', label: 'One column' },
                { value: 'split', label: 'Side by side' },
              ]}
              value={view}
              onChange={setView}
            />
          )}
        </Group>
      </Group>
      <Limits list={list} diff={diff} />
      {list.files.length === 0 && <Empty title="Nothing was changed." />}
      <div className={shown ? 'changes with-tree' : 'changes'}>
        {shown && (
          <nav className="changes-tree" aria-label="Changed files">
            <ChangesTree files={list.files} active={active} onPick={(at) => goTo.current(at)} />
          </nav>
        )}
        <ChangesList
          list={list}
          view={roomy ? view : 'unified'}
          ignoreSpace={ignoreSpace}
          allClosed={allClosed}
          onReady={onReady}
          onActive={setActive}
        />
      </div>
      <Drawer opened={drawer} onClose={() => setDrawer(false)} title="Changed files" size="85%">
        <ChangesTree
          files={list.files}
          active={active}
          onPick={(at) => {
            setDrawer(false)
            goTo.current(at)
          }}
        />
      </Drawer>
    </div>
  )
}

function FoldAll({ closed, onChange }: { closed: boolean; onChange: (closed: boolean) => void }) {
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={closed ? <UnfoldIcon /> : <FoldIcon />}
      onClick={() => onChange(!closed)}
    >
      {closed ? 'Open all' : 'Close all'}
    </Button>
  )
}

function Amount({ list: { files, size, counted } }: { list: ChangeList }) {
  const sum = (side: 'added' | 'removed'): number => files.reduce((total, file) => total + (file[side] ?? 0), 0)
  const number = size ?? files.length
  return (
    <Text size="sm">
      <b>
        {size === null && 'More than '}
        {number.toLocaleString('en')} {number === 1 ? 'file' : 'files'}
      </b>{' '}
      changed
      {counted && number === files.length && (
        <>
          , <span className="count-added">{sum('added').toLocaleString('en')} added</span>,{' '}
          <span className="count-removed">{sum('removed').toLocaleString('en')} removed</span>
        </>
      )}
    </Text>
  )
}

function SpaceSwitch({ on }: { on: boolean }) {
  const navigate = useNavigate()
  return (
    <Switch
      size="sm"
      label="Ignore white space"
      checked={on}
      onChange={(event) => {
        const next = event.currentTarget.checked
        void navigate({
          to: '.',
          search: (search: Record<string, unknown>) => ({ ...search, space: next ? 'ignore' : undefined }),
          hash: true,
          replace: true,
          resetScroll: false,
        })
      }}
    />
  )
}

/** From here on a browser's own search misses most of it. */
const MANY = 20

/** What is not shown is said, with the way to all of it. */
function Limits({ list, diff }: { list: ChangeList; diff: string }) {
  const all = (
    <Anchor href={diff} inherit underline="always">
      the patch as text
    </Anchor>
  )
  if (list.size === null || list.size > list.files.length || !list.counted) {
    return (
      <Alert mb="sm" color="yellow" title="This is very much">
        {list.size === list.files.length
          ? 'The lines were not counted, as that would take too long.'
          : `The first ${list.files.length.toLocaleString('en')} files are shown.`}{' '}
        All of it is in {all}.
      </Alert>
    )
  }
  if (list.files.length < MANY) return null
  return (
    <Text component="p" size="sm" c="dimmed" mt={0} mb="sm">
      Only files near the window are drawn, so your browser finds words in those alone. To search in all, open {all}.
      Press n and p to go from file to file.
    </Text>
  )
}
