// The root of all addresses, and what their routes share: who may enter, and texts read from the address.
import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, redirect } from '@tanstack/react-router'
import { Shell } from '../parts/shell.tsx'
import { PageFailure } from '../parts/states.tsx'
import { NotFound } from '../pages/not-found.tsx'
import { sessionQuery } from '../queries.ts'

interface Context {
  client: QueryClient
}

export const root = createRootRouteWithContext<Context>()({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: PageFailure,
})

/** Pages for people with an account: others are led to sign in and come back afterwards. */
export async function signedIn({ context, location }: { context: Context; location: { href: string } }): Promise<void> {
  const session = await context.client.ensureQueryData(sessionQuery)
  if (session.user === null) throw redirect({ to: '/sign-in', search: { next: location.href } })
}

/** Only a path of this site: neither another host nor anything that a browser reads as one. */
export function isOwnPath(value: unknown): value is string {
  return typeof value === 'string' && /^\/(?![/\\])[^\\\s]*$/.test(value)
}

/** A text of the address, left out where it is empty. A number was one too: the router reads ?q=7 as 7. */
export function textOf<K extends string>(search: Record<string, unknown>, name: K): { [name in K]?: string } {
  const value = search[name]
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && text !== '' ? ({ [name]: text } as { [name in K]?: string }) : {}
}
