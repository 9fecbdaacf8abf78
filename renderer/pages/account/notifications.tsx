// Which notifications a person wants, and how.
import { Group, Paper, SegmentedControl, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { NoticeChoice, NoticeKind, NoticeSettings } from '../../../server/contract/notices.ts'
import { call, OWN } from '../../api.ts'
import { TextLink } from '../../parts/link.tsx'
import { mailAddressQuery } from '../../parts/mail.ts'
import { Failure, FormFailure, Waiting } from '../../parts/states.tsx'
import { PageTitle } from '../../parts/title.tsx'
import { useSession } from '../../queries.ts'

const KEY = ['own', 'notice-settings']

const KINDS: [kind: NoticeKind, label: string, words: string][] = [
  [
    'push',
    'Pushes',
    'By others, to repositories that you watch. You watch those that you made, until you say otherwise.',
  ],
  ['mention', 'Mentions', 'A commit whose message names you as @your-name, in a repository that you may read.'],
  ['access', 'Access', 'You were given a permission, a role or a group, or somebody accepted your invitation.'],
  ['import', 'Imports', 'An import that you started has finished or failed.'],
  ['jobs', 'Parked jobs', 'Background work that was given up after its last attempt. For admins.'],
]

const CHOICES: { value: NoticeChoice; label: string }[] = [
  { value: 'mail', label: 'Here and by mail' },
  { value: 'page', label: 'Here' },
  { value: 'none', label: 'Not at all' },
]

export function NotificationChoices() {
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => call<NoticeSettings>('GET', `${OWN}/notice-settings`, undefined, signal),
  })
  return (
    <>
      <PageTitle title="Notification settings" />
      {error && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting rows={5} height={64} />}
      {data && <Choices stored={data} />}
    </>
  )
}

function Choices({ stored }: { stored: NoticeSettings }) {
  const client = useQueryClient()
  const isAdmin = useSession()?.user?.is_admin === true
  const mail = useQuery(mailAddressQuery).data
  const byMail = mail?.server_sends === true
  const save = useMutation({
    mutationFn: (change: Partial<NoticeSettings>) => call<NoticeSettings>('PUT', `${OWN}/notice-settings`, change),
    onSuccess: (answer) => client.setQueryData(KEY, answer),
  })
  const chosen = { ...stored, ...(save.isPending ? save.variables : {}) }
  return (
    <Stack>
      <FormFailure error={save.error} />
      {byMail && mail.address === null && (
        <Text size="sm">
          Mails come once you have confirmed an address in your <TextLink to="/account/profile">profile</TextLink>.
        </Text>
      )}
      <Paper className="card">
        {KINDS.filter(([kind]) => kind !== 'jobs' || isAdmin).map(([kind, label, words]) => (
          <Group key={kind} className="row" px="md" py="sm" gap="sm" justify="space-between">
            <Stack gap={2} style={{ flex: '1 1 260px' }}>
              <Text fw={600} id={`notice-${kind}`}>
                {label}
              </Text>
              <Text size="sm" c="dimmed">
                {words}
              </Text>
            </Stack>
            <SegmentedControl
              aria-labelledby={`notice-${kind}`}
              size="xs"
              data={byMail ? CHOICES : CHOICES.slice(1)}
              value={chosen[kind] === 'mail' && !byMail ? 'page' : chosen[kind]}
              onChange={(choice) => save.mutate({ [kind]: choice })}
            />
          </Group>
        ))}
      </Paper>
    </Stack>
  )
}
