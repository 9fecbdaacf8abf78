// What the shell offers to this page, as hooks: its state as it is pushed, and what may be asked of it.
import {
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Answers, Ask, AskName, Bridge, DesktopState, Outcome } from '../../main/contract.ts'

declare global {
  interface Window {
    /** Put there by the preload of the desktop shell. */
    gitstead: Bridge
  }
}

export function useDesktop(): DesktopState | undefined {
  const [state, setState] = useState<DesktopState>()
  useEffect(() => {
    const end = window.gitstead.onState(setState)
    void window.gitstead.ask('state').then(setState)
    return end
  }, [])
  return state
}

/** Asks again every so often, as long as the page is in sight. */
export function useAsked<N extends 'logs' | 'overview' | 'people' | 'repositories'>(
  name: N,
  everyMs = 2000,
): UseQueryResult<Answers[N]> {
  return useQuery<Answers[N]>({
    queryKey: [name],
    queryFn: () => (window.gitstead.ask as (name: N) => Promise<Answers[N]>)(name),
    refetchInterval: everyMs,
  })
}

/** Does something; what was refused is the mutation's error, in the words that came with it. */
export function useAct<N extends AskName>(name: N): UseMutationResult<Answers[N], Error, Ask<N>> {
  const client = useQueryClient()
  return useMutation<Answers[N], Error, Ask<N>>({
    mutationFn: async (given) => {
      const ask = window.gitstead.ask as (name: N, ...given: unknown[]) => Promise<Answers[N]>
      const answer = await (given === undefined ? ask(name) : ask(name, given))
      const { problem } = answer as Outcome
      if (problem !== undefined) throw new Error(problem)
      return answer
    },
    onSuccess: () => client.invalidateQueries(),
  })
}
