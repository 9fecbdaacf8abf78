// The names and addresses under which this machine is reached: what stands in its certificate.
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { domainToASCII } from 'node:url'
import type { X509Certificate } from 'node:crypto'

const NAME = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/

/** In order and each once. `more`: the names that an admin allows beside the machine's own. */
export function ownNames(more: readonly string[]): string[] {
  const host = hostname().toLowerCase()
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  const reachable = addresses.map(({ address }) => address).filter((address) => !/^fe80:/i.test(address))
  const wanted = ['localhost', '127.0.0.1', '::1', host, `${host}.local`, ...reachable, ...more]
  return [...new Set(wanted.flatMap((name) => canonical(name) ?? []))].toSorted()
}

/** One spelling for each name; undefined for what can stand in no certificate. */
export function canonical(text: string): string | undefined {
  const bare = text.replace(/^\[|\]$/g, '')
  if (isIP(bare) === 6) return new URL(`http://[${bare}]`).hostname.slice(1, -1)
  if (isIP(bare) === 4) return bare
  const name = domainToASCII(bare.replace(/:\d+$/, '')).toLowerCase()
  return NAME.test(name) ? name : undefined
}

/** The names in a certificate, in the same spelling. */
export function namesIn(certificate: X509Certificate): string[] {
  const listed = certificate.subjectAltName ?? ''
  const names = [...listed.matchAll(/(?:^|, )(?:DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(
    ([, name = '']) => name,
  )
  return names.map((name) => canonical(name) ?? name).toSorted()
}
