// Who has an account, inviting somebody, and the way back in for whoever lost a password or a second factor.
import { Badge, Button, Checkbox, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { DesktopState, Person } from '../../main/contract.ts'
import { Qr } from '../parts/qr.tsx'
import { Submit } from '../parts/save.tsx'
import { ShownOnce } from '../parts/secret.tsx'
import { Section } from '../parts/section.tsx'
import { Empty, Failure, FormFailure, Waiting } from '../parts/states.tsx'
import { useAct, useAsked } from './bridge.ts'
import { isUp } from './status.ts'

export function People({ state }: { state: DesktopState }) {
  const people = useAsked('people', 5000)
  const [lost, setLost] = useState<Person>()
  if (!isUp(state)) return <Empty title="The server does not run">People are shown while it does.</Empty>
  return (
    <Stack>
      <Invite />
      <Section title="Accounts">
        {people.isError ? (
          <Failure error={people.error} retry={people.refetch} />
        ) : !people.data ? (
          <Waiting rows={3} />
        ) : (
          people.data.map((person) => (
            <Group key={person.name} className="row" py="sm" justify="space-between" gap="sm">
              <div>
                <Text fw={600}>{person.displayName}</Text>
                <Text size="sm" c="dimmed">
                  {person.name}
                </Text>
              </div>
              <Group gap="xs">
                {person.admin && <Badge variant="light">Admin</Badge>}
                {person.secondFactor && (
                  <Badge variant="light" color="gray">
                    Second factor
                  </Badge>
                )}
                {person.disabled && (
                  <Badge variant="light" color="red">
                    Disabled
                  </Badge>
                )}
                <Button size="xs" variant="default" onClick={() => setLost(person)}>
                  Set a new password
                </Button>
              </Group>
            </Group>
          ))
        )}
      </Section>
      {lost && <Recover person={lost} close={() => setLost(undefined)} />}
    </Stack>
  )
}

function Invite() {
  const invite = useAct('invite')
  const [note, setNote] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    invite.mutate({ note })
  }
  return (
    <Section title="Invite somebody">
      <form onSubmit={submit}>
        <Group align="flex-end" gap="sm">
          <TextInput
            label="Who is it for"
            description="Only a note for yourself."
            value={note}
            maxLength={200}
            onChange={(event) => setNote(event.currentTarget.value)}
            style={{ flex: 1, minWidth: 200 }}
          />
          <Submit busy={invite.isPending}>Make a link</Submit>
        </Group>
        <Text size="sm" c="dimmed" mt="xs">
          The link works once, for a day. Which repositories they see, you choose on the pages of each repository.
        </Text>
      </form>
      <FormFailure error={invite.error} />
      {invite.data?.link !== undefined && (
        <Group align="flex-start" mt="md" gap="md">
          <div style={{ flex: 1, minWidth: 240 }}>
            <ShownOnce title="Send this link" secret={invite.data.link} />
          </div>
          <Qr text={invite.data.link} label="The link as a picture" size={132} />
        </Group>
      )}
    </Section>
  )
}

function Recover({ person, close }: { person: Person; close: () => void }) {
  const recover = useAct('recover')
  const [password, setPassword] = useState('')
  const [factorOff, setFactorOff] = useState(false)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    recover.mutate({ name: person.name, password, factorOff }, { onSuccess: close })
  }
  return (
    <Modal opened onClose={close} title={`A new password for ${person.name}`} centered>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">
            You are at the machine that holds the data, so nothing else is asked. {person.name} is signed out
            everywhere.
          </Text>
          <PasswordInput
            label="New password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="new-password"
            data-autofocus
          />
          {person.secondFactor && (
            <Checkbox
              label="Switch off the second factor too"
              checked={factorOff}
              onChange={(event) => setFactorOff(event.currentTarget.checked)}
            />
          )}
          <FormFailure error={recover.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Submit busy={recover.isPending} disabled={password === ''}>
              Set the password
            </Submit>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
