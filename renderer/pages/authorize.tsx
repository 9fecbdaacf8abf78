// An application asks to act for the person: who it is, what for, and where the answer leads.
import { Alert, Button, Group, List, Stack, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Asked, Question } from '../../server/contract/oauth.ts'
import { call, OWN } from '../api.ts'
import { Gate } from '../parts/gate.tsx'
import { scopeWords } from '../parts/scopes.tsx'
import { FormFailure, reasonOf, Waiting } from '../parts/states.tsx'
import { useSession } from '../queries.ts'

/** What the application put into the address. It stands behind the #, where nobody turns its texts into numbers. */
function useAsked(): string {
  const [asked] = useState(() => location.hash.slice(1))
  return asked
}

function leave(to: string): void {
  // The server leads to registered addresses only; a script would run as ours, so it is refused here once more.
  if (!/^(javascript|data|vbscript|blob):/i.test(to)) location.replace(to)
}

export function Authorize() {
  const asked = useAsked()
  const { data, error } = useQuery({
    queryKey: ['authorization', asked],
    queryFn: ({ signal }) => call<Asked>('GET', `${OWN}/oauth/authorization?${asked}`, undefined, signal),
    retry: false,
    gcTime: 0,
  })
  const redirect = data && 'redirect' in data ? data.redirect : undefined
  useEffect(() => {
    if (redirect !== undefined) leave(redirect)
  }, [redirect])
  if (error) {
    return (
      <Gate title="This cannot be allowed">
        <Alert color="red" role="alert">
          {reasonOf(error)}
        </Alert>
        <Text size="sm" c="dimmed">
          The application that sent you here is not set up rightly. Nothing was told to it.
        </Text>
      </Gate>
    )
  }
  if (data && 'question' in data) return <Ask question={data.question} asked={asked} />
  return (
    <Gate title="One moment">
      <Waiting rows={2} />
    </Gate>
  )
}

function Ask({ question, asked }: { question: Question; asked: string }) {
  const user = useSession()?.user
  const answer = useMutation({
    mutationFn: (allow: boolean) =>
      call<{ redirect: string }>('POST', `${OWN}/oauth/authorization`, {
        ...Object.fromEntries(new URLSearchParams(asked)),
        allow,
      }),
    onSuccess: ({ redirect }) => leave(redirect),
  })
  const busy = answer.isPending || answer.isSuccess
  return (
    <Gate
      title={`Let ${question.name} in?`}
      intro={`It is registered by ${question.workspace} and asks to act for you, ${user?.display_name ?? ''} (${user?.username ?? ''}).`}
    >
      {question.description !== '' && <Text size="sm">{question.description}</Text>}
      <Stack gap={6}>
        <Text size="sm" fw={600}>
          It would be able to
        </Text>
        <List size="sm" spacing={4}>
          {question.scopes.map((scope) => (
            <List.Item key={scope}>{scopeWords(scope)}</List.Item>
          ))}
        </List>
      </Stack>
      <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {question.loopback ? (
          <>
            The answer goes to a program on <b>this machine</b>.
          </>
        ) : (
          <>
            The answer goes to <b>{question.leads_to}</b>.
          </>
        )}{' '}
        You can take it back on your account page.
      </Text>
      <FormFailure error={answer.error} />
      <Group grow>
        <Button variant="default" disabled={busy} onClick={() => answer.mutate(false)}>
          Deny
        </Button>
        <Button loading={busy} onClick={() => answer.mutate(true)}>
          Allow
        </Button>
      </Group>
    </Gate>
  )
}
