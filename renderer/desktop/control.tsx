// The control page: a bar that is always there, and below it the first run or the part of the page that was chosen.
import { ActionIcon, Alert, Button, Container, Group, SegmentedControl, Stack, Tabs, Text } from '@mantine/core'
import { ArrowLeftIcon, ArrowRightIcon, InfoIcon, LinkIcon, SyncIcon } from '@primer/octicons-react'
import { useState } from 'react'
import type { DesktopState } from '../../main/contract.ts'
import { Mark } from '../parts/mark.tsx'
import { Waiting } from '../parts/states.tsx'
import { Activity } from './activity.tsx'
import { useAct, useDesktop } from './bridge.ts'
import { FirstRun } from './first-run.tsx'
import { Logs } from './logs.tsx'
import { Overview } from './overview.tsx'
import { People } from './people.tsx'
import { Settings } from './settings.tsx'
import { isUp, toneOf, wordsOf } from './status.ts'
import { Storage } from './storage.tsx'

const PARTS = {
  overview: { label: 'Overview', Part: Overview },
  people: { label: 'People', Part: People },
  activity: { label: 'Activity', Part: Activity },
  storage: { label: 'Storage', Part: Storage },
  logs: { label: 'Logs', Part: Logs },
  settings: { label: 'Settings', Part: Settings },
} as const
type PartName = keyof typeof PARTS

export function Control() {
  const state = useDesktop()
  const [part, setPart] = useState<PartName>('overview')
  const [turn, setTurn] = useState(0)
  const wanted = state?.section
  // Each ask of the tray moves the page once; after that the person does.
  if (wanted && wanted.turn !== turn) {
    setTurn(wanted.turn)
    setPart(wanted.name)
  }
  if (!state) return <Waiting />
  return (
    <>
      <Bar state={state} />
      <Container size="md" py="lg" component="main">
        <Stack>
          <Notes state={state} />
          {state.firstRun ? <FirstRun state={state} /> : <Parts state={state} part={part} choose={setPart} />}
        </Stack>
      </Container>
    </>
  )
}

function Parts({ state, part, choose }: { state: DesktopState; part: PartName; choose: (part: PartName) => void }) {
  return (
    <Tabs value={part} onChange={(name) => choose(name as PartName)} keepMounted={false}>
      <Tabs.List mb="lg" style={{ flexWrap: 'nowrap', overflowX: 'auto', overflowY: 'hidden' }}>
        {Object.entries(PARTS).map(([name, { label }]) => (
          <Tabs.Tab key={name} value={name}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {Object.entries(PARTS).map(([name, { Part }]) => (
        <Tabs.Panel key={name} value={name}>
          <Part state={state} />
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}

function Bar({ state }: { state: DesktopState }) {
  const show = useAct('show')
  return (
    <header className="bar">
      <Mark />
      <SegmentedControl
        style={{ flex: 'none' }}
        aria-label="What is shown"
        value={state.surface}
        onChange={(surface) => show.mutate({ surface })}
        data={[
          { value: 'control', label: 'This machine' },
          { value: 'repositories', label: 'Repositories', disabled: !isUp(state) },
        ]}
      />
      {state.surface === 'repositories' && <Ways />}
      <Text size="sm" className="bar-state" role="status" title={wordsOf(state)}>
        <span className="dot" data-tone={toneOf(state)} />
        <span className="bar-words">{wordsOf(state)}</span>
      </Text>
    </header>
  )
}

const WAYS = [
  { where: 'back', label: 'Back', Icon: ArrowLeftIcon },
  { where: 'forward', label: 'Forward', Icon: ArrowRightIcon },
  { where: 'reload', label: 'Load again', Icon: SyncIcon },
] as const

/** The pages of repositories have no browser around them. */
function Ways() {
  const go = useAct('go')
  return (
    <Group gap={2} wrap="nowrap">
      {WAYS.map(({ where, label, Icon }) => (
        <ActionIcon key={where} variant="subtle" color="gray" aria-label={label} onClick={() => go.mutate({ where })}>
          <Icon />
        </ActionIcon>
      ))}
    </Group>
  )
}

/** What somebody has to know or decide, whatever part is open. */
function Notes({ state }: { state: DesktopState }) {
  const answer = useAct('answerLink')
  return (
    <>
      {state.link && (
        <Alert color="pine" icon={<LinkIcon />} title="A link wants to open something">
          <Stack gap="sm" align="flex-start">
            <Text size="sm">{state.link.words}</Text>
            <Group gap="xs">
              <Button size="xs" onClick={() => answer.mutate({ follow: true })}>
                Open it
              </Button>
              <Button size="xs" variant="default" onClick={() => answer.mutate({ follow: false })}>
                Leave it
              </Button>
            </Group>
          </Stack>
        </Alert>
      )}
      {state.notes.map((words) => (
        <Alert key={words} color="yellow" icon={<InfoIcon />}>
          {words}
        </Alert>
      ))}
    </>
  )
}
