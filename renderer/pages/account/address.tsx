// The own mail address: named, confirmed by a link, used for notifications and reset links.
import { Button, Group, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { OwnAddress } from '../../../server/contract/mail.ts'
import { call } from '../../api.ts'
import { MAIL_ADDRESS, mailAddressQuery } from '../../parts/mail.ts'
import { Submit } from '../../parts/save.tsx'
import { fieldError, FormFailure } from '../../parts/states.tsx'

/** Nothing is shown where the server sends no mail: there would be no use for an address. */
export function AddressForm() {
  const { data } = useQuery(mailAddressQuery)
  if (!data || (!data.server_sends && data.address === null)) return null
  return <Form own={data} />
}

function Form({ own }: { own: OwnAddress }) {
  const [address, setAddress] = useState('')
  const client = useQueryClient()
  const keep = (answer: OwnAddress): void => void client.setQueryData(mailAddressQuery.queryKey, answer)
  const save = useMutation({
    mutationFn: () => call<OwnAddress>('PUT', MAIL_ADDRESS, { address }),
    onSuccess: (answer) => {
      keep(answer)
      setAddress('')
    },
  })
  const remove = useMutation({
    mutationFn: () => call('DELETE', MAIL_ADDRESS),
    onSuccess: () => keep({ ...own, address: null, pending: null }),
  })
  return (
    <Paper
      className="card"
      p="lg"
      component="form"
      aria-label="Mail address"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Stack maw={420}>
        <Title order={2} size="h4">
          Mail address
        </Title>
        <Text size="sm" c="dimmed">
          For notifications that you want by mail, and for reset links. Others do not see it.
        </Text>
        {own.address !== null && (
          <Group justify="space-between" gap="xs">
            <Text style={{ overflowWrap: 'anywhere' }}>{own.address}</Text>
            <Button size="xs" variant="subtle" color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
              Forget it
            </Button>
          </Group>
        )}
        {own.pending !== null && (
          <Text size="sm" role="status">
            A link was sent to {own.pending}. Open it to confirm the address, within a day.
          </Text>
        )}
        <TextInput
          label={own.address === null ? 'Your address' : 'Another address'}
          type="email"
          autoComplete="email"
          required
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
          error={fieldError(save.error, 'address')}
        />
        <FormFailure error={save.error ?? remove.error} />
        <Group>
          <Submit variant="default" busy={save.isPending} disabled={!own.server_sends}>
            Send the link
          </Submit>
        </Group>
      </Stack>
    </Paper>
  )
}
