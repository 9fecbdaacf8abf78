// An application asks to act for the person: who it is, what for, and where the answer leads.
import { Alert, Button, Group, List, Stack, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Asked, Question } from '../../server/contract/oauth.ts'
import type { SignedNext } from '../../server/contract/oauth1.ts'
import { call, OWN } from '../api.ts'
import { Command } from '../parts/clone-box.tsx'
import { Gate } from '../parts/gate.tsx'
import { scopeWords } from '../parts/scopes.tsx'
import { FormFailure, reasonOf, Waiting } from '../parts/states.tsx'
import { useSession } from '../queries.ts'

/** What the application put into the address. It stands behind the #, where nobody turns its texts into numbers. */
function useAsked(): string {
  const [asked] = useState(() => location.hash.slice(1))
  return asked
}

interface Way {
  question: string
  path: string
  body: Record<string, string>
}

/** OAuth 1.0a names a request that the server knows; OAuth 2 says all in the address. */
function wayOf(asked: string): Way {
  const body = Object.fromEntries(new URLSearchParams(asked))
  const { oauth_token: request } = body
  const path = `${OWN}/${request === undefined ? 'oauth' : 'oauth1'}/authorization`
  if (request === undefined) return { path, question: `${path}?${asked}`, body }
  return { path, question: `${path}?request=${encodeURIComponent(request)}`, body: { request } }
}

function leave(to: string): void {
  // The server leads to registered addresses only; a script would run as ours, so it is refused here once more.
  if (!/^(javascript|data|vbscript|blob):/i.test(to)) location.replace(to)
}

export function Authorize() {
  const asked = useAsked()
  const way = wayOf(asked)
  const { data, error } = useQuery({
    queryKey: ['authorization', asked],
    queryFn: ({ signal }) => call<Asked>('GET', way.question, undefined, signal),
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
  if (data && 'question' in data) return <Ask question={data.question} way={way} />
  return (
    <Gate title="One moment">
      <Waiting rows={2} />
    </Gate>
  )
}

function Ask({ question, way }: { question: Question; way: Way }) {
  const user = useSession()?.user
  const answer = useMutation({
    mutationFn: (allow: boolean) => call<SignedNext>('POST', way.path, { ...way.body, allow }),
    onSuccess: (next) => 'redirect' in next && leave(next.redirect),
  })
  if (answer.data && 'verifier' in answer.data) return <ByHand name={question.name} verifier={answer.data.verifier} />
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
        <Where question={question} /> You can take it back on your account page.
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

function Where({ question: { leads_to: to, loopback } }: { question: Question }) {
  if (to === null)
    return 'You get a code, which you type into the application. Allow this only if you began it there yourself.'
  if (!loopback) {
    return (
      <>
        The answer goes to <b>{to}</b>.
      </>
    )
  }
  return (
    <>
      The answer goes to a program on <b>this machine</b>.
    </>
  )
}

/** For an application to which no browser can lead back. */
function ByHand({ name, verifier }: { name: string; verifier: string | null }) {
  if (verifier === null) {
    return (
      <Gate title="Not let in">
        <Text c="dimmed">{name} was told nothing. You can close this page.</Text>
      </Gate>
    )
  }
  return (
    <Gate title="One more step" intro={`Type this code into ${name}. It holds for a few minutes, once.`}>
      <Command text={verifier} label="Copy the code" />
      <Text size="sm" c="dimmed">
        Give it to nobody who asks you for it: whoever has it could finish this in your place.
      </Text>
    </Gate>
  )
}
