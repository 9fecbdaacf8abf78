// Setting up a second factor in two steps: the password, then a code of the app that has read the secret.
import { Button, Group, List, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { FactorSecret, RecoveryCodes } from '../../server/contract/factor.ts'
import type { Session } from '../../server/contract/gitstead.ts'
import { call, OWN } from '../api.ts'
import { Command } from './clone-box.tsx'
import { Qr } from './qr.tsx'
import { Submit } from './save.tsx'
import { fieldError, FormFailure } from './states.tsx'

type Confirmed = RecoveryCodes & { session: Session }

export function FactorSetUp({ onDone }: { onDone: (answer: Confirmed) => void }) {
  const [secret, setSecret] = useState<FactorSecret>()
  if (secret) return <Confirm secret={secret} onDone={onDone} onBack={() => setSecret(undefined)} />
  return <Start onSecret={setSecret} />
}

function Start({ onSecret }: { onSecret: (secret: FactorSecret) => void }) {
  const [password, setPassword] = useState('')
  const start = useMutation({
    mutationFn: () => call<FactorSecret>('POST', `${OWN}/factor`, { password }),
    onSuccess: onSecret,
  })
  return (
    <Paper
      className="card"
      p="lg"
      component="form"
      onSubmit={(event) => {
        event.preventDefault()
        start.mutate()
      }}
    >
      <Stack maw={460}>
        <Text>
          With a second factor, a stolen password alone opens nothing: signing in also takes a code that an app on your
          phone makes. Any authenticator app will do.
        </Text>
        <Text size="sm" c="dimmed">
          Git and programs then need app passwords; those that you have go on to work. Other browsers are signed out.
        </Text>
        <PasswordInput
          label="Your password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={fieldError(start.error, 'password')}
        />
        <FormFailure error={start.error} />
        <Group>
          <Submit busy={start.isPending}>Set it up</Submit>
        </Group>
      </Stack>
    </Paper>
  )
}

interface ConfirmProps {
  secret: FactorSecret
  onDone: (answer: Confirmed) => void
  onBack: () => void
}

function Confirm({ secret, onDone, onBack }: ConfirmProps) {
  const [code, setCode] = useState('')
  const confirm = useMutation({
    mutationFn: () => call<Confirmed>('POST', `${OWN}/factor/confirm`, { code }),
    onSuccess: onDone,
  })
  return (
    <Paper
      className="card"
      p="lg"
      component="form"
      onSubmit={(event) => {
        event.preventDefault()
        confirm.mutate()
      }}
    >
      <Stack>
        <Title order={2} size="h4">
          Read this with the app
        </Title>
        <Group align="flex-start" gap="lg">
          <Qr text={secret.uri} label="QR code for the authenticator app" />
          <Stack gap="xs" style={{ flex: 1, minWidth: 220 }}>
            <List size="sm" type="ordered" spacing={4}>
              <List.Item>Open the app and add an account.</List.Item>
              <List.Item>Scan the picture, or type the key below.</List.Item>
              <List.Item>Enter the code that the app then shows.</List.Item>
            </List>
            <Command text={secret.secret.replace(/(.{4})(?=.)/g, '$1 ')} label="Copy the key" />
          </Stack>
        </Group>
        <TextInput
          label="Code"
          description="Six digits; a new one comes every half minute."
          autoComplete="one-time-code"
          inputMode="numeric"
          required
          autoFocus
          maw={240}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          error={fieldError(confirm.error, 'code')}
        />
        <FormFailure error={confirm.error} />
        <Group>
          <Submit busy={confirm.isPending}>Switch it on</Submit>
          <Button variant="default" onClick={onBack}>
            Back
          </Button>
        </Group>
      </Stack>
    </Paper>
  )
}
