// The wire shapes of HTTPS: what everybody may know of it, and what admins see and change.
import { z } from 'zod'

const Time = z.iso.datetime()

/** `own`: a certificate of an authority that this server made. `given`: one from files of the admin. */
export const HttpsMode = z.enum(['off', 'own', 'given'])
export type HttpsMode = z.infer<typeof HttpsMode>

/** Whoever trusts it trusts this server. `fingerprint` is SHA-256 with colons, as other programs show it. */
export const Authority = z.object({ name: z.string(), fingerprint: z.string(), valid_until: Time })
export type Authority = z.infer<typeof Authority>

/** GET /https: for everybody, also before they trust the certificate. */
export const Https = z.object({
  mode: HttpsMode,
  /** Whether plain HTTP leads here. */
  redirect: z.boolean(),
  /** The address of HTTPS for this reader, without a slash at the end. */
  url: z.string(),
  /** Of the own way only. */
  authority: Authority.nullable(),
})
export type Https = z.infer<typeof Https>

export const Certificate = z.object({
  /** Names and addresses for which it holds. */
  names: z.array(z.string()),
  issuer: z.string(),
  fingerprint: z.string(),
  valid_from: Time,
  valid_until: Time,
})
export type Certificate = z.infer<typeof Certificate>

/** GET /admin/https */
export const AdminHttps = Https.extend({
  /** Paths on the server. */
  certificate_file: z.string(),
  key_file: z.string(),
  /** The way and the files were set when the program was started, and are changed there. */
  is_fixed: z.boolean(),
  /** What the server shows to whoever connects. */
  certificate: Certificate.nullable(),
  /** What went wrong, in one sentence; the certificate above stays in use. */
  problem: z.string().nullable(),
})
export type AdminHttps = z.infer<typeof AdminHttps>

const Path = z.string().trim().max(4000)
export const HttpsChange = z.object({
  mode: HttpsMode.optional(),
  redirect: z.boolean().optional(),
  certificate_file: Path.optional(),
  key_file: Path.optional(),
})
export type HttpsChange = z.infer<typeof HttpsChange>
