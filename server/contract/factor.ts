// The wire shapes of the second factor: codes of an authenticator app, and recovery codes in its place.
import { z } from 'zod'

const Time = z.iso.datetime()
/** Six digits, or a recovery code; spaces and dashes do not count. */
const Code = z.string().min(1, 'Enter a code.').max(64)
const Password = z.string().min(1, 'Enter your password.').max(1000)

/** Whom the server asks for a second factor. */
export const FactorRule = z.enum(['free', 'admins', 'everybody'])
export type FactorRule = z.infer<typeof FactorRule>

/** `owed`: the server asks for it, and until it is on nothing else can be done. */
export const FactorState = z.enum(['off', 'on', 'owed'])
export type FactorState = z.infer<typeof FactorState>

/** POST /session, where a password alone does not open the account: `ticket` goes to POST /session/code with a code. */
export const SecondStep = z.object({ second_factor: z.object({ ticket: z.string(), expires_on: Time }) })
export type SecondStep = z.infer<typeof SecondStep>
export const SignInCode = z.object({ ticket: z.string().min(1).max(200), code: Code })

export const Factor = z.object({
  state: FactorState,
  since: Time.nullable(),
  /** Recovery codes that were not used yet. */
  recovery_left: z.number(),
  /** Whether the server asks this account for one: then it cannot be switched off. */
  required: z.boolean(),
})
export type Factor = z.infer<typeof Factor>

export const FactorStart = z.object({ password: Password })
/** For the app: the QR picture holds `uri`; `secret` is what a person types instead. */
export const FactorSecret = z.object({ secret: z.string(), uri: z.string() })
export type FactorSecret = z.infer<typeof FactorSecret>
export const FactorConfirm = z.object({ code: Code })
export const FactorProof = z.object({ password: Password, code: Code })
/** In this answer and never again. */
export const RecoveryCodes = z.object({ recovery_codes: z.array(z.string()) })
export type RecoveryCodes = z.infer<typeof RecoveryCodes>
