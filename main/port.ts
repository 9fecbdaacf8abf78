// Ports: who holds one that is taken, and which one is free. Only a listen that succeeds counts.
import { createServer } from 'node:net'
import { instanceAt } from './server-api.ts'

export function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** The next free port above, or null where a hundred of them are taken. */
export async function nextFree(port: number, host: string): Promise<number | null> {
  for (let next = port + 1; next <= Math.min(65_535, port + 100); next++) if (await isFree(next, host)) return next
  return null
}

/** Whether the one who holds the port serves this very data. */
export async function isOurs(port: number, instance: string | null): Promise<boolean> {
  return instance !== null && (await instanceAt(`http://127.0.0.1:${port}`)) === instance
}
