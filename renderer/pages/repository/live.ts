// News of one repository while one of its pages is open: a push makes what is shown old. Polling where events fail.
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { OWN } from '../../api.ts'

const POLL_MS = 4000

export function useLive(fullName: string, eager: boolean): void {
  const client = useQueryClient()
  useEffect(() => {
    const refresh = (): void => {
      const [workspace, repo] = fullName.split('/')
      void client.invalidateQueries({
        predicate: ({ queryKey: [kind, a, b] }) => kind !== 'session' && a === workspace && b === repo,
      })
      void client.invalidateQueries({ queryKey: ['pushes'] })
      void client.invalidateQueries({ queryKey: ['repositories'] })
    }
    const events = new EventSource(`${OWN}/live?repository=${encodeURIComponent(fullName)}`)
    events.addEventListener('push', refresh)
    const poll = eager ? setInterval(refresh, POLL_MS) : undefined
    return () => {
      events.close()
      clearInterval(poll)
    }
  }, [client, fullName, eager])
}
