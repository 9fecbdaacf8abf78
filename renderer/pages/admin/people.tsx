// Everybody with an account: admins, disabled ones, and reset links.
import { Badge, Button, Group, Menu, Paper, Stack, Text } from '@mantine/core'
import { KebabHorizontalIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Person } from '../../../server/contract/gitstead.ts'
import type { MailedLink } from '../../../server/contract/mail.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { InviteButton } from '../../parts/invite.tsx'
import { listQuery, useChange } from '../../parts/own.ts'
import { Picture } from '../../parts/person.tsx'
import { SearchBox } from '../../parts/search-box.tsx'
import { ShownOnce } from '../../parts/secret.tsx'
import { Empty, Failure, FormFailure, Waiting } from '../../parts/states.tsx'
import { Time } from '../../parts/time.tsx'
import { PageTitle } from '../../parts/title.tsx'

/** Up to so many people a list is read faster than it is searched. */
const FEW = 8

export function People() {
  const { data, error, refetch } = useQuery(listQuery<Person>('people'))
  const change = useChange<MailedLink & Person>('people')
  const [link, setLink] = useState<{ name: string; url: string; mailed: boolean }>()
  const [asked, setAsked] = useState<Asked>()
  const [wanted, setWanted] = useState('')
  const found = data?.filter((one) => matches(one, wanted))
  return (
    <>
      <PageTitle title="People" actions={<InviteButton />} />
      <Stack>
        {link && <ResetLink {...link} />}
        {error && <Failure error={error} retry={refetch} />}
        {!data && !error && <Waiting />}
        {!asked && <FormFailure error={change.error} />}
        {(data?.length ?? 0) > FEW && <SearchBox label="Find a person" value={wanted} onChange={setWanted} />}
        {found && (
          <Paper className="card">
            {found.length === 0 && <Empty title={`No person matches “${wanted}”.`} />}
            {found.map((person) => (
              <Row
                key={person.uuid}
                person={person}
                onChange={(body) => {
                  if (body.state === 'disabled') setAsked({ person, what: 'disable' })
                  else if (body.is_admin !== undefined) setAsked({ person, what: body.is_admin ? 'admin' : 'no-admin' })
                  else change.mutate({ method: 'PATCH', path: `/${person.username}`, body })
                }}
                onFactorOff={() => setAsked({ person, what: 'factor' })}
                onReset={() =>
                  change.mutate(
                    { method: 'POST', path: `/${person.username}/reset-link` },
                    { onSuccess: ({ url, mailed }) => setLink({ name: person.display_name, url, mailed }) },
                  )
                }
              />
            ))}
          </Paper>
        )}
      </Stack>
      <Ask
        asked={asked}
        change={change}
        onClose={() => {
          setAsked(undefined)
          change.reset()
        }}
      />
    </>
  )
}

function ResetLink({ name, url, mailed }: { name: string; url: string; mailed: boolean }) {
  return (
    <ShownOnce title={`A link by which ${name} sets a new password, within a day`} secret={url}>
      {mailed && <Text size="sm">It was mailed to them too.</Text>}
    </ShownOnce>
  )
}

function matches({ username, display_name }: Person, wanted: string): boolean {
  return `${username} ${display_name}`.toLowerCase().includes(wanted.trim().toLowerCase())
}

interface Asked {
  person: Person
  what: keyof typeof WORDS
}

const WORDS = {
  admin: {
    title: (name: string) => `Make ${name} an admin?`,
    button: 'Make an admin',
    body: { is_admin: true },
    words:
      'An admin of the server may do everything here: see and change all accounts, settings and repositories. They can take that from you too.',
  },
  'no-admin': {
    title: (name: string) => `Take the administration from ${name}?`,
    button: 'No longer an admin',
    body: { is_admin: false },
    words: 'The pages of administration are closed to them at once. What they may do in workspaces stays.',
  },
  disable: {
    title: (name: string) => `Disable the account of ${name}?`,
    button: 'Disable',
    body: { state: 'disabled' },
    words:
      'They are signed out everywhere, and git refuses their passwords. What they made stays. You can enable the account again.',
  },
  factor: {
    title: (name: string) => `Switch off the second factor of ${name}?`,
    button: 'Switch off',
    body: undefined,
    words:
      'For who has lost phone and recovery codes. Make sure that it is really them who asks: their password alone opens the account then. They are signed out everywhere.',
  },
}

interface AskProps {
  /** Nothing: the question is not asked. */
  asked: Asked | undefined
  change: ReturnType<typeof useChange<MailedLink & Person>>
  onClose: () => void
}

function Ask({ asked, change, onClose }: AskProps) {
  const { title, button, body, words } = WORDS[asked?.what ?? 'disable']
  const path = `/${asked?.person.username ?? ''}`
  return (
    <Confirm
      opened={asked !== undefined}
      title={title(asked?.person.display_name ?? '')}
      button={button}
      busy={change.isPending}
      error={change.error}
      onConfirm={() =>
        change.mutate(
          body === undefined ? { method: 'DELETE', path: `${path}/factor` } : { method: 'PATCH', path, body },
          { onSuccess: onClose },
        )
      }
      onClose={onClose}
    >
      {words}
    </Confirm>
  )
}

interface RowProps {
  person: Person
  onChange: (change: { is_admin?: boolean; state?: Person['state'] }) => void
  onReset: () => void
  onFactorOff: () => void
}

function Row({ person, onChange, onReset, onFactorOff }: RowProps) {
  const active = person.state === 'active'
  return (
    <Group className="row" px="md" py="sm" wrap="nowrap" gap="sm">
      <Picture name={person.username} size={32} />
      <Stack gap={0} style={{ flex: 1, minWidth: 0 }}>
        <Group gap="xs">
          <Text fw={600}>{person.display_name}</Text>
          {person.is_admin && (
            <Badge size="sm" variant="light" tt="none">
              admin
            </Badge>
          )}
          {person.second_factor && (
            <Badge size="sm" color="gray" variant="light" tt="none">
              second factor
            </Badge>
          )}
          {!active && (
            <Badge size="sm" color="red" variant="light" tt="none">
              disabled
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          {person.username}
          {person.last_seen_on && (
            <>
              {' · seen '}
              <Time iso={person.last_seen_on} />
            </>
          )}
        </Text>
      </Stack>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="subtle" color="gray" size="xs" aria-label={`Change ${person.username}`}>
            <KebabHorizontalIcon />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onChange({ is_admin: !person.is_admin })}>
            {person.is_admin ? 'No longer an admin' : 'Make an admin'}
          </Menu.Item>
          <Menu.Item onClick={onReset}>Make a reset link</Menu.Item>
          {person.second_factor && <Menu.Item onClick={onFactorOff}>Switch off the second factor</Menu.Item>}
          <Menu.Item
            {...(active ? { c: 'var(--mantine-color-error)' } : {})}
            onClick={() => onChange({ state: active ? 'disabled' : 'active' })}
          >
            {active ? 'Disable the account' : 'Enable the account'}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  )
}
