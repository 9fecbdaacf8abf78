// Name and password of a new account: for the first admin and for everybody who accepts an invitation.
import { PasswordInput, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { Submit } from './save.tsx'
import { fieldError, FormFailure } from './states.tsx'

export interface NewAccount {
  username: string
  display_name: string
  password: string
}

interface Props {
  button: string
  busy: boolean
  error: unknown
  onSubmit: (account: NewAccount) => void
}

export function AccountForm({ button, busy, error, onSubmit }: Props) {
  const [account, setAccount] = useState<NewAccount>({ username: '', display_name: '', password: '' })
  const set = (name: keyof NewAccount) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget
    setAccount((before) => ({ ...before, [name]: value }))
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onSubmit({ ...account, display_name: account.display_name.trim() || account.username })
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label="User name"
          description="Lower-case letters, digits, dot, dash. It stands in addresses."
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          value={account.username}
          onChange={set('username')}
          error={fieldError(error, 'username')}
        />
        <TextInput
          label="Your name"
          description="As others see it."
          autoComplete="name"
          value={account.display_name}
          onChange={set('display_name')}
          error={fieldError(error, 'display_name')}
        />
        <PasswordInput
          label="Password"
          description="At least 10 characters."
          autoComplete="new-password"
          required
          value={account.password}
          onChange={set('password')}
          error={fieldError(error, 'password')}
        />
        <FormFailure error={error} />
        <Submit busy={busy}>{button}</Submit>
      </Stack>
    </form>
  )
}
