// Sign-in with name and password, and with a code where the account has a second factor.
import { Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useRef, useState } from 'react'
import type { SecondStep } from '../../server/contract/factor.ts'
import type { Session } from '../../server/contract/gitstead.ts'
import { ApiError, call, OWN, rememberSession } from '../api.ts'
import { Gate } from '../parts/gate.tsx'
import { TrustHint } from '../parts/https.tsx'
import { Submit } from '../parts/save.tsx'
import { FormFailure } from '../parts/states.tsx'
import { forgetReader, sessionQuery, useSession } from '../queries.ts'

export function SignIn() {
  const { next } = useSearch({ from: '/sign-in' })
  const client = useQueryClient()
  const navigate = useNavigate()
  const [ticket, setTicket] = useState<string>()
  const [username, setUsername] = useState('')
  const opened = async (answer: Session): Promise<void> => {
    forgetReader(client)
    client.setQueryData(sessionQuery.queryKey, rememberSession(answer))
    await navigate({ href: next ?? '/', replace: true })
  }
  if (ticket !== undefined) {
    return <CodeForm ticket={ticket} onOpen={opened} onBack={() => setTicket(undefined)} />
  }
  return <PasswordForm username={username} onName={setUsername} onOpen={opened} onTicket={setTicket} />
}

interface PasswordProps {
  username: string
  onName: (name: string) => void
  onOpen: (session: Session) => Promise<void>
  onTicket: (ticket: string) => void
}

function PasswordForm({ username, onName, onOpen, onTicket }: PasswordProps) {
  const session = useSession()
  const [password, setPassword] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const signIn = useMutation({
    mutationFn: () => call<Session | SecondStep>('POST', `${OWN}/session`, { username, password }),
    onSuccess: async (answer) => {
      if ('second_factor' in answer) onTicket(answer.second_factor.ticket)
      else await onOpen(answer)
    },
    // What was wrong is typed over.
    onError: () => field.current?.select(),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    signIn.mutate()
  }
  return (
    <Gate title="Sign in" intro={session?.setup_needed ? undefined : 'to your team’s repositories'}>
      {session?.setup_needed && (
        <Text size="sm">There is no account yet. Open the one-time link that the server printed when it started.</Text>
      )}
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput
            label="User name"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            autoFocus
            value={username}
            onChange={(event) => onName(event.currentTarget.value)}
          />
          <PasswordInput
            ref={field}
            label="Password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <FormFailure error={signIn.error} />
          <Submit busy={signIn.isPending}>Sign in</Submit>
          <Text size="sm" c="dimmed">
            Forgot the password? An admin can make you a reset link.
          </Text>
          <TrustHint />
        </Stack>
      </form>
    </Gate>
  )
}

interface CodeProps {
  ticket: string
  onOpen: (session: Session) => Promise<void>
  onBack: () => void
}

function CodeForm({ ticket, onOpen, onBack }: CodeProps) {
  const [code, setCode] = useState('')
  const [recovering, setRecovering] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const enter = useMutation({
    mutationFn: () => call<Session>('POST', `${OWN}/session/code`, { ticket, code }),
    onSuccess: onOpen,
    onError: () => field.current?.select(),
  })
  const over = enter.error instanceof ApiError && enter.error.code === 'auth.again'
  return (
    <Gate
      title="Second step"
      intro={recovering ? 'One of the recovery codes that you have kept' : 'The code that your authenticator app shows'}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          enter.mutate()
        }}
      >
        <Stack gap="sm">
          <TextInput
            key={String(recovering)}
            ref={field}
            label={recovering ? 'Recovery code' : 'Code'}
            description={recovering ? 'Each of them works once.' : 'Six digits; a new one comes every half minute.'}
            autoComplete="one-time-code"
            inputMode={recovering ? 'text' : 'numeric'}
            autoCapitalize="none"
            spellCheck={false}
            required
            autoFocus
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
          <FormFailure error={enter.error} />
          {over ? <Button onClick={onBack}>Start again</Button> : <Submit busy={enter.isPending}>Sign in</Submit>}
          <Anchor
            component="button"
            type="button"
            size="sm"
            ta="left"
            onClick={() => {
              setCode('')
              enter.reset()
              setRecovering(!recovering)
            }}
          >
            {recovering ? 'Use a code of the app' : 'The phone is not at hand: use a recovery code'}
          </Anchor>
          <Text size="sm" c="dimmed">
            Lost both? An admin can switch your second factor off.
          </Text>
        </Stack>
      </form>
    </Gate>
  )
}
