// Setting a new password with a link from an admin.
import { PasswordInput, Stack, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { LinkView } from '../../server/contract/gitstead.ts'
import { call, OWN, path } from '../api.ts'
import { Gate } from '../parts/gate.tsx'
import { ButtonLink } from '../parts/link.tsx'
import { Submit } from '../parts/save.tsx'
import { Failure, fieldError, FormFailure, Waiting } from '../parts/states.tsx'
import { useLinkToken } from '../parts/token.ts'

export function Reset() {
  const token = useLinkToken()
  const [password, setPassword] = useState('')
  const link = useQuery({
    queryKey: ['link', token],
    queryFn: ({ signal }) => call<LinkView>('GET', `${OWN}${path('links', token)}`, undefined, signal),
    retry: false,
    staleTime: Infinity,
  })
  const reset = useMutation({ mutationFn: () => call('POST', `${OWN}${path('links', token, 'reset')}`, { password }) })
  if (reset.isSuccess) {
    return (
      <Gate title="Password changed" intro="All browsers that were signed in have been signed out.">
        <ButtonLink to="/sign-in">Sign in</ButtonLink>
      </Gate>
    )
  }
  return (
    <Gate title="Choose a new password">
      {link.isPending && <Waiting rows={2} />}
      {link.error && <Failure error={link.error} retry={link.refetch} />}
      {link.data && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            reset.mutate()
          }}
        >
          <Stack gap="sm">
            <Text>For the account {link.data.username}.</Text>
            <PasswordInput
              label="New password"
              description="At least 10 characters."
              autoComplete="new-password"
              required
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              error={fieldError(reset.error, 'password')}
            />
            <FormFailure error={reset.error} />
            <Submit busy={reset.isPending}>Set the password</Submit>
          </Stack>
        </form>
      )}
    </Gate>
  )
}
