// The server's name in the network (mDNS), a convenience that many networks filter: the address is always shown too.
import { Bonjour, type Service } from 'bonjour-service'

export interface Discovery {
  /** Announces the server at this port, or takes the announcement back. */
  follow: (port: number | null) => void
  close: () => void
}

export function openDiscovery(name: string, failed: (words: string) => void): Discovery {
  let bonjour: Bonjour | undefined
  let service: Service | undefined
  let announced: number | null = null
  const close = (): void => {
    service?.stop?.()
    bonjour?.destroy()
    service = undefined
    bonjour = undefined
    announced = null
  }
  return {
    follow: (port) => {
      if (port === announced) return
      close()
      if (port === null) return
      bonjour = new Bonjour({}, (error: Error) =>
        failed(`The name in the network could not be announced: ${error.message}.`),
      )
      service = bonjour.publish({ name, type: 'http', port, txt: { path: '/' } })
      announced = port
    },
    close,
  }
}
