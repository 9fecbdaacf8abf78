// For everybody, also before they trust anything: the authority of this server, its fingerprint, and the lines for git.
import { Anchor, Button, Group, Paper, SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { DownloadIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { Authority, Https } from '../../server/contract/https.ts'
import { OWN } from '../api.ts'
import { Command } from '../parts/clone-box.tsx'
import { Fingerprint, httpsQuery } from '../parts/https.tsx'
import { Empty, Failure, Waiting } from '../parts/states.tsx'
import { PageTitle } from '../parts/title.tsx'

const DOWNLOAD = `${OWN}/https/ca.crt`

export function Trust() {
  const { data, error, refetch } = useQuery(httpsQuery)
  return (
    <>
      <PageTitle title="Trust this server" />
      {error && !data && <Failure error={error} retry={refetch} />}
      {!data && !error && <Waiting />}
      {data?.mode === 'off' && (
        <Empty title="HTTPS is off">
          <Text c="dimmed" ta="center">
            This server speaks plain HTTP, so there is no certificate to trust.
          </Text>
        </Empty>
      )}
      {data?.mode === 'given' && (
        <Empty title="Your admin brought the certificate">
          <Text c="dimmed" ta="center">
            {data.url} shows a certificate that was not made by this server. If git or your browser does not know who
            issued it, ask your admin.
          </Text>
        </Empty>
      )}
      {data?.authority && <Steps https={data} authority={data.authority} />}
    </>
  )
}

function Steps({ https, authority }: { https: Https; authority: Authority }) {
  return (
    <Stack gap="lg">
      <Text>
        The certificate of {https.url} was issued by an authority that this server made for itself. Programs know it
        once you tell them to.
      </Text>
      <Step number={1} title="Compare the fingerprint">
        <Text size="sm">
          Ask your admin for it by another way than this page, for example over the phone. They read it under
          Administration, HTTPS. When it differs, go no further: somebody stands between you and the server.
        </Text>
        <Fingerprint value={authority.fingerprint} label="Fingerprint" />
      </Step>
      <Step number={2} title="Tell git">
        <GitLines url={https.url} />
      </Step>
      <Step number={3} title="Tell your browser, if you like">
        <Text size="sm">
          Without it the browser warns you once and works all the same. Whoever holds this authority’s key could pass
          for any site in a browser that trusts it, so do this only for a server whose admin you trust that far.
        </Text>
        <Group>
          <Button component="a" href={DOWNLOAD} download variant="default" leftSection={<DownloadIcon />}>
            Download the authority
          </Button>
        </Group>
        <Browsers />
      </Step>
    </Stack>
  )
}

function Step({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  return (
    <Paper className="card" p="lg" component="section" aria-label={title}>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {number}. {title}
        </Title>
        {children}
      </Stack>
    </Paper>
  )
}

type System = 'unix' | 'windows'

/** The address that the reader uses, so that each line works as it stands. */
function GitLines({ url }: { url: string }) {
  const [system, setSystem] = useState<System>(navigator.userAgent.includes('Windows') ? 'windows' : 'unix')
  const file = `~/.gitstead-${new URL(url).host.replace(/[^a-z0-9.-]+/gi, '-')}.crt`
  return (
    <>
      <SegmentedControl
        value={system}
        onChange={(value) => setSystem(value)}
        data={[
          { value: 'unix', label: 'Linux and macOS' },
          { value: 'windows', label: 'Windows' },
        ]}
        aria-label="Your system"
        style={{ alignSelf: 'flex-start' }}
      />
      <Text size="sm">{system === 'windows' ? 'In Git Bash, fetch it' : 'Fetch it'} and look at its fingerprint:</Text>
      <Command
        text={`curl -fsSk -o ${file} ${url}${DOWNLOAD}\nopenssl x509 -noout -fingerprint -sha256 -in ${file}`}
        label="Copy the lines that fetch it"
      />
      <Text size="sm">When it is the one from above, let git trust it, for this address alone:</Text>
      <Command text={`git config --global http.${url}/.sslCAInfo ${file}`} label="Copy the line for git" />
      {system === 'windows' && (
        <>
          <Text size="sm">
            If <code>git config http.sslBackend</code> answers schannel, git needs two more:
          </Text>
          <Command
            text={
              'git config --global http.schannelUseSSLCAInfo true\ngit config --global http.schannelCheckRevoke false'
            }
            label="Copy the lines for schannel"
          />
        </>
      )}
      <Text size="sm" c="dimmed">
        A variable GIT_SSL_CAINFO in your environment goes before these lines.
      </Text>
    </>
  )
}

const BROWSERS = [
  ['Firefox', 'Settings, Privacy and security, Certificates, View certificates, Authorities, Import.'],
  ['Chrome and Edge on Linux', 'Settings, Privacy and security, Security, Manage certificates, Local certificates.'],
  ['Windows', 'Open the file, Install certificate, Current user, Trusted Root Certification Authorities.'],
  ['macOS', 'Open the file in Keychain Access, then set it to Always trust.'],
] as const

function Browsers() {
  return (
    <Stack gap={4}>
      {BROWSERS.map(([name, way]) => (
        <Text key={name} size="sm">
          <strong>{name}:</strong> {way}
        </Text>
      ))}
      <Text size="sm" c="dimmed">
        The file is also at <Anchor href={DOWNLOAD}>{DOWNLOAD}</Anchor>.
      </Text>
    </Stack>
  )
}
