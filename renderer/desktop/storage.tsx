// Where the data lies, how full its disks are, and moving it to another folder.
import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { DesktopState } from '../../main/contract.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Section } from '../parts/section.tsx'
import { sizeText } from '../parts/size.ts'
import { FormFailure, Waiting } from '../parts/states.tsx'
import { useAct, useAsked } from './bridge.ts'
import { isUp } from './status.ts'

export function Storage({ state }: { state: DesktopState }) {
  return (
    <Stack>
      <Folder state={state} />
      {isUp(state) && <Disks />}
      <Section title="Backups">
        <Text c="dimmed">
          Gitstead makes no backups yet. Until it does, copy the data folder while sharing is paused.
        </Text>
      </Section>
    </Stack>
  )
}

function Folder({ state }: { state: DesktopState }) {
  const open = useAct('openFolder')
  const moving = useAct('moveData')
  const [asking, setAsking] = useState(false)
  const { move } = state
  const busy = move?.state === 'copying' || move?.state === 'verifying'
  return (
    <Section title="The data folder">
      <Group justify="space-between" gap="sm">
        <Text size="sm" ff="monospace" style={{ flex: 1, minWidth: 200 }}>
          {state.dataFolder}
        </Text>
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => open.mutate({ which: 'data' })}>
            Open
          </Button>
          {!state.attached && (
            <Button size="xs" variant="default" disabled={busy} onClick={() => setAsking(true)}>
              Move it…
            </Button>
          )}
        </Group>
      </Group>
      {move && (
        <Alert
          mt="md"
          color={move.state === 'failed' ? 'red' : 'pine'}
          title={{ copying: 'Copying', verifying: 'Verifying', done: 'Moved', failed: 'Not moved' }[move.state]}
          role="status"
        >
          <Stack gap="xs">
            <Text size="sm">{move.words}</Text>
            {busy && (
              <>
                <Progress aria-label="How far it is" value={move.total > 0 ? (100 * move.done) / move.total : 0} />
                <Text size="sm">
                  {sizeText(move.done)} of {sizeText(move.total)}
                </Text>
              </>
            )}
          </Stack>
        </Alert>
      )}
      <FormFailure error={open.error ?? (move?.state === 'failed' ? null : moving.error)} />
      <Confirm
        opened={asking}
        title="Move the data to another folder?"
        button="Stop and choose the folder"
        busy={false}
        error={undefined}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false)
          moving.mutate(undefined)
        }}
      >
        The server stops, everything is copied and compared, then it starts on the copy. The old folder stays as it is.
        Until then nobody can push.
      </Confirm>
    </Section>
  )
}

function Disks() {
  const { data } = useAsked('overview')
  return (
    <Section title="Disks">
      {!data && <Waiting rows={2} />}
      {data?.disks.map((disk) => (
        <div key={disk.volume} className="row" style={{ paddingBlock: 10 }}>
          <Group justify="space-between">
            <Text size="sm" fw={600}>
              {disk.volume}
            </Text>
            <Text size="sm" c="dimmed">
              {sizeText(disk.free)} free of {sizeText(disk.total)}
            </Text>
          </Group>
          <Progress
            mt={6}
            aria-label={`Used of ${disk.volume}`}
            value={disk.total > 0 ? (100 * (disk.total - disk.free)) / disk.total : 0}
          />
          {disk.problem !== null && (
            <Text size="sm" c="red" mt={4}>
              {disk.problem}
            </Text>
          )}
        </div>
      ))}
    </Section>
  )
}
