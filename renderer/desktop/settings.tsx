// What the admin decides: who may reach it, how the program behaves, how the machine does, newer versions.
import { Alert, Button, Group, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { DesktopState } from '../../main/contract.ts'
import { Section } from '../parts/section.tsx'
import { FormFailure } from '../parts/states.tsx'
import { useAct, useAsked } from './bridge.ts'

type Name = 'lan' | 'discovery' | 'startAtLogin' | 'startInBackground' | 'quitOnClose' | 'hideTray' | 'keepAwake'

export function Settings({ state }: { state: DesktopState }) {
  const set = useAct('setSettings')
  const one = (name: Name, label: string, description: string, disabled = false) => (
    <Switch
      label={label}
      description={description}
      checked={state.settings[name]}
      disabled={disabled || set.isPending}
      onChange={(event) => set.mutate({ [name]: event.currentTarget.checked })}
    />
  )
  return (
    <Stack>
      <Section title="The network">
        <Stack>
          {one(
            'lan',
            'Others on the local network reach it',
            'Off: only this machine does. The server restarts when this changes.',
            state.attached !== null,
          )}
          {one(
            'discovery',
            'Announce it in the network by name',
            'Many networks filter this; the address always works.',
            !state.settings.lan,
          )}
          <Https />
        </Stack>
      </Section>
      <Section title="The program">
        <Stack>
          {one(
            'startAtLogin',
            'Start when I sign in to this machine',
            'Teammates reach it without you opening anything.',
          )}
          {one('startInBackground', 'Start without a window', 'The tray icon opens it.')}
          {one('quitOnClose', 'Quit when the window is closed', 'Off: closing leaves the server running.')}
          {one('hideTray', 'No icon in the tray', 'Start Gitstead again to get its window back.')}
        </Stack>
      </Section>
      <Section title="Sleep">
        {one(
          'keepAwake',
          'Keep this machine awake while it shares',
          'A machine that sleeps is a server that is down. During a clone or push it is kept awake in any case.',
        )}
      </Section>
      <FormFailure error={set.error} />
      <Updates state={state} />
    </Stack>
  )
}

function Https() {
  const { data } = useAsked('overview', 10_000)
  const show = useAct('show')
  if (!data) return null
  return (
    <Alert color="gray">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          {data.https.on
            ? `HTTPS is on.${data.https.fingerprint === null ? '' : ` Fingerprint of its authority: ${data.https.fingerprint}`}`
            : 'HTTPS is off: passwords travel in the clear to whoever listens on the network.'}
        </Text>
        <Button size="xs" variant="default" onClick={() => show.mutate({ surface: 'repositories' })}>
          Set it up under Administration, HTTPS
        </Button>
      </Stack>
    </Alert>
  )
}

function Updates({ state }: { state: DesktopState }) {
  const set = useAct('setSettings')
  const check = useAct('checkUpdates')
  const open = useAct('openUpdate')
  const [address, setAddress] = useState(state.settings.updates ?? '')
  const { update } = state
  return (
    <Section title="Newer versions">
      <Stack align="flex-start">
        <Text size="sm">
          This is version {state.version}. Nothing is fetched or installed by itself: a newer version is named here, and
          you decide when.
        </Text>
        <Group align="flex-end" gap="sm">
          <TextInput
            label="Look them up at"
            placeholder="https://…"
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
            error={set.error?.message}
          />
          <Button
            variant="default"
            loading={set.isPending}
            onClick={() => set.mutate({ updates: address === '' ? null : address })}
          >
            Save
          </Button>
          <Button variant="default" loading={check.isPending} onClick={() => check.mutate(undefined)}>
            Check now
          </Button>
        </Group>
        {update && (
          <Alert color={update.state === 'failed' ? 'red' : 'pine'} role="status">
            <Stack gap="xs" align="flex-start">
              <Text size="sm">{update.words}</Text>
              {update.state === 'found' && (
                <>
                  <Text size="sm" c="dimmed">
                    Pause sharing and copy the data folder before you install it.
                  </Text>
                  <Button size="xs" onClick={() => open.mutate(undefined)}>
                    Open the page of version {update.version}
                  </Button>
                </>
              )}
            </Stack>
          </Alert>
        )}
      </Stack>
    </Section>
  )
}
