// Lists of our own resources: one query each, and changes that make it old.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { call, OWN } from '../api.ts'

export const listQuery = <T>(resource: string) =>
  queryOptions({
    queryKey: ['own', ...resource.split('?')],
    queryFn: async ({ signal }) => (await call<{ values: T[] }>('GET', `${OWN}/${resource}`, undefined, signal)).values,
  })

interface Change {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the resource, encoded. */
  path?: string
  body?: unknown
}

/** A change of the resource or of one thing in it; its lists are asked for again after it. */
export function useChange<T = unknown>(resource: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ method, path = '', body }: Change) => call<T>(method, `${OWN}/${resource}${path}`, body),
    onSuccess: () => client.invalidateQueries({ queryKey: ['own', resource] }),
  })
}
