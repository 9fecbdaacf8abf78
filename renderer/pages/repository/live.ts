// A repository that waits for its first push asks for it, beside the news: the page must turn even where those fail.
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

const POLL_MS = 4000

export function usePolling(fullName: string, eager: boolean): void {
  const client = useQueryClient()
  useEffect(() => {
    if (!eager) return undefined
    const [workspace = '', repo = ''] = fullName.split('/')
    const poll = setInterval(() => {
      void client.invalidateQueries({ queryKey: ['repository', workspace, repo] })
    }, POLL_MS)
    return () => clearInterval(poll)
  }, [client, fullName, eager])
}
