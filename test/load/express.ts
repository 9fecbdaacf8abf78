// Express with nothing around it: what any program on it can reach at best. Answers with the JSON that it was given.
import express from 'express'
import type { AddressInfo } from 'node:net'

process.once('message', (value: object) => {
  const app = express()
  app.disable('x-powered-by')
  app.get('/', (_request, response) => void response.json(value))
  const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
})
process.on('disconnect', () => process.exit(0))
