// What an admin changes while the server runs.
import { Paper, Select, Stack, Switch, TagsInput, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { FactorRule } from '../../../server/contract/factor.ts'
import type { Settings } from '../../../server/contract/gitstead.ts'
import { call, OWN } from '../../api.ts'
import { Failure, fieldError, FormFailure, Waiting } from '../../parts/states.tsx'
import { PageTitle } from '../../parts/title.tsx'
import { Save } from '../../parts/save.tsx'

export function SettingsPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['own', 'settings'],
    queryFn: ({ signal }) => call<Settings>('GET', `${OWN}/settings`, undefined, signal),
  })
  return (
    <>
      <PageTitle title="Settings" />
      {error && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting />}
      {data && <Form stored={data} />}
    </>
  )
}

/** Set on a page of their own: an old copy of them must not undo what was changed there. */
const ELSEWHERE = { rate_limits: undefined }

const RULES: { value: FactorRule; label: string }[] = [
  { value: 'free', label: 'Everybody as they like' },
  { value: 'admins', label: 'Admins need one' },
  { value: 'everybody', label: 'Everybody needs one' },
]

function Form({ stored }: { stored: Settings }) {
  const [settings, setSettings] = useState(stored)
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: () => call<Settings>('PUT', `${OWN}/settings`, { ...settings, ...ELSEWHERE }),
    onSuccess: (answer) => client.setQueryData(['own', 'settings'], answer),
  })
  const set = (change: Partial<Settings>): void => setSettings((before) => ({ ...before, ...change }))
  return (
    <Paper
      className="card"
      p="lg"
      component="form"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Stack gap="lg">
        <TextInput
          label="Name of this place"
          value={settings.site_name}
          onChange={(event) => set({ site_name: event.currentTarget.value })}
          error={fieldError(save.error, 'site_name')}
        />
        <Switch
          label="Push to create"
          description="A member who pushes to a name that does not exist makes the repository."
          checked={settings.push_to_create}
          onChange={(event) => set({ push_to_create: event.currentTarget.checked })}
        />
        <Switch
          label="Passwords for git and the API"
          description="Off: git and programs need app passwords, which can be revoked one by one."
          checked={settings.basic_passwords}
          onChange={(event) => set({ basic_passwords: event.currentTarget.checked })}
        />
        <Switch
          label="Signed requests of OAuth 1.0a"
          description="For programs of Bitbucket’s first years. On: a registered application may ask people as it was done then, and act for them by requests that it signs. Off: every such request is refused; OAuth 2 is not touched."
          checked={settings.oauth1}
          onChange={(event) => set({ oauth1: event.currentTarget.checked })}
        />
        <Select
          label="Second factor"
          description="A code from a phone beside the password. Who is asked for it and has none sets it up at the next sign-in, and can do nothing else until then."
          data={RULES}
          allowDeselect={false}
          value={settings.second_factor}
          onChange={(value) => value !== null && set({ second_factor: value })}
          error={fieldError(save.error, 'second_factor')}
        />
        <TagsInput
          label="Host names"
          description="Names beside this machine's own under which the server answers, for example git.lan."
          value={settings.allowed_hosts}
          onChange={(value) => set({ allowed_hosts: value })}
          error={fieldError(save.error, 'allowed_hosts')}
        />
        <TagsInput
          label="Import from inside the network"
          description="Hosts in this network from which repositories may be imported. Public addresses always may."
          value={settings.allowed_imports}
          onChange={(value) => set({ allowed_imports: value })}
          error={fieldError(save.error, 'allowed_imports')}
        />
        <TagsInput
          label="Webhooks into the network"
          description="Hosts in this network, or ranges such as 192.168.1.0/24, to which webhooks may be sent. Public addresses always may."
          value={settings.allowed_hooks}
          onChange={(value) => set({ allowed_hooks: value })}
          error={fieldError(save.error, 'allowed_hooks')}
        />
        <FormFailure error={save.error} />
        <Save save={save} />
      </Stack>
    </Paper>
  )
}
