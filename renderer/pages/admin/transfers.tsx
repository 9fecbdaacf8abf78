// Clones, fetches and pushes that are under way, and the end of one of them.
import { Button, Table, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { TransferEntry } from '../../../server/contract/operations.ts'
import { call, OWN, path } from '../../api.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { sizeText } from '../../parts/size.ts'
import { Failure } from '../../parts/states.tsx'
import { Time } from '../../parts/time.tsx'

const EVERY_MS = 2000
const KEY = ['own', 'admin/transfers']

export function Transfers() {
  const [ending, setEnding] = useState<TransferEntry>()
  const client = useQueryClient()
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => call<{ values: TransferEntry[] }>('GET', `${OWN}/admin/transfers`, undefined, signal),
    refetchInterval: EVERY_MS,
  })
  const end = useMutation({
    mutationFn: ({ id }: TransferEntry) => call('DELETE', `${OWN}${path('admin', 'transfers', id)}`),
    onSuccess: () => {
      setEnding(undefined)
      return client.invalidateQueries({ queryKey: KEY })
    },
  })
  if (error) return <Failure error={error} retry={refetch} />
  if (!data || data.values.length === 0) return <Text c="dimmed">Nobody clones or pushes right now.</Text>
  return (
    <>
      <Table.ScrollContainer minWidth={560}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {['What', 'Repository', 'Who', 'Began', 'So far', ''].map((head) => (
                <Table.Th key={head}>{head}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.values.map((one) => (
              <Table.Tr key={one.id}>
                <Table.Td>{one.service === 'git-receive-pack' ? 'Push' : 'Clone or fetch'}</Table.Td>
                <Table.Td>{one.repository}</Table.Td>
                <Table.Td>
                  {one.account || 'a guest'}, {one.address}
                </Table.Td>
                <Table.Td>
                  <Time iso={one.since} />
                </Table.Td>
                <Table.Td>{sizeText(one.bytes)}</Table.Td>
                <Table.Td>
                  <Button size="compact-sm" variant="default" onClick={() => setEnding(one)}>
                    End it
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Confirm
        opened={ending !== undefined}
        title="End this transfer?"
        button="End it"
        busy={end.isPending}
        error={end.error}
        onClose={() => setEnding(undefined)}
        onConfirm={() => ending && end.mutate(ending)}
      >
        Whoever waits for it gets an error and has to try again. What was pushed before stays.
      </Confirm>
    </>
  )
}
