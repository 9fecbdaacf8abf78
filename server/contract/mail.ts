// The wire shapes of mail: how the server sends it, for admins, and the own address of a person.
import { z } from 'zod'
import { NewInvitation, OneTimeLink } from './gitstead.ts'
import { Line } from './names.ts'

/** Of the plain form only: no quotes, comments, groups or lists, which programs on the way read differently. */
export const MailAddress = z
  .string()
  .trim()
  .max(254)
  .regex(
    /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?)*$/,
    'This is not a mail address.',
  )

/** `tls` from the first byte, `starttls` before anything is said, `plain` not at all. */
export const MailSecurity = z.enum(['tls', 'starttls', 'plain'])
export type MailSecurity = z.infer<typeof MailSecurity>

const Host = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(/^[a-z0-9._:-]*$/, 'This is not the name of a host.')
/** The address of this server in mails, without a slash at the end. */
const Base = z
  .string()
  .trim()
  .max(300)
  .regex(/^https?:\/\/[A-Za-z0-9._:[\]-]+$/, 'Enter an address such as https://git.example.com.')

export const MailSettings = z.object({
  enabled: z.boolean(),
  host: Host,
  port: z.number().int().min(1).max(65_535),
  security: MailSecurity,
  username: Line.max(200),
  /** The password itself is never in an answer. */
  password_set: z.boolean(),
  from: z.union([MailAddress, z.literal('')]),
  base: z.union([Base, z.literal('')]),
})
export type MailSettings = z.infer<typeof MailSettings>

/** Without `password` the stored one stays; an empty one removes it. */
export const MailSettingsChange = MailSettings.omit({ password_set: true }).extend({
  password: z.string().max(1000).optional(),
})
export type MailSettingsChange = z.infer<typeof MailSettingsChange>

export const MailTest = z.object({ to: MailAddress })
export const MailTested = z.object({ sent: z.boolean(), detail: z.string() })
export type MailTested = z.infer<typeof MailTested>

/** The own address. `pending` waits for the link that was sent to it. */
export const OwnAddress = z.object({
  server_sends: z.boolean(),
  address: z.string().nullable(),
  pending: z.string().nullable(),
})
export type OwnAddress = z.infer<typeof OwnAddress>
export const NewAddress = z.object({ address: MailAddress })

export const ConfirmAddress = z.object({ token: z.string().min(1).max(200) })
export const ConfirmView = z.object({ username: z.string(), display_name: z.string(), address: z.string() })
export type ConfirmView = z.infer<typeof ConfirmView>

/** `email`: the link is mailed there too. */
export const MailedInvitation = NewInvitation.extend({ email: MailAddress.optional() })
/** `mailed`: it was sent to the confirmed address of the person too. */
export const MailedLink = OneTimeLink.extend({ mailed: z.boolean() })
export type MailedLink = z.infer<typeof MailedLink>
