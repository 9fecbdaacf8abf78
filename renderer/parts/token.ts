// The secret of a one-time link stands behind the # of its address, so that it is in no log and no Referer.
import { useState } from 'react'

export function useLinkToken(): string {
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get('token') ?? '')
  return token
}
