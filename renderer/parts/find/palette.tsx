// The palette: whatever can be gone to or done, by a few letters of its name.
import { Group, Loader, Modal, Text, TextInput } from '@mantine/core'
import { FileIcon, GitBranchIcon, RepoIcon, SearchIcon, StackIcon, ZapIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { repositoryQuery } from '../../queries.ts'
import { reasonOf } from '../states.tsx'
import { pieces } from './fuzzy.ts'
import {
  fileItems,
  filesQuery,
  type Group as Found,
  type Here,
  type Item,
  searchItem,
  useFiles,
  useGroups,
  useHere,
} from './sources.ts'
import './palette.css'

interface Props {
  mode: 'all' | 'files'
  onClose: () => void
  onHelp: () => void
}

export function Palette({ mode, onClose, onHelp }: Props) {
  const here = useHere()
  if (mode === 'files' && here) return <Files here={here} onClose={onClose} />
  return <Everything here={here} onClose={onClose} onHelp={onHelp} />
}

function Everything({ here, onClose, onHelp }: Omit<Props, 'mode'> & { here: Here | undefined }) {
  const [typed, setTyped] = useState('')
  const groups = useGroups(typed, here, onHelp)
  return (
    <Chooser
      label="Go to anything"
      placeholder={here ? 'A page, a repository, a branch, an action' : 'A repository, a page, an action'}
      typed={typed}
      onType={setTyped}
      groups={groups}
      none="Nothing is called like this."
      onClose={onClose}
    />
  )
}

function Files({ here, onClose }: { here: Here; onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const main = useQuery(repositoryQuery(here.workspace, here.repo)).data?.main_branch
  const { data, error } = useQuery(filesQuery(here, main))
  const { hits, looking } = useFiles(typed.trim(), data)
  const base = `/${here.workspace}/${here.repo}`
  const items = data ? fileItems(hits, data, base) : []
  const typedAny = typed.trim() !== ''
  const groups: Found[] = [
    { label: data ? `Files at ${data.ref}` : 'Files', items },
    { label: 'Search', items: typedAny ? [searchItem(typed.trim(), base)] : [] },
  ]
  const note = data?.truncated ? `These are the first ${data.values.length.toLocaleString('en')} files only.` : ''
  return (
    <Chooser
      label="Go to a file"
      placeholder="Some letters of its name or path"
      typed={typed}
      onType={setTyped}
      groups={groups.filter((group) => group.items.length > 0)}
      none={error ? reasonOf(error) : data && !looking ? 'No file is called like this.' : undefined}
      note={note}
      onClose={onClose}
    />
  )
}

interface ChooserProps {
  label: string
  placeholder: string
  typed: string
  onType: (text: string) => void
  groups: readonly Found[]
  /** What to say where nothing fits; undefined while nobody knows. */
  none: string | undefined
  note?: string
  onClose: () => void
}

function Chooser({ label, placeholder, typed, onType, groups, none, note = '', onClose }: ChooserProps) {
  const navigate = useNavigate()
  const id = useId()
  const items = groups.flatMap((group) => group.items)
  const [chosen, setChosen] = useState(0)
  const at = Math.min(chosen, items.length - 1)
  const choose = (item: Item | undefined): void => {
    if (!item) return
    onClose()
    if (item.act) item.act()
    else void navigate({ to: item.to ?? '/', search: item.search ?? {} })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 }
    const next = steps[event.key]
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) choose(items[at])
    else if (next !== undefined && items.length > 0)
      setChosen(next < 0 ? items.length - 1 : next >= items.length ? 0 : next)
    else return
    event.preventDefault()
  }
  return (
    <Modal.Root opened onClose={onClose} size="lg" yOffset="10dvh">
      <Modal.Overlay />
      <Modal.Content aria-label={label}>
        <TextInput
          role="combobox"
          aria-label={label}
          aria-expanded={items.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={items[at] ? `${id}-${at}` : undefined}
          placeholder={placeholder}
          data-autofocus
          autoComplete="off"
          spellCheck={false}
          variant="unstyled"
          size="md"
          className="palette-field"
          leftSection={none === undefined && items.length === 0 ? <Loader size={14} /> : <SearchIcon />}
          value={typed}
          onChange={(event) => {
            onType(event.currentTarget.value)
            setChosen(0)
          }}
          onKeyDown={onKeyDown}
        />
        <div role="listbox" aria-label={label} id={`${id}-list`} className="palette">
          {groups.map((group) => (
            <Rows
              key={group.label}
              group={group}
              first={items.indexOf(group.items[0] as Item)}
              {...{ id, at, choose, setChosen }}
            />
          ))}
        </div>
        {items.length === 0 && none !== undefined && (
          <Text size="sm" c="dimmed" p="md" role="status">
            {none}
          </Text>
        )}
        {note !== '' && (
          <Text size="xs" c="dimmed" px="md" pb="sm">
            {note}
          </Text>
        )}
      </Modal.Content>
    </Modal.Root>
  )
}

interface RowsProps {
  group: Found
  /** Place of the first one among all. */
  first: number
  id: string
  at: number
  choose: (item: Item) => void
  setChosen: (at: number) => void
}

function Rows({ group, first, id, at, choose, setChosen }: RowsProps) {
  return (
    <div role="group" aria-label={group.label}>
      <Text size="xs" c="dimmed" px="md" pt="xs" pb={2} aria-hidden="true">
        {group.label}
      </Text>
      {group.items.map((item, i) => (
        <Row
          key={item.key}
          item={item}
          id={`${id}-${first + i}`}
          chosen={first + i === at}
          onChoose={() => choose(item)}
          onPoint={() => setChosen(first + i)}
        />
      ))}
    </div>
  )
}

const ICONS = {
  repository: RepoIcon,
  page: StackIcon,
  branch: GitBranchIcon,
  file: FileIcon,
  action: ZapIcon,
  search: SearchIcon,
}

interface RowProps {
  item: Item
  id: string
  chosen: boolean
  onChoose: () => void
  onPoint: () => void
}

function Row({ item, id, chosen, onChoose, onPoint }: RowProps) {
  const own = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (chosen) own.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const Icon = ICONS[item.kind]
  return (
    // The field has the focus and the keys; a row only takes the pointer.
    <Group
      ref={own}
      id={id}
      role="option"
      aria-selected={chosen}
      className="palette-row"
      wrap="nowrap"
      gap="sm"
      px="md"
      py={8}
      onClick={onChoose}
      onPointerMove={chosen ? undefined : onPoint}
    >
      <Text span c="dimmed" lh={1}>
        <Icon />
      </Text>
      <Text span size="sm" style={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>
        {pieces(item).map(({ text, found, from }) =>
          found ? <mark key={from}>{text}</mark> : <span key={from}>{text}</span>,
        )}
      </Text>
    </Group>
  )
}
