// The wire shapes of OAuth: consumers, what a person is asked to allow, and what they have allowed.
import { z } from 'zod'
import { Line, Scope } from './names.ts'

const Time = z.iso.datetime()

/** http(s), or a scheme of a native app's own, which has a dot in it (RFC 8252). Never one that a browser runs. */
export function isCallback(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hash, username, password } = new URL(text)
  const known = protocol === 'https:' || protocol === 'http:' || /^[a-z][a-z0-9+-]*\.[a-z0-9.+-]*:$/.test(protocol)
  return known && hash === '' && username === '' && password === '' && !text.includes('#')
}

const Callback = z
  .string()
  .max(2000)
  .refine(isCallback, 'Enter an http or https address without #, or one of an app’s own scheme.')

export const NewConsumer = z.object({
  name: Line.min(1, 'Enter a name.').max(100),
  description: Line.max(300).default(''),
  callback_url: Callback,
  scopes: z.array(Scope).min(1, 'Choose at least one scope.'),
  /** Whether it can keep a secret. An app on people's own machines cannot, and proves itself by PKCE alone. */
  confidential: z.boolean().default(true),
})
export const ConsumerChange = NewConsumer.omit({ confidential: true }).partial()
export const Consumer = z.object({
  id: z.string(),
  /** The client_id. */
  key: z.string(),
  name: z.string(),
  description: z.string(),
  callback_url: z.string(),
  scopes: z.array(Scope),
  confidential: z.boolean(),
  /** For whom its client credentials act: whoever made the secret. */
  acts_for: z.string().nullable(),
  created_on: Time,
})
export type Consumer = z.infer<typeof Consumer>
/** The secret is in this answer and never again. Null for one that keeps none. */
export const CreatedConsumer = Consumer.extend({ secret: z.string().nullable() })
export type CreatedConsumer = z.infer<typeof CreatedConsumer>

const Text = z.string().max(2000).optional()
/** What a client puts into the address to which it sends a person. */
export const AuthorizeQuery = z.object({
  response_type: Text,
  client_id: Text,
  redirect_uri: Text,
  scope: Text,
  state: Text,
  code_challenge: Text,
  code_challenge_method: Text,
})
export type AuthorizeQuery = z.infer<typeof AuthorizeQuery>
export const AuthorizeAnswer = AuthorizeQuery.extend({ allow: z.boolean() })
/** What the person is asked, or the address that leads back with an error. */
export const Question = z.object({
  name: z.string(),
  description: z.string(),
  workspace: z.string(),
  scopes: z.array(Scope),
  /** Where the answer leads: a host, or the scheme of an app. Null: the person carries it over by hand. */
  leads_to: z.string().nullable(),
  /** Whether that is on the reader's own machine. */
  loopback: z.boolean(),
})
export type Question = z.infer<typeof Question>
export const Asked = z.union([z.object({ question: Question }), z.object({ redirect: z.string() })])
export type Asked = z.infer<typeof Asked>

export const Authorized = z.object({
  /** Id of the consumer. */
  id: z.string(),
  name: z.string(),
  workspace: z.string(),
  scopes: z.array(z.string()),
  first_on: Time,
  last_used_on: Time.nullable(),
})
export type Authorized = z.infer<typeof Authorized>
