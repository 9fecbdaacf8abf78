// What pages say of HTTPS: the fingerprint to compare, and the way to the page on which one learns to trust this server.
import { Group, Text } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { Https } from '../../server/contract/https.ts'
import { call, OWN } from '../api.ts'
import { CopyButton } from './copy.tsx'
import { TextLink } from './link.tsx'

export const httpsQuery = queryOptions({
  queryKey: ['https'],
  queryFn: ({ signal }) => call<Https>('GET', `${OWN}/https`, undefined, signal),
  staleTime: 300_000,
})

/** In groups, as people read it out. */
export function Fingerprint({ value, label }: { value: string; label: string }) {
  return (
    <Group gap={4} wrap="nowrap" align="flex-start">
      <Text className="mono" style={{ overflowWrap: 'anywhere' }} aria-label={label}>
        {value.replaceAll(':', ':\u200b')}
      </Text>
      <CopyButton text={value} label={`Copy ${label.toLowerCase()}`} />
    </Group>
  )
}

/** Only where there is an authority that nobody knows yet. */
export function TrustHint() {
  const { data } = useQuery(httpsQuery)
  if (!data?.authority) return null
  return (
    <Text size="sm" c="dimmed">
      Git or your browser does not know this server’s certificate?{' '}
      <TextLink to="/trust" size="sm" data-underline>
        How to trust it
      </TextLink>
    </Text>
  )
}
