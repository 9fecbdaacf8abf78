// What goes on: transfers that are under way, which can be ended, and the newest pushes.
import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { DesktopState, Transfer } from '../../main/contract.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Section } from '../parts/section.tsx'
import { sizeText } from '../parts/size.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { ago, Time } from '../parts/time.tsx'
import { useAct, useAsked } from './bridge.ts'
import { isUp } from './status.ts'

export function Activity({ state }: { state: DesktopState }) {
  const { data } = useAsked('overview', 1000)
  const cancel = useAct('cancelTransfer')
  const [ending, setEnding] = useState<Transfer>()
  if (!isUp(state)) return <Empty title="The server does not run">What goes on is shown while it does.</Empty>
  if (!data) return <Waiting />
  return (
    <Stack>
      <Section title="Under way">
        {data.transfers.length === 0 && <Text c="dimmed">Nobody clones or pushes right now.</Text>}
        {data.transfers.map((one) => (
          <Group key={one.id} className="row" py="sm" justify="space-between" gap="sm">
            <div>
              <Text>
                {one.direction === 'push' ? 'Push to ' : 'Clone or fetch of '}
                <b>{one.repository}</b>
              </Text>
              <Text size="sm" c="dimmed">
                {one.account || 'a guest'} from {one.address}, {ago(new Date(one.since).toISOString())},{' '}
                {sizeText(one.bytes)} {one.direction === 'push' ? 'received' : 'sent'}
              </Text>
            </div>
            <Button size="xs" variant="default" color="red" onClick={() => setEnding(one)}>
              Cancel
            </Button>
          </Group>
        ))}
      </Section>
      <Section title="Newest pushes">
        {data.pushes.length === 0 && <Text c="dimmed">Nobody has pushed yet.</Text>}
        {data.pushes.map((push) => (
          <Group key={push.at + push.repository} className="row" py="xs" justify="space-between" gap="sm">
            <Text size="sm">
              <b>{push.account || 'A deploy token'}</b> pushed to {push.repository}
            </Text>
            <Text size="sm" c="dimmed">
              <Time iso={push.at} />
            </Text>
          </Group>
        ))}
      </Section>
      <Confirm
        opened={ending !== undefined}
        title="End this transfer?"
        button="End it"
        busy={cancel.isPending}
        error={cancel.error}
        onClose={() => setEnding(undefined)}
        onConfirm={() => ending && cancel.mutate({ id: ending.id }, { onSuccess: () => setEnding(undefined) })}
      >
        Whoever waits for it gets an error and has to try again. Nothing that was pushed before is lost.
      </Confirm>
    </Stack>
  )
}
