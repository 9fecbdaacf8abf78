// How this server sends mail, for admins: off until somebody fills it in.
import {
  Alert,
  Group,
  NativeSelect,
  NumberInput,
  Paper,
  PasswordInput,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { MailSettings, MailSettingsChange, MailSecurity, MailTested } from '../../../server/contract/mail.ts'
import { call, OWN } from '../../api.ts'
import { Failure, fieldError, FormFailure, Waiting } from '../../parts/states.tsx'
import { PageTitle } from '../../parts/title.tsx'
import { Save, Submit } from '../../parts/save.tsx'

const KEY = ['own', 'admin/mail']

const SECURITY: { value: MailSecurity; label: string }[] = [
  { value: 'starttls', label: 'STARTTLS, port 587 as a rule' },
  { value: 'tls', label: 'TLS, port 465 as a rule' },
  { value: 'plain', label: 'None: everybody on the way can read it' },
]

export function MailPage() {
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => call<MailSettings>('GET', `${OWN}/admin/mail`, undefined, signal),
  })
  return (
    <>
      <PageTitle title="Mail" />
      {error && !data && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting rows={6} />}
      {data && (
        <Stack gap="lg">
          <Form stored={data} />
          <Try ready={data.host !== '' && data.from !== ''} />
        </Stack>
      )}
    </>
  )
}

function Form({ stored }: { stored: MailSettings }) {
  const { password_set: isSet, ...rest } = stored
  const [draft, setDraft] = useState<MailSettingsChange>({ ...rest, base: rest.base || location.origin })
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: () => call<MailSettings>('PUT', `${OWN}/admin/mail`, draft),
    onSuccess: (answer) => {
      client.setQueryData(KEY, answer)
      void client.invalidateQueries({ queryKey: ['own', 'mail-address'] })
      setDraft(({ password: _typed, ...before }) => before)
    },
  })
  const set = (change: Partial<MailSettingsChange>): void => setDraft((before) => ({ ...before, ...change }))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    save.mutate()
  }
  const text = (name: 'host' | 'username' | 'from' | 'base', label: string, words: string) => (
    <TextInput
      label={label}
      description={words}
      autoComplete="off"
      value={draft[name]}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
      error={fieldError(save.error, name)}
    />
  )
  return (
    <Paper className="card" p="lg" component="form" onSubmit={submit}>
      <Stack>
        <Switch
          label="Send mail"
          description="Notifications for those who want them by mail, invitations and reset links. Links can still be copied."
          checked={draft.enabled}
          onChange={(event) => set({ enabled: event.currentTarget.checked })}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }} style={{ alignItems: 'end' }}>
          {text('host', 'Mail server', 'Its name or address; it may lie in your network.')}
          <NumberInput
            label="Port"
            min={1}
            max={65_535}
            allowDecimal={false}
            value={draft.port}
            onChange={(port) => set({ port: Number(port) })}
            error={fieldError(save.error, 'port')}
          />
          <NativeSelect
            label="Encryption"
            data={SECURITY}
            value={draft.security}
            onChange={(event) => set({ security: event.currentTarget.value as MailSecurity })}
            error={fieldError(save.error, 'security')}
          />
          {text('username', 'User name', 'Empty where the server asks for none.')}
          <PasswordInput
            label="Password"
            description={isSet ? 'One is stored. It is never shown; leave this empty to keep it.' : 'Stored encrypted.'}
            autoComplete="new-password"
            value={draft.password ?? ''}
            onChange={(event) => set({ password: event.currentTarget.value })}
            error={fieldError(save.error, 'password')}
          />
          {text('from', 'Mails come from', 'For example git@example.com.')}
        </SimpleGrid>
        {text('base', 'Address of this server', 'Links in mails begin with it.')}
        <FormFailure error={save.error} />
        <Save save={save} />
      </Stack>
    </Paper>
  )
}

function Try({ ready }: { ready: boolean }) {
  const [to, setTo] = useState('')
  const send = useMutation({ mutationFn: () => call<MailTested>('POST', `${OWN}/admin/mail/test`, { to }) })
  return (
    <Paper
      className="card"
      p="lg"
      component="form"
      aria-label="Try it"
      onSubmit={(event) => {
        event.preventDefault()
        send.mutate()
      }}
    >
      <Stack>
        <Title order={2} size="h4">
          Try it
        </Title>
        <Text size="sm" c="dimmed">
          Sends one mail now, with what is saved above, and shows what the mail server says.
        </Text>
        <Group align="flex-end" gap="sm">
          <TextInput
            label="To"
            type="email"
            required
            style={{ flex: '1 1 220px' }}
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
            error={fieldError(send.error, 'to')}
          />
          <Submit variant="default" busy={send.isPending} disabled={!ready}>
            Send a test
          </Submit>
        </Group>
        {send.data && (
          <Alert color={send.data.sent ? 'pine' : 'red'} role="status" style={{ overflowWrap: 'anywhere' }}>
            {send.data.detail}
          </Alert>
        )}
        <FormFailure error={send.error} />
      </Stack>
    </Paper>
  )
}
