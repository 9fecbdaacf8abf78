// What matters at a glance: whether it runs, where it is reached, and the first repository.
import { Alert, Button, Group, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core'
import { AlertIcon } from '@primer/octicons-react'
import { type FormEvent, useState } from 'react'
import type { DesktopState } from '../../main/contract.ts'
import { Command } from '../parts/clone-box.tsx'
import { CopyButton } from '../parts/copy.tsx'
import { Qr } from '../parts/qr.tsx'
import { Submit } from '../parts/save.tsx'
import { Section } from '../parts/section.tsx'
import { sizeText } from '../parts/size.ts'
import { FormFailure, Waiting } from '../parts/states.tsx'
import { useAct, useAsked } from './bridge.ts'
import { addressOf, isUp, toneOf, wordsOf } from './status.ts'

export function Overview({ state }: { state: DesktopState }) {
  return (
    <Stack>
      <Status state={state} />
      {isUp(state) && <FirstRepository state={state} />}
      {isUp(state) && <Address state={state} />}
      {isUp(state) && <Figures />}
    </Stack>
  )
}

function Status({ state }: { state: DesktopState }) {
  const { server, attached, paused } = state
  return (
    <Section title="The server">
      <Group justify="space-between" gap="sm">
        <Text>
          <span className="dot" data-tone={toneOf(state)} />
          {wordsOf(state)}
          {server.state === 'running' && server.since !== null && (
            <Text span c="dimmed" size="sm">
              {' '}
              since {new Date(server.since).toLocaleTimeString()}
            </Text>
          )}
        </Text>
        {!attached && <Acts state={state} />}
      </Group>
      {attached && (
        <Text size="sm" c="dimmed" mt="xs">
          It was started elsewhere (process {attached.pid}): stop or restart it there. This window shows it.
        </Text>
      )}
      {paused && (
        <Text size="sm" c="dimmed" mt="xs">
          Nobody reaches Gitstead until you resume.
        </Text>
      )}
      {server.problem !== null && <Problem state={state} words={server.problem} />}
    </Section>
  )
}

function Acts({ state: { server, paused } }: { state: DesktopState }) {
  const restart = useAct('restart')
  const start = useAct('start')
  const pause = useAct('pause')
  const resume = useAct('resume')
  const failure = restart.error ?? start.error ?? pause.error ?? resume.error
  const stopped = server.state === 'failed' || server.state === 'stopped'
  return (
    <Group gap="xs">
      {paused && (
        <Button size="xs" loading={resume.isPending} onClick={() => resume.mutate(undefined)}>
          Resume sharing
        </Button>
      )}
      {!paused && stopped && (
        <Button size="xs" loading={start.isPending} onClick={() => start.mutate(undefined)}>
          Start
        </Button>
      )}
      {!paused && !stopped && (
        <>
          <Button size="xs" variant="default" loading={restart.isPending} onClick={() => restart.mutate(undefined)}>
            Restart
          </Button>
          <Button size="xs" variant="default" loading={pause.isPending} onClick={() => pause.mutate(undefined)}>
            Pause sharing
          </Button>
        </>
      )}
      <FormFailure error={failure} />
    </Group>
  )
}

function Problem({ state: { server, port }, words }: { state: DesktopState; words: string }) {
  return (
    <Alert color={server.state === 'failed' ? 'red' : 'yellow'} icon={<AlertIcon />} mt="md" role="alert">
      <Stack gap="xs">
        <Text size="sm">{words}</Text>
        {server.state === 'failed' && server.refused === null && <LastLines />}
        {port && <PortHelp port={port} />}
      </Stack>
    </Alert>
  )
}

function LastLines() {
  const logs = useAsked('logs')
  const save = useAct('exportDiagnostics')
  const open = useAct('openFolder')
  const words = logs.data?.slice(-200).join('\n') ?? ''
  return (
    <Stack gap="xs">
      <Text size="sm">It failed five times in turn. These are its last words:</Text>
      <pre className="log" tabIndex={0} style={{ maxHeight: 220 }}>
        {words || 'It said nothing.'}
      </pre>
      <Group gap="xs">
        <CopyButton text={words} label="Copy the last words" />
        <Button size="xs" variant="default" onClick={() => open.mutate({ which: 'logs' })}>
          Open the folder of logs
        </Button>
        <Button size="xs" variant="default" loading={save.isPending} onClick={() => save.mutate(undefined)}>
          Export diagnostics
        </Button>
      </Group>
      <FormFailure error={save.error ?? open.error} />
    </Stack>
  )
}

function PortHelp({ port }: { port: NonNullable<DesktopState['port']> }) {
  const take = useAct('takePort')
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm">
        {port.busy === 'ourselves'
          ? 'It is this very Gitstead, started in another way. Stop it there, and start again here.'
          : 'Another program uses it. Stop that program, or take another port: addresses that people already use change with it.'}
      </Text>
      {port.free !== null && (
        <Button size="xs" loading={take.isPending} onClick={() => take.mutate({ port: port.free ?? 0 })}>
          Use port {port.free}
        </Button>
      )}
      <FormFailure error={take.error} />
    </Stack>
  )
}

function FirstRepository({ state }: { state: DesktopState }) {
  const repositories = useAsked('repositories')
  const create = useAct('createRepository')
  const [name, setName] = useState('')
  const [only, ...more] = repositories.data ?? []
  if (!repositories.data || more.length > 0 || (only && !only.empty)) return null
  if (only) {
    const url = `${shareAddress(state)}/${only.path}.git`
    return (
      <Section title={`Waiting for the first push to ${only.path}`}>
        <Stack gap="sm" role="status">
          <Text size="sm">In the folder of your project:</Text>
          <Command text={`git remote add origin ${url}\ngit push -u origin HEAD`} />
          <Text size="sm">Or begin with an empty clone:</Text>
          <Command text={`git clone ${url}`} label="Copy clone command" />
          <Text size="sm" c="dimmed">
            This goes away by itself when the push has arrived.
          </Text>
        </Stack>
      </Section>
    )
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (name !== '') create.mutate({ name })
  }
  return (
    <Section title="Your first repository">
      <form onSubmit={submit}>
        <Group align="flex-end" gap="sm">
          <TextInput
            label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            placeholder="my-project"
            autoComplete="off"
          />
          <Submit busy={create.isPending} disabled={name === ''}>
            Create
          </Submit>
        </Group>
        <FormFailure error={create.error} />
      </form>
    </Section>
  )
}

/** As others reach it where they do, and as this machine does otherwise. */
function shareAddress(state: DesktopState): string {
  return (state.settings.lan ? state.lan[0]?.url : undefined) ?? addressOf(state) ?? ''
}

function Address({ state }: { state: DesktopState }) {
  const test = useAct('selfTest')
  const address = shareAddress(state)
  const shared = state.settings.lan && state.lan.length > 0
  return (
    <Section title="Where it is reached">
      <Group align="flex-start" gap="lg" wrap="wrap">
        <Stack gap="sm" style={{ flex: 1, minWidth: 260 }}>
          <Command text={address} label="Copy address" />
          <Text size="sm" c="dimmed">
            {shared
              ? 'This is the address for your team. A machine can have several; all that may work are listed here.'
              : 'Only this machine reaches it. Switch the network on under Settings to share it.'}
          </Text>
          {shared && (
            <>
              {state.lan.slice(1).map(({ url, interface: name }) => (
                <Group key={url} gap="xs">
                  <Command text={url} label={`Copy ${url}`} />
                  <Text size="sm" c="dimmed">
                    {name}
                  </Text>
                </Group>
              ))}
              <Group gap="xs">
                <Button size="xs" variant="default" loading={test.isPending} onClick={() => test.mutate(undefined)}>
                  Test these addresses
                </Button>
              </Group>
              {test.data?.map(({ url, said, reached }) => (
                <Text key={url} size="sm" role="status">
                  <span className="dot" data-tone={reached ? 'good' : 'bad'} />
                  {url}: {said}
                </Text>
              ))}
              <Text size="sm" c="dimmed">
                If others do not get through although the test does, allow Gitstead in the firewall of this machine, for
                private networks.
              </Text>
            </>
          )}
        </Stack>
        {shared && <Qr text={address} label={`The address ${address} as a picture`} size={148} />}
      </Group>
    </Section>
  )
}

function Figures() {
  const { data } = useAsked('overview')
  if (!data) return <Waiting rows={2} />
  const [disk] = data.disks
  const figures: [string, string][] = [
    ['Free on the disk', disk ? sizeText(disk.free) : '?'],
    ['Connections', String(data.clients)],
    ['Transfers under way', String(data.transfers.length)],
    ['Last backup', 'None yet'],
  ]
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }}>
      {figures.map(([label, value]) => (
        <div key={label} className="card" style={{ padding: 14 }}>
          <Text size="sm" c="dimmed">
            {label}
          </Text>
          <Title order={3} size="h4">
            {value}
          </Title>
        </div>
      ))}
    </SimpleGrid>
  )
}
