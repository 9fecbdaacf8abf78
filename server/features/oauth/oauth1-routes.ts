// Routes of OAuth 1.0a: Bitbucket's three addresses, and what our page asks.
import { z } from 'zod'
import { SignedAnswer, SignedAsked, SignedNext, SignedQuery } from '../../contract/oauth1.ts'
import { json, type Reply, route, type Route } from '../../route.ts'
import { personOf } from '../accounts/session.ts'
import { accessToken, decide, question, requestToken } from './oauth1.ts'

const AT = '/api/1.0/oauth'
const OWN = '/api/gitstead/1/oauth1/authorization'

function form(values: Record<string, string>): Reply {
  const body = new URLSearchParams(values).toString()
  return { kind: 'text', status: 200, type: 'application/x-www-form-urlencoded', body }
}

/** Clients of that time use either method. */
const METHODS = [
  { method: 'post', body: z.record(z.string(), z.unknown()) },
  { method: 'get', body: undefined },
] as const

const protocol: Route[] = METHODS.flatMap(({ method, body }) => {
  const shared = {
    access: 'anyone',
    scope: 'none',
    credentials: 'own',
    takes: 'form',
    method,
    ...(body && { body }),
  } as const
  return [
    route({
      ...shared,
      path: `${AT}/request_token`,
      summary: 'OAuth 1.0a: a token to ask a person with',
      handle: async (rooms, ask) => form(await requestToken(rooms, ask)),
    }),
    route({
      ...shared,
      path: `${AT}/access_token`,
      summary: 'OAuth 1.0a: an allowed request token and its verifier for an access token',
      handle: async (rooms, ask) => form(await accessToken(rooms, ask)),
    }),
  ]
})

export const oauth1Routes: readonly Route[] = [
  ...protocol,
  route({
    method: 'get',
    path: `${AT}/authenticate`,
    access: 'anyone',
    scope: 'none',
    class: 'web',
    // The address names a request token, which opens nothing by itself.
    credentials: 'own',
    summary: 'OAuth 1.0a: where an application sends a person to be allowed in; leads to the page that asks',
    handle: async (_rooms, { target }) => {
      const token = new URLSearchParams(target.split('?').slice(1).join('?')).get('oauth_token') ?? ''
      const headers = { Location: `/site/authorize#oauth_token=${encodeURIComponent(token)}` }
      return { kind: 'text', status: 302, type: 'text/plain; charset=utf-8', body: '', headers }
    },
  }),
  route({
    method: 'get',
    path: OWN,
    access: 'user',
    scope: 'session',
    summary: 'What an application of OAuth 1.0a asks the person for',
    query: SignedQuery,
    answer: SignedAsked,
    handle: async (rooms, { query }) => json({ question: await question(rooms, query.request) }),
  }),
  route({
    method: 'post',
    path: OWN,
    access: 'user',
    scope: 'session',
    summary: 'Allow it or not; the answer says where the browser goes next, or the code to carry over',
    body: SignedAnswer,
    answer: SignedNext,
    handle: async (rooms, ask) => {
      const { request: token, allow } = ask.body
      return json(await decide(rooms, personOf(ask), { token, allow, address: ask.address }))
    },
  }),
]
