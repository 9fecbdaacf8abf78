// Where other machines of the network reach this one: the addresses of its interfaces, likely ones first.
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'

export interface LanAddress {
  interface: string
  address: string
  url: string
}

/** Bridges of virtual machines and containers, tunnels: nobody on the network reaches these. */
const INNER = /^(?:docker|br-|veth|virbr|vmnet|vboxnet|utun|tun|tap|wg|tailscale|lo|awdl|llw|bridge)/i

const PRIVATE = /^(?:192\.168|10|172\.(?:1[6-9]|2\d|3[01]))\./

export interface Served {
  port: number
  scheme: 'http' | 'https'
  /** The one address that is served, or 0.0.0.0 for all. */
  host: string
}

export function lanAddresses({ port, scheme, host }: Served, all = networkInterfaces()): LanAddress[] {
  const made = (name: string, address: string): LanAddress => ({
    interface: name,
    address,
    url: `${scheme}://${address}:${port}`,
  })
  if (host !== '0.0.0.0') return [made('', host)]
  const found = Object.entries(all).flatMap(([name, infos]) =>
    (infos ?? []).filter(isReachable).map(({ address }) => ({ name, address })),
  )
  return found.toSorted((a, b) => rank(a) - rank(b)).map(({ name, address }) => made(name, address))
}

function rank({ name, address }: { name: string; address: string }): number {
  return (INNER.test(name) ? 2 : 0) + (PRIVATE.test(address) ? 0 : 1)
}

function isReachable({ family, internal, address }: NetworkInterfaceInfo): boolean {
  return family === 'IPv4' && !internal && !address.startsWith('169.254.')
}
