// npm start: builds what is not built or is older than its sources, then serves. Build output goes to stderr.
import { buildIfStale } from './fresh.mjs'

buildIfStale()
process.argv.splice(2, 0, 'serve')
await import('./gitstead.mjs')
