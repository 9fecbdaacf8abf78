// Repositories made to hurt, or hurt themselves, in a real browser: each page answers, bounded, and in words.
import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, pageFaults, signedInPage, visit } from '../helpers/browser.ts'
import { type Client, signIn } from '../helpers/client.ts'
import { git } from '../helpers/git.ts'
import { residentKiB } from '../helpers/program.ts'
import { addLarge, ask, commitTree, writeBlob, writeBomb, writeTree } from '../helpers/repos.ts'
import { workersOf } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

const GB = 1024 ** 3
const MB = 1024 ** 2
let site: Site
let browser: Browser
let page: Page
let ada: Client
let path: string

beforeAll(async () => {
  site = await openSite()
  ada = await signIn(site.server)
  browser = await openBrowser()
  page = await signedInPage(browser, site.server)
  page.setDefaultTimeout(30_000)
})
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})

const blobOf = (text: string): string => writeBlob(path, text)
const treeOf = (entries: string): string => writeTree(path, entries)

/** Makes a repository with one small file on main, beside which the tests write into its folder themselves. */
async function make(name: string): Promise<void> {
  const made = await makeRepository(site, name)
  await git(made.work, ['push', '-q', remoteOf(site, name), 'main'])
  path = made.path
}

/** The page stands, says what it has to, holds no more than a browser draws at once, and fits a phone as well. */
async function says(address: string, words: RegExp | string): Promise<void> {
  await visit(page, `${site.server.url}/ada/${address}`)
  await page.getByText(words).first().waitFor()
  for (const width of [375, 1280]) {
    await page.setViewportSize({ width, height: 800 })
    const { elements, over } = await page.evaluate(() => ({
      elements: document.querySelectorAll('*').length,
      over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    }))
    expect([address, elements]).toEqual([address, expect.toSatisfy((many: number) => many < 30_000)])
    expect([address, width, over]).toEqual([address, width, 0])
  }
}

describe('files without end', () => {
  beforeAll(async () => {
    await make('large')
    // Made in a moment in spite of their size, as they are one character over and over.
    addLarge(path, { branch: 'zeros', file: 'zeros.bin', size: GB })
    addLarge(path, { branch: 'line', file: 'line.txt', size: 50 * MB, text: 'x' })
    const tree = ask(path, ['mktree'], `100644 blob ${blobOf('short\n')}\tline.txt\n`)
    const next = ask(path, ['commit-tree', '-p', 'line', '-m', 'Shorten it', tree])
    ask(path, ['update-ref', 'refs/heads/shorter', next])
  }, 180_000)
  it.each<[string, RegExp | string]>([
    ['large', 'README.md'],
    ['large/src/zeros', 'zeros.bin'],
    ['large/src/zeros/zeros.bin', /This is a binary file/],
    ['large/annotate/zeros/zeros.bin', /binary file|too large/],
    ['large/history/zeros/zeros.bin', 'Make zeros'],
    ['large/edit/zeros/zeros.bin', /cannot be edited|too large|binary/i],
    ['large/src/line/line.txt', /too large to show here/],
    ['large/annotate/line/line.txt', /too large/],
    ['large/history/line/line.txt', 'Make line'],
    ['large/edit/line/line.txt', /too large/i],
    ['large/compare/shorter..line', 'line.txt'],
    ['large/search?q=xxxx&at=line', /line\.txt|too large|Nothing/],
  ])('%s', { timeout: 120_000 }, says)
  it('take no more memory than others', () => {
    for (const worker of workersOf(site.server.process.pid ?? 0)) expect(residentKiB(worker) / 1024).toBeLessThan(400)
  })
})

describe('folders and refs without end', () => {
  beforeAll(async () => {
    await make('many')
    const blob = blobOf('x')
    const names = Array.from({ length: 100_000 }, (_unused, i) => `n${String(i).padStart(5, '0')}`)
    const many = treeOf(names.map((name) => `100644 blob ${blob}\t${name}\0`).join(''))
    const commit = commitTree(path, 'many', treeOf(`040000 tree ${many}\tmany\0`))
    commitTree(path, 'bomb', writeBomb(path, 'x'))
    ask(path, ['pack-refs', '--all'])
    appendFileSync(join(path, 'packed-refs'), names.map((name) => `${commit} refs/heads/z/${name}\n`).join(''))
    execFileSync('git', ['commit-graph', 'write', '--reachable'], { cwd: path, stdio: 'ignore' })
  }, 120_000)
  it.each<[string, RegExp | string]>([
    ['many/src/many/many', 'n00042'],
    ['many/branches', /100,003|z\/n/],
    ['many/src/bomb', 'd3'],
    ['many/src/bomb/d1/d2/d3', 'd4'],
    ['many/commits/bomb', 'Make bomb'],
    ['many/search?q=boom&at=bomb', /./],
    ['many/insights', /./],
  ])('%s', { timeout: 120_000 }, says)
  it('the list of branches to choose from is found in, not drawn whole', { timeout: 120_000 }, async () => {
    await visit(page, `${site.server.url}/ada/many/src/bomb`)
    await page.getByRole('combobox', { name: 'Branch or tag' }).click()
    await page.getByRole('option').first().waitFor()
    expect(await page.getByRole('option').count()).toBeLessThan(1000)
    await page.keyboard.type('n99999')
    await page.getByRole('option', { name: 'z/n99999' }).waitFor()
  })
  it('a link to an archive of the bomb is answered in words', async () => {
    const { status, body } = await ada.get('/ada/many/get/bomb.zip')
    expect([status, body.error.message]).toEqual([422, expect.stringMatching(/./)])
  })
})

describe('damage', () => {
  it('an empty repository says how to begin, on each of its pages', { timeout: 120_000 }, async () => {
    expect((await ada.post('/2.0/repositories/ada/empty')).status).toBe(201)
    await says('empty', /git push/)
    for (const area of ['src/main', 'commits', 'branches', 'search?q=x', 'insights', 'compare/main..topic'])
      await says(`empty/${area}`, /no commits yet|git push|empty|first push|no branch/i)
  })
  it('a HEAD that is detached, missing or leads nowhere is told', { timeout: 120_000 }, async () => {
    await make('head')
    const oid = commitTree(path, 'topic', treeOf(`100644 blob ${blobOf('x')}\tfile.txt\0`))
    writeFileSync(join(path, 'HEAD'), `${oid}\n`)
    await says('head/src/topic', 'file.txt')
    await says('head/commits/topic', 'Make topic')
    rmSync(join(path, 'HEAD'))
    // What was read before is shown again until the page is loaded anew.
    await page.goto('about:blank')
    await says('head/src/topic', /damaged on disk/)
    await says('head/commits/topic', /damaged on disk/)
    await says('head/branches', /damaged on disk/)
  })
  it('an object that is broken or missing takes its page, not the others', { timeout: 120_000 }, async () => {
    await make('hurt')
    const file = blobOf('some words\n')
    const tree = treeOf(
      `100644 blob ${file}\tfile.txt\x00100644 blob ${'2'.repeat(40)}\tlost.txt\x00040000 tree ${'3'.repeat(40)}\tgone\0`,
    )
    commitTree(path, 'hurt', tree)
    const place = join(path, 'objects', file.slice(0, 2), file.slice(2))
    chmodSync(place, 0o600)
    writeFileSync(place, 'this is no object')
    await says('hurt/src/hurt', 'lost.txt')
    await says('hurt/commits/hurt', 'Make hurt')
    for (const one of ['src/hurt/file.txt', 'src/hurt/lost.txt', 'src/hurt/gone', 'annotate/hurt/file.txt'])
      await says(`hurt/${one}`, /damaged/)
    expect(await pageFaults(page)).toEqual([])
    await says('hurt/search?q=words&at=hurt', /damaged|Nothing/)
  })
})
