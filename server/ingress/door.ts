// The listening socket: opened before any process is there, and closed so that nobody who was let in is lost.
import { createServer, type Server } from 'node:net'

/** Fails with the system's own error when the place is taken or not ours. */
export function openDoor(host: string, port: number): Promise<Server> {
  const server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}

/** How often it is looked who stands before the door until it closes. */
const LOOKS = 8

/** Whoever the system has let in already is served: the door closes right after everybody before it was taken in. */
export async function closeDoor(server: Server): Promise<void> {
  for (let i = 0; i < LOOKS; i++) await new Promise((resolve) => setImmediate(resolve))
  server.close()
}
