// HTTPS as an admin sees it: the way, the certificate that is shown, the authority to hand out, and what went wrong.
import { Alert, Anchor, Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { AlertIcon } from '@primer/octicons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { AdminHttps, Authority, Certificate, HttpsMode } from '../../../server/contract/https.ts'
import { call, OWN } from '../../api.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Fingerprint, httpsQuery } from '../../parts/https.tsx'
import { HttpsForm } from '../../parts/https-form.tsx'
import { TextLink } from '../../parts/link.tsx'
import { Failure, FormFailure, Waiting } from '../../parts/states.tsx'
import { Time } from '../../parts/time.tsx'
import { PageTitle } from '../../parts/title.tsx'

const KEY = ['own', 'admin/https']
const REFRESH_MS = 10_000

const SAID: Record<HttpsMode, string> = {
  off: 'Off',
  own: 'On, with an authority of this server',
  given: 'On, with certificate files of yours',
}

export function HttpsPage() {
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => call<AdminHttps>('GET', `${OWN}/admin/https`, undefined, signal),
    refetchInterval: REFRESH_MS,
  })
  const client = useQueryClient()
  const take = (answer: AdminHttps): void => {
    client.setQueryData(KEY, answer)
    void client.invalidateQueries(httpsQuery)
  }
  return (
    <>
      <PageTitle
        title="HTTPS"
        actions={
          data && (
            <Badge variant="light" tt="none" color={data.mode === 'off' ? 'gray' : 'pine'}>
              {SAID[data.mode]}
            </Badge>
          )
        }
      />
      {error && !data && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting />}
      {data && (
        <Stack gap="lg">
          {data.problem !== null && <Problem problem={data.problem} stillServes={data.certificate !== null} />}
          <HttpsForm stored={data} onSaved={take} />
          {data.certificate && <Shown certificate={data.certificate} mode={data.mode} onDone={take} url={data.url} />}
          {data.authority && <OwnAuthority authority={data.authority} onDone={take} />}
        </Stack>
      )}
    </>
  )
}

function Problem({ problem, stillServes }: { problem: string; stillServes: boolean }) {
  return (
    <Alert color="red" icon={<AlertIcon />} title="Something is wrong" role="alert">
      <Text size="sm">
        {problem} {stillServes && 'The last certificate that was in order stays in use.'}
      </Text>
    </Alert>
  )
}

function useAct(path: string, onDone: (answer: AdminHttps) => void) {
  return useMutation({
    mutationFn: () => call<AdminHttps>('POST', `${OWN}/admin/https/${path}`),
    onSuccess: onDone,
  })
}

interface ShownProps {
  certificate: Certificate
  mode: HttpsMode
  url: string
  onDone: (answer: AdminHttps) => void
}

function Shown({ certificate, mode, url, onDone }: ShownProps) {
  const renew = useAct('renew', onDone)
  return (
    <Card title="The certificate">
      <Fact name="Holds for">
        <Group gap={6}>
          {certificate.names.map((name) => (
            <Badge key={name} variant="default" tt="none" fw={500} radius="sm">
              {name}
            </Badge>
          ))}
        </Group>
      </Fact>
      <Fact name="Expires">
        <Text size="sm">
          <Time iso={certificate.valid_until} />
          {mode === 'own' && '. It is renewed by itself, also when names or addresses of this machine change.'}
          {mode === 'given' && '. The files are read again as soon as they change.'}
        </Text>
      </Fact>
      <Fact name="Issued by">
        <Text size="sm">{certificate.issuer}</Text>
      </Fact>
      <Fact name="Address">
        <Anchor size="sm" href={`${url}/admin/https`}>
          {url}
        </Anchor>
      </Fact>
      <FormFailure error={renew.error} />
      <Group>
        <Button variant="default" size="xs" loading={renew.isPending} onClick={() => renew.mutate()}>
          {mode === 'own' ? 'Make a new one now' : 'Read the files again'}
        </Button>
        {renew.isSuccess && (
          <Text size="sm" role="status">
            Done.
          </Text>
        )}
      </Group>
    </Card>
  )
}

function OwnAuthority({ authority, onDone }: { authority: Authority; onDone: (answer: AdminHttps) => void }) {
  const [asking, setAsking] = useState(false)
  const replace = useAct('authority', (answer) => {
    setAsking(false)
    onDone(answer)
  })
  return (
    <Card title="The authority that issued it">
      <Text size="sm">
        Everybody who comes over HTTPS has to trust it once. Send them to{' '}
        <TextLink to="/trust" size="sm" data-underline>
          {location.host}/trust
        </TextLink>
        , and tell them this fingerprint by another way, so that they can compare:
      </Text>
      <Fingerprint value={authority.fingerprint} label="Fingerprint" />
      <Text size="sm" c="dimmed">
        {authority.name}, until {new Date(authority.valid_until).getFullYear()}
      </Text>
      <Group>
        <Button variant="subtle" color="red" size="xs" onClick={() => setAsking(true)}>
          Replace the authority
        </Button>
      </Group>
      <Confirm
        opened={asking}
        title="Replace the authority?"
        button="Replace it"
        busy={replace.isPending}
        error={replace.error}
        onConfirm={() => replace.mutate()}
        onClose={() => setAsking(false)}
      >
        Git and browsers of everybody refuse this server until they trust the new one. Do this when somebody else may
        have read the key in the data folder.
      </Confirm>
    </Card>
  )
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper className="card" p="lg" component="section" aria-label={title}>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        {children}
      </Stack>
    </Paper>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Stack gap={2}>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      {children}
    </Stack>
  )
}
