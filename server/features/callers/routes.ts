// Routes of those who ask most: the list for admins, and an exemption for one of them.
import { CallerList, Exemption, RateLimits } from '../../contract/limits.ts'
import { json, route, type Route } from '../../route.ts'
import { personOf } from '../accounts/session.ts'
import { exempt, noisiest } from './actions.ts'

const OWN = '/api/gitstead/1/admin'

export const callerRoutes: Route[] = [
  route({
    method: 'get',
    path: `${OWN}/callers`,
    access: 'admin',
    scope: 'session',
    summary: 'Accounts, tokens and addresses that ask most, over the last minutes and the last hour',
    answer: CallerList,
    handle: async (rooms) => json({ values: await noisiest(rooms) }),
  }),
  route({
    method: 'post',
    path: `${OWN}/exemptions`,
    access: 'admin',
    scope: 'session',
    summary: 'Exempt an account, an address or a range from the rate limits',
    body: Exemption,
    answer: RateLimits,
    handle: async (rooms, ask) => {
      const by = { actorId: personOf(ask).id, address: ask.address }
      return json(await exempt(rooms, by, ask.body), 201)
    },
  }),
]
