// A desktop in a process of its own, for the test that ends it by force: says the process of its server.
import { openBrowser } from '../helpers/browser.ts'
import { openDesktop } from './launch.ts'

const { until } = await openDesktop({ browser: await openBrowser(), userData: process.argv[2] ?? '', settings: {} })
const { server } = await until((state) => state.server.state === 'running')
process.stdout.write(`server ${server.pid}\n`)
