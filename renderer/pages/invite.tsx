// Accepting an invitation: choose name and password, then see what was shared and how to clone it.
import { Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Accepted, LinkView } from '../../server/contract/gitstead.ts'
import { ApiError, call, OWN, path } from '../api.ts'
import { AccountForm, type NewAccount } from '../parts/account-form.tsx'
import { CloneBox } from '../parts/clone-box.tsx'
import { Gate } from '../parts/gate.tsx'
import { TrustHint } from '../parts/https.tsx'
import { ButtonLink, TextLink } from '../parts/link.tsx'
import { Failure, reasonOf, Waiting } from '../parts/states.tsx'
import { useLinkToken } from '../parts/token.ts'
import { repositoriesQuery, sessionQuery } from '../queries.ts'

export function Invite() {
  const token = useLinkToken()
  const client = useQueryClient()
  const link = useQuery({
    queryKey: ['link', token],
    queryFn: ({ signal }) => call<LinkView>('GET', `${OWN}${path('links', token)}`, undefined, signal),
    enabled: token !== '',
    retry: false,
    staleTime: Infinity,
  })
  const accept = useMutation({
    mutationFn: (account: NewAccount) => call<Accepted>('POST', `${OWN}${path('links', token, 'accept')}`, account),
    onSuccess: () => client.invalidateQueries(sessionQuery),
  })
  if (accept.data) return <Welcome accepted={accept.data} />
  if (token === '')
    return <Gate title="Invitation">The address is not complete. Copy the whole link that you were sent.</Gate>
  if (link.error) {
    return (
      <Gate title="Invitation">
        {isOver(link.error) ? <Over error={link.error} /> : <Failure error={link.error} retry={link.refetch} />}
      </Gate>
    )
  }
  if (!link.data) {
    return (
      <Gate title="Invitation">
        <Waiting rows={3} />
      </Gate>
    )
  }
  const { invited_by: by, workspace } = link.data
  return (
    <Gate title={`Join ${workspace ?? 'Gitstead'}`} intro={`${by ?? 'Somebody'} invites you. Choose how you sign in.`}>
      <AccountForm button="Join" busy={accept.isPending} error={accept.error} onSubmit={accept.mutate} />
    </Gate>
  )
}

/** It was used, taken back or is too old: that stays so. */
function isOver(error: Error): boolean {
  return error instanceof ApiError && error.status > 0 && error.status < 500
}

function Over({ error }: { error: Error }) {
  return (
    <Stack align="flex-start">
      <Text>{reasonOf(error)}</Text>
      <Text c="dimmed">Have you joined already? Then sign in. Else ask for another invitation.</Text>
      <ButtonLink to="/sign-in">Sign in</ButtonLink>
    </Stack>
  )
}

function Welcome({ accepted }: { accepted: Accepted }) {
  const { user, repositories } = accepted
  return (
    <Gate title={`Welcome, ${user?.display_name ?? 'friend'}`} intro="Your account is ready.">
      {repositories.length === 0 ? (
        <Unshared />
      ) : (
        <Stack gap="sm">
          <Text>
            Clone what was shared with you. Git asks for your user name, and for your password or an app password from
            your account page.
          </Text>
          {repositories.map((name) => (
            <Stack key={name} gap={4}>
              <TextLink to={`/${name}`} fw={600}>
                {name}
              </TextLink>
              <CloneBox fullName={name} />
            </Stack>
          ))}
          <TrustHint />
        </Stack>
      )}
      <ButtonLink to="/">Go to the dashboard</ButtonLink>
    </Gate>
  )
}

/** Nothing was shared by name: members have what their workspace lets them see, collaborators nothing yet. */
function Unshared() {
  const { data } = useQuery(repositoriesQuery())
  if (!data) return null
  return (
    <Text>
      {data.length === 0
        ? 'There is no repository for you yet. It stands on your dashboard as soon as somebody shares one with you.'
        : 'No repository was shared with you by name. Those that you may see are on your dashboard.'}
    </Text>
  )
}
