// The way of HTTPS and where plain HTTP leads: tried by the server before it is stored, so what is typed stays.
import { Alert, Anchor, Paper, Radio, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { AdminHttps, HttpsChange, HttpsMode } from '../../server/contract/https.ts'
import { call, OWN } from '../api.ts'
import { FormFailure } from './states.tsx'
import { Save } from './save.tsx'

interface Props {
  stored: AdminHttps
  onSaved: (answer: AdminHttps) => void
}

export function HttpsForm({ stored, onSaved }: Props) {
  const [mode, setMode] = useState<HttpsMode>(stored.mode)
  const [redirect, setRedirect] = useState(stored.redirect)
  const [files, setFiles] = useState({ certificate_file: stored.certificate_file, key_file: stored.key_file })
  const wish = { mode, ...(mode === 'given' ? files : {}) }
  const change: HttpsChange = { redirect: redirect && mode !== 'off', ...(stored.is_fixed ? {} : wish) }
  const save = useMutation({
    mutationFn: () => call<AdminHttps>('PUT', `${OWN}/admin/https`, change),
    onSuccess: onSaved,
  })
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
        {stored.is_fixed ? (
          <Text size="sm">
            The certificate files were set when the server was started, and are changed there: {stored.certificate_file}{' '}
            and {stored.key_file}.
          </Text>
        ) : (
          <Ways mode={mode} onMode={setMode} files={files} onFiles={setFiles} />
        )}
        <Switch
          label="Lead plain HTTP to HTTPS"
          description="Readers are redirected, and everybody signs in anew. Passwords and tokens over plain HTTP are refused. This machine itself is left alone."
          checked={redirect && mode !== 'off'}
          disabled={mode === 'off'}
          onChange={(event) => setRedirect(event.currentTarget.checked)}
        />
        <FormFailure error={save.error} />
        <Save save={save} />
        {save.isSuccess && isLeftBehind(save.data) && (
          <Alert color="pine" title="Go on over HTTPS">
            <Text size="sm">
              Plain HTTP leads elsewhere from now on: sign in anew at{' '}
              <Anchor href={`${save.data.url}/admin/https`}>{save.data.url}</Anchor>.
            </Text>
          </Alert>
        )}
      </Stack>
    </Paper>
  )
}

/** This page came over plain HTTP, from another machine: its next request would be led away. */
function isLeftBehind({ redirect }: AdminHttps): boolean {
  return redirect && location.protocol === 'http:' && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(location.hostname)
}

interface Files {
  certificate_file: string
  key_file: string
}

interface WaysProps {
  mode: HttpsMode
  onMode: (mode: HttpsMode) => void
  files: Files
  onFiles: (files: Files) => void
}

function Ways({ mode, onMode, files, onFiles }: WaysProps) {
  return (
    <Stack gap="sm">
      <Radio.Group label="Certificate" value={mode} onChange={(value) => onMode(value)}>
        <Stack gap="sm" mt="xs">
          <Radio value="off" label="None" description="Plain HTTP only: whoever is on the network can read along." />
          <Radio
            value="own"
            label="Made by this server"
            description="It makes an authority of its own. Everybody trusts it once, with one line for git."
          />
          <Radio
            value="given"
            label="From files on this machine"
            description="For example of your company or of Let’s Encrypt."
          />
        </Stack>
      </Radio.Group>
      {mode === 'given' && (
        <Stack gap="sm" pl="xl">
          <TextInput
            label="Certificate file"
            description="PEM, with the certificates between it and its root."
            placeholder="/etc/ssl/git.crt"
            required
            value={files.certificate_file}
            onChange={(event) => onFiles({ ...files, certificate_file: event.currentTarget.value })}
          />
          <TextInput
            label="Key file"
            description="PEM, without a passphrase, readable by the account that runs Gitstead."
            placeholder="/etc/ssl/git.key"
            required
            value={files.key_file}
            onChange={(event) => onFiles({ ...files, key_file: event.currentTarget.value })}
          />
        </Stack>
      )}
    </Stack>
  )
}
