// The own profile and password.
import { Checkbox, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { call, OWN } from '../../api.ts'
import { AddressForm } from './address.tsx'
import { Save } from '../../parts/save.tsx'
import { fieldError, FormFailure } from '../../parts/states.tsx'
import { PageTitle } from '../../parts/title.tsx'
import { sessionQuery, useSession } from '../../queries.ts'

export function Profile() {
  const session = useSession()
  return (
    <>
      <PageTitle title="Profile" />
      <Stack gap="lg">
        {session?.user && <NameForm key={session.user.uuid} current={session.user.display_name} />}
        <AddressForm />
        <PasswordForm />
      </Stack>
    </>
  )
}

function NameForm({ current }: { current: string }) {
  const [name, setName] = useState(current)
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: () => call('PUT', `${OWN}/profile`, { display_name: name }),
    onSuccess: () => client.invalidateQueries(sessionQuery),
  })
  return (
    <Paper
      className="card"
      p="lg"
      component="form"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Stack maw={420}>
        <TextInput
          label="Your name"
          description="As others see it."
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(save.error, 'display_name')}
        />
        <FormFailure error={save.error} />
        <Save save={save} />
      </Stack>
    </Paper>
  )
}

function PasswordForm() {
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const [revoke, setRevoke] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const asked = useRouterState({ select: ({ location }) => (location.hash === 'password' ? location.state.key : '') })
  useEffect(() => {
    // The account menu leads here, to a part of the page: on a phone it would be out of sight.
    if (asked !== '') field.current?.focus()
  }, [asked])
  const change = useMutation({
    mutationFn: () => call('PUT', `${OWN}/password`, { current, password, revoke_app_passwords: revoke }),
    onSuccess: () => {
      setCurrent('')
      setPassword('')
      setRevoke(false)
    },
  })
  return (
    <Paper
      className="card"
      p="lg"
      component="form"
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate()
      }}
    >
      <Stack maw={420}>
        <Title order={2} size="h4" id="password">
          Password
        </Title>
        <Text size="sm" c="dimmed">
          A new password signs you out of all other browsers. App passwords, tokens and applications go on to work
          unless you revoke them below.
        </Text>
        <PasswordInput
          ref={field}
          label="Current password"
          autoComplete="current-password"
          required
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          error={fieldError(change.error, 'current')}
        />
        <PasswordInput
          label="New password"
          description="At least 10 characters."
          autoComplete="new-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={fieldError(change.error, 'password')}
        />
        <Checkbox
          label="Revoke all app passwords and tokens too"
          description="They are passwords of their own. Git and programs go on with them unless you tick this."
          checked={revoke}
          onChange={(event) => setRevoke(event.currentTarget.checked)}
        />
        <FormFailure error={change.error} />
        <Save save={change} button="Change the password" done="Changed. Other browsers are signed out." />
      </Stack>
    </Paper>
  )
}
