// The first page of a new server: the first admin chooses name and password.
import { Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Session } from '../../server/contract/gitstead.ts'
import { call, OWN, rememberSession } from '../api.ts'
import { AccountForm, type NewAccount } from '../parts/account-form.tsx'
import { Gate } from '../parts/gate.tsx'
import { useLinkToken } from '../parts/token.ts'
import { sessionQuery, useSession } from '../queries.ts'
import { TextLink } from '../parts/link.tsx'

export function SetUp() {
  const token = useLinkToken()
  const session = useSession()
  const client = useQueryClient()
  const navigate = useNavigate()
  const setUp = useMutation({
    mutationFn: (account: NewAccount) => call<Session>('POST', `${OWN}/setup`, { token, ...account }),
    onSuccess: async (answer) => {
      client.setQueryData(sessionQuery.queryKey, rememberSession(answer))
      await navigate({ to: '/', replace: true })
    },
  })
  if (session && !session.setup_needed && !setUp.isPending) {
    return (
      <Gate title="Already set up" intro="This server has its first admin.">
        <TextLink to="/sign-in">Sign in</TextLink>
      </Gate>
    )
  }
  if (token === '') {
    return (
      <Gate title="Set up Gitstead">
        <Text>This address lacks its one-time token. Copy the whole link that the server printed when it started.</Text>
      </Gate>
    )
  }
  return (
    <Gate title="Set up Gitstead" intro="Choose the account of the first admin. Everything else can wait.">
      <AccountForm
        button="Create the admin account"
        busy={setUp.isPending}
        error={setUp.error}
        onSubmit={setUp.mutate}
      />
    </Gate>
  )
}
