// Whether this server sends mail, and where the person gets it.
import { queryOptions } from '@tanstack/react-query'
import type { OwnAddress } from '../../server/contract/mail.ts'
import { call, OWN } from '../api.ts'

export const MAIL_ADDRESS = `${OWN}/mail-address`

export const mailAddressQuery = queryOptions({
  queryKey: ['own', 'mail-address'],
  queryFn: ({ signal }) => call<OwnAddress>('GET', MAIL_ADDRESS, undefined, signal),
})
