// A session that ended while a page was open: what stands on the page is kept, and a way back that leaves it there.
import { Alert, Anchor } from '@mantine/core'
import { AlertIcon } from '@primer/octicons-react'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { besidesSession, forgetReader, sessionQuery, useSession } from '../queries.ts'

/** Whoever signs out is on their way to another page by then. */
const NOTICE_MS = 1000

/** The one who was signed in on this page and is no longer, without having signed out here. */
function useFormer(): string | undefined {
  const session = useSession()
  const here = useRouterState({ select: (state) => state.location.pathname })
  const known = useRef<string>(undefined)
  const [former, setFormer] = useState<string>()
  useEffect(() => {
    if (session?.user) known.current = session.user.uuid
    else if (here === '/sign-in') known.current = undefined
    const isOver = session?.user === null && known.current !== undefined
    const timer = setTimeout(() => setFormer(isOver ? known.current : undefined), isOver ? NOTICE_MS : 0)
    return () => clearTimeout(timer)
  }, [session, here])
  return former
}

export function SessionEnded() {
  const former = useFormer()
  const client = useQueryClient()
  useEffect(() => {
    if (former === undefined) return undefined
    const look = (): void => void comeBack(client, former)
    window.addEventListener('focus', look)
    document.addEventListener('visibilitychange', look)
    return () => {
      window.removeEventListener('focus', look)
      document.removeEventListener('visibilitychange', look)
    }
  }, [client, former])
  if (former === undefined) return null
  return (
    <Alert color="yellow" icon={<AlertIcon />} title="Your session has ended" role="alert" mb="md">
      Nothing on this page is lost.{' '}
      <Anchor href="/sign-in" target="_blank" inherit underline="always">
        Sign in in another tab
      </Anchor>
      , then go on here.
    </Alert>
  )
}

/** What was refused meanwhile is asked for again; another person than before gets nothing of what that one was told. */
async function comeBack(client: QueryClient, former: string): Promise<void> {
  const { user } = await client.fetchQuery({ ...sessionQuery, staleTime: 0 })
  if (user === null) return
  if (user.uuid !== former) forgetReader(client)
  await client.invalidateQueries(besidesSession)
}
