// The wire shapes of our own page for OAuth 1.0a: which request is meant, and where its answer goes.
import { z } from 'zod'
import { Question } from './oauth.ts'

/** The request token, by a name of ours: what is called oauth_token is never taken from an address. */
const Request = z.string().max(200)
export const SignedQuery = z.object({ request: Request.default('') })
export const SignedAsked = z.object({ question: Question })
export const SignedAnswer = z.object({ request: Request, allow: z.boolean() })
/** The browser is led back, or the person carries the verifier over by hand: null when they said no. */
export const SignedNext = z.union([z.object({ redirect: z.string() }), z.object({ verifier: z.string().nullable() })])
export type SignedNext = z.infer<typeof SignedNext>
