// Behind the link that was mailed: the address is confirmed by a click, never by opening the page alone.
import { Button, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { ConfirmView } from '../../server/contract/mail.ts'
import { call, OWN, path } from '../api.ts'
import { Gate } from '../parts/gate.tsx'
import { ButtonLink } from '../parts/link.tsx'
import { FormFailure, reasonOf, Waiting } from '../parts/states.tsx'
import { useLinkToken } from '../parts/token.ts'

export function Confirm() {
  const token = useLinkToken()
  const at = `${OWN}${path('mail-confirmations', token)}`
  const { data, error } = useQuery({
    queryKey: ['mail-confirmation', token],
    queryFn: ({ signal }) => call<ConfirmView>('GET', at, undefined, signal),
    retry: false,
    staleTime: Infinity,
  })
  const confirm = useMutation({ mutationFn: () => call('POST', at) })
  if (confirm.isSuccess) {
    return (
      <Gate title="Confirmed" intro={`Mail for ${data?.username ?? ''} comes to ${data?.address ?? ''} from now on.`}>
        <ButtonLink to="/account/notifications">Choose which</ButtonLink>
      </Gate>
    )
  }
  if (error) {
    return (
      <Gate title="This link does not work">
        <Text>{reasonOf(error)}</Text>
      </Gate>
    )
  }
  if (!data) return <Waiting rows={3} />
  return (
    <Gate title="Confirm your address">
      <Text>
        {data.display_name} ({data.username}) wants to get mail from this server at <b>{data.address}</b>.
      </Text>
      <FormFailure error={confirm.error} />
      <Button loading={confirm.isPending} onClick={() => confirm.mutate()}>
        Confirm
      </Button>
    </Gate>
  )
}
