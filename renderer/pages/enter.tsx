// Signing in by a one-time link from the machine itself, as the desktop does when it opens these pages.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { Session } from '../../server/contract/gitstead.ts'
import { call, OWN, path, rememberSession } from '../api.ts'
import { Gate } from '../parts/gate.tsx'
import { ButtonLink } from '../parts/link.tsx'
import { Failure, Waiting } from '../parts/states.tsx'
import { useLinkToken } from '../parts/token.ts'
import { forgetReader, sessionQuery } from '../queries.ts'

export function Enter() {
  const token = useLinkToken()
  const { next } = useSearch({ from: '/enter' })
  const client = useQueryClient()
  const navigate = useNavigate()
  const enter = useMutation({
    mutationFn: async () => {
      // Who is signed in already sends the token of that session along.
      await client.ensureQueryData(sessionQuery)
      return call<Session>('POST', `${OWN}${path('links', token, 'enter')}`)
    },
    onSuccess: async (answer) => {
      forgetReader(client)
      client.setQueryData(sessionQuery.queryKey, rememberSession(answer))
      await navigate({ href: next ?? '/', replace: true })
    },
  })
  const { mutate } = enter
  useEffect(() => mutate(), [mutate])
  return (
    <Gate title="Signing in">
      {enter.error ? (
        <>
          <Failure error={enter.error} />
          <ButtonLink to="/sign-in">Sign in with a password</ButtonLink>
        </>
      ) : (
        <Waiting rows={2} />
      )}
    </Gate>
  )
}
