// The root of all addresses, and what their routes share: who may enter, and texts read from the address.
import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, redirect } from '@tanstack/react-router'
import { SET_UP, Shell } from '../parts/shell.tsx'
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

interface Entering {
  context: Context
  location: { href: string; pathname: string }
}

/**
 * Pages for people with an account: others are led to sign in and come back afterwards, and who has yet to set up the
 * second factor that the server asks for, to the page that does.
 */
export async function signedIn({ context, location }: Entering): Promise<void> {
  const session = await context.client.ensureQueryData(sessionQuery)
  if (session.user === null) throw redirect({ to: '/sign-in', search: { next: location.href } })
  if (session.factor_owed && location.pathname !== SET_UP) throw redirect({ to: SET_UP })
}

/** Only a path of this site: neither another host nor anything that a browser reads as one. */
function isOwnPath(value: unknown): value is string {
  return typeof value === 'string' && /^\/(?![/\\])[^\\\s]*$/.test(value)
}

/** Where people sign in is no place to go on to afterwards. */
function isEntrance(path: string): boolean {
  return /^\/sign-in(?=[?#]|$)/.test(path)
}

/** Whoever is signed in already is led on at once. */
export async function signedOut({
  context,
  search,
}: Entering & { search: { next?: string | undefined } }): Promise<void> {
  // A server that does not answer shows the form, which says so when it is sent.
  const session = await context.client.ensureQueryData(sessionQuery).catch(() => undefined)
  if (session?.user) throw redirect({ href: search.next ?? '/' })
}

/** Where to go on after signing in. Said also where there is none: what is left out, the router takes from the address as it came. */
export function nextOf({ next }: Record<string, unknown>): { next?: string | undefined } {
  return { next: isOwnPath(next) && !isEntrance(next) ? next : undefined }
}

/** A text of the address, left out where it is empty. A number was one too: the router reads ?q=7 as 7. */
export function textOf<K extends string>(search: Record<string, unknown>, name: K): { [name in K]?: string } {
  const value = search[name]
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && text !== '' ? ({ [name]: text } as { [name in K]?: string }) : {}
}
