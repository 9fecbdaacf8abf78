// Sign-in with name and password.
import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { Session } from '../../server/contract/gitstead.ts'
import { call, OWN, rememberSession } from '../api.ts'
import { Gate } from '../parts/gate.tsx'
import { FormFailure } from '../parts/states.tsx'
import { sessionQuery, useSession } from '../queries.ts'

export function SignIn() {
  const { next } = useSearch({ from: '/sign-in' })
  const session = useSession()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: () => call<Session>('POST', `${OWN}/session`, { username, password }),
    onSuccess: async (answer) => {
      client.clear()
      client.setQueryData(sessionQuery.queryKey, rememberSession(answer))
      await navigate({ href: next ?? '/', replace: true })
    },
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
            onChange={(event) => setUsername(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <FormFailure error={signIn.error} />
          <Button type="submit" loading={signIn.isPending}>
            Sign in
          </Button>
          <Text size="sm" c="dimmed">
            Forgot the password? An admin can make you a reset link.
          </Text>
        </Stack>
      </form>
    </Gate>
  )
}
