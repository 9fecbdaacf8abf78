// The pages in a real browser.
import { chromium, type Browser } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findChromium } from '../../build/chromium.mjs'
import { remove, type Server, startServer } from '../helpers/server.ts'

let server: Server
let browser: Browser

beforeAll(async () => {
  server = await startServer()
  browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox', '--disable-gpu'] })
})
afterAll(async () => {
  await browser.close()
  await server.stop()
  remove(server.data)
})

it('serves a document that keeps its own policy', async () => {
  const page = await browser.newPage()
  const problems: string[] = []
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  await page.goto(server.url)
  expect(await page.title()).toMatch(/Gitstead/)
  expect(problems).toEqual([])
})
