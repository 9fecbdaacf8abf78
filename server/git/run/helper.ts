// The small process that starts git for one program. A server with several processes shares the spawner of its supervisor.
import { openSpawner, type Wish } from './spawner.ts'

const client = openSpawner().client((news) => {
  if (process.connected) process.send?.(news, undefined, undefined, () => {})
})

// A Ctrl-C in the terminal reaches the whole group; this process ends with its program, not before it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('disconnect', () => void client.leave().then(() => process.exit(0)))
process.on('message', (wish: Wish) => client.wish(wish))
