// The first run: where the data lies, who administers it, who may reach it.
import { Button, Checkbox, Group, PasswordInput, Radio, Stack, Text, TextInput, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { DesktopState } from '../../main/contract.ts'
import { Submit } from '../parts/save.tsx'
import { Section } from '../parts/section.tsx'
import { FormFailure } from '../parts/states.tsx'
import { useAct } from './bridge.ts'

const LEAST_LETTERS = 10

export function FirstRun({ state }: { state: DesktopState }) {
  const folder = useAct('chooseFolder')
  const begin = useAct('firstRun')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [reach, setReach] = useState('machine')
  const [startAtLogin, setStartAtLogin] = useState(false)
  const [looked, setLooked] = useState(false)
  const differs = again !== password ? 'This is not the same password.' : undefined
  const short = password.length < LEAST_LETTERS ? `At least ${LEAST_LETTERS} letters.` : undefined
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setLooked(true)
    if (name !== '' && !differs && !short) begin.mutate({ name, password, lan: reach === 'lan', startAtLogin })
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <div>
          <Title order={1} size="h2">
            Welcome to Gitstead
          </Title>
          <Text c="dimmed">
            Three decisions, and this machine hosts your team’s repositories. Each can be changed later.
          </Text>
        </div>
        <Section title="Where the data lies">
          <Group justify="space-between" gap="sm">
            <Text size="sm" ff="monospace" style={{ flex: 1, minWidth: 200 }}>
              {state.dataFolder}
            </Text>
            <Button variant="default" loading={folder.isPending} onClick={() => folder.mutate(undefined)}>
              Choose another folder
            </Button>
          </Group>
          <Text size="sm" c="dimmed" mt="xs">
            Repositories, accounts and settings. Removing or updating Gitstead never touches it.
          </Text>
          <FormFailure error={folder.error} />
        </Section>
        <Section title="Your account">
          <Stack maw={420}>
            <TextInput
              label="User name"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={looked && name === '' ? 'Choose a name.' : undefined}
              autoComplete="username"
              required
            />
            <PasswordInput
              label="Password"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              error={looked ? short : undefined}
              autoComplete="new-password"
              required
            />
            <PasswordInput
              label="The same once more"
              value={again}
              onChange={(event) => setAgain(event.currentTarget.value)}
              error={looked ? differs : undefined}
              autoComplete="new-password"
              required
            />
          </Stack>
        </Section>
        <Section title="Who may reach it">
          <Radio.Group value={reach} onChange={setReach} aria-label="Who may reach it">
            <Stack gap="sm">
              <Radio value="machine" label="Only this machine" description="Nobody else, until you switch it on." />
              <Radio
                value="lan"
                label="Everybody on the local network who has an account"
                description="Your system may ask whether to let it through its firewall: allow it for private networks."
              />
            </Stack>
          </Radio.Group>
          <Checkbox
            mt="lg"
            label="Start Gitstead when I sign in to this machine"
            checked={startAtLogin}
            onChange={(event) => setStartAtLogin(event.currentTarget.checked)}
          />
        </Section>
        <FormFailure error={begin.error} />
        <Group justify="flex-end">
          <Submit size="md" busy={begin.isPending}>
            Start Gitstead
          </Submit>
        </Group>
      </Stack>
    </form>
  )
}
