// Files in a real browser: text, previews, blame and history, at both widths, and hostile ones that do nothing.
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openBrowser, pageFaults, signedInPage, visit } from '../helpers/browser.ts'
import { git } from '../helpers/git.ts'
import { type Draft, makeRepository } from '../helpers/repos.ts'
import { code, LFS, notebook, pdf, png } from '../helpers/samples.ts'
import { closeSite, openSite, remoteOf, type Site } from '../helpers/site.ts'
import { signIn } from '../helpers/client.ts'

let site: Site
let browser: Browser
let page: Page
let oids: string[]
const problems: string[] = []

const BODY = Array.from({ length: 40 }, (_, i) => `  const value${i} = ${i}`).join('\n')
const SOURCE = `export function first(): void {\n${BODY}\n}\n\nexport class Second {\n}\n`
const EVIL = 'parent.evil=1;window.evil=1;alert(1)'
const HOSTILE_HTML = `<script>${EVIL}</script><img src=x onerror="${EVIL}"><style>body{display:none}</style><form action="https://evil.test"><button>go</button></form><iframe srcdoc="<script>${EVIL}</script>"></iframe><a href="javascript:${EVIL}">link</a><b>bold</b>`
const PNG = png(64, 32, [200, 30, 30, 120])

const FILES: Draft['files'] = {
  'src/code.ts': SOURCE,
  'src/other.txt': 'one\ntwo\nthree\n',
  'odd.js': `const admin = false\n// \u202E } \u2066if (admin)\u2069 \u2066 begin\nlet a\u200Bb = 1\n`,
  'crlf.txt': '\uFEFFa\r\nb',
  'long.txt': `${'x'.repeat(100_000)}\n`,
  'pic.png': PNG,
  'draw.svg': `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60" onload="${EVIL}"><script>${EVIL}</script><rect width="120" height="60" fill="teal"/></svg>`,
  'doc.pdf': pdf(7, EVIL),
  'broken.pdf': 'this is none',
  'data.csv': `name,"a, b"\n${Array.from({ length: 1500 }, (_, i) => `row ${i},"${i}\n""x"""`).join('\n')}\n`,
  'small.csv': 'name,size\na,1\nb,2\n',
  'page.html': HOSTILE_HTML,
  'notes.ipynb': notebook([
    { cell_type: 'markdown', source: ['# Heading of it\n', HOSTILE_HTML, '\n[bad](javascript:alert(1))'] },
    code('def f(x):\n    return x', [
      { output_type: 'stream', name: 'stdout', text: 'printed\n' },
      { output_type: 'display_data', data: { 'image/png': PNG.toString('base64') } },
      { output_type: 'execute_result', data: { 'text/html': HOSTILE_HTML } },
      {
        output_type: 'display_data',
        data: { 'image/svg+xml': `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="${EVIL}"/>` },
      },
    ]),
  ]),
  'big.bin': LFS,
  'film.mp4': Buffer.alloc(2000),
  'data.bin': Buffer.alloc(2000),
  'huge.txt': 'y'.repeat(1_100_000),
  empty: '',
  'ways/in': { mode: '120000', data: '../src/code.ts' },
  'ways/out': { mode: '120000', data: '/etc/passwd' },
  lib: { submodule: '1'.repeat(40) },
}

const COMMITS: Draft[] = [
  {
    message: 'Begin',
    author: 'Zoë <zoe@example.com>',
    files: { 'old name.ts': SOURCE, 'gone.txt': 'a\n' },
    date: 1_500_000_000,
  },
  {
    message: 'Change the fifth',
    files: { 'old name.ts': SOURCE.replace('value4 = 4', 'value4 = 44') },
    date: 1_580_000_000,
  },
  {
    message: 'Rename it',
    files: { 'old name.ts': null, 'kept.ts': SOURCE.replace('value4 = 4', 'value4 = 44') },
    date: 1_600_000_000,
  },
  {
    message: 'Change the tenth',
    files: {
      'kept.ts': SOURCE.replace('value4 = 4', 'value4 = 44').replace('value9 = 9', 'value9 = 99'),
      'gone.txt': null,
    },
    date: 1_660_000_000,
  },
  {
    message: 'All kinds',
    files: { ...FILES, 'lines.txt': Array.from({ length: 2600 }, (_, i) => `line ${i + 1}`).join('\n') },
    date: 1_700_000_000,
  },
]

beforeAll(async () => {
  site = await openSite()
  const ada = await signIn(site.server)
  await ada.post('/2.0/repositories/ada/web')
  const bare = join(site.dir, 'all.git')
  oids = makeRepository(bare, { commits: COMMITS, refs: { 'refs/heads/main': 4, 'refs/heads/topic/one': 3 } })
  await git(bare, ['push', '-q', remoteOf(site, 'web'), 'main', 'topic/one'])
  browser = await openBrowser()
  page = await signedInPage(browser, site.server)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: site.server.url })
  page.on('dialog', (dialog) => {
    problems.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) problems.push(message.text())
  })
})
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})
beforeEach(async () => {
  await page.setViewportSize({ width: 1280, height: 800 })
})

const open = (path: string): Promise<unknown> => visit(page, `${site.server.url}/ada/web/${path}`)
/** Machines of tests are slow at times. */
const until = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 15_000 })
const facts = (): Promise<string> => page.locator('[data-facts]').innerText()
const copied = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText())

describe('text', () => {
  it('is coloured, with its facts and the commit that changed it last', async () => {
    await open('src/main/kept.ts')
    await page.getByText('Change the tenth').waitFor()
    const word = page.locator('#line-1 span', { hasText: 'export' }).first()
    await word.waitFor()
    const plain = await page.locator('#line-1').evaluate((row) => getComputedStyle(row).color)
    expect(await word.evaluate((span) => getComputedStyle(span).color)).not.toBe(plain)
    expect(await facts()).toMatch(/^\d+ B · 45 lines$/)
    expect(await pageFaults(page)).toEqual([])
  })
  it('links to lines and ranges, which stay when branch, way and address change', async () => {
    await open('src/main/kept.ts')
    await page.getByRole('button', { name: 'Link to line 5' }).click()
    await page.getByRole('button', { name: 'Link to line 8' }).click({ modifiers: ['Shift'] })
    await until(() => page.url()).toContain('#lines-5:8')
    expect(await page.locator('.code tr.marked').count()).toBe(4)
    const bar = page.getByRole('group', { name: 'Marked lines' })
    await bar.getByRole('button', { name: 'Copy link' }).click()
    await until(copied).toBe(`${site.server.url}/ada/web/src/main/kept.ts#lines-5:8`)
    await bar.getByRole('button', { name: 'Copy text' }).click()
    await until(copied).toBe(`${SOURCE.split('\n').slice(4, 8).join('\n').replace('= 4', '= 44')}\n`)
    await page.getByRole('combobox', { name: 'Branch or tag' }).click()
    await page.getByRole('option', { name: 'topic/one' }).click()
    await until(() => page.url()).toMatch(/\/src\/topic\/one\/kept\.ts#lines-5:8$/)
    await page.getByRole('region', { name: 'Content of kept.ts' }).waitFor()
    await page.locator('body').press('y')
    await until(() => page.url()).toContain(`/src/${oids[3]}/kept.ts#lines-5:8`)
    await page.getByRole('link', { name: 'Blame' }).click()
    await until(() => page.url()).toContain(`/annotate/${oids[3]}/kept.ts#lines-5:8`)
    await page.goBack()
    await until(() => page.url()).toContain(`/src/${oids[3]}/kept.ts#lines-5:8`)
  })
  it('wraps where that was wished for, on the next file too', async () => {
    await open('src/main/long.txt')
    await page.getByText('80,000 more characters in this line').waitFor()
    await page.getByRole('switch', { name: 'Wrap lines' }).click()
    await page.locator('.code.wrap').waitFor()
    await open('src/main/src/other.txt')
    await page.locator('.code.wrap').waitFor()
    await page.getByRole('switch', { name: 'Wrap lines' }).click()
    await page.locator('.code:not(.wrap)').waitFor()
  })
  it('has an outline to filter and to jump from', async () => {
    await open('src/main/src/code.ts')
    await page.getByRole('button', { name: 'Outline' }).click()
    const outline = page.getByRole('navigation', { name: 'Outline' })
    await outline.getByRole('link', { name: 'first' }).waitFor()
    await outline.getByLabel('Filter the outline').fill('sec')
    expect(await outline.getByRole('link').count()).toBe(1)
    await outline.getByRole('link', { name: 'Second' }).click()
    await until(() => page.url()).toContain('#lines-44')
    expect(await pageFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Outline' }).click()
  })
  it('warns of signs that turn its order, and shows them by their numbers', async () => {
    await open('src/main/odd.js')
    await page.getByText('This file holds signs that turn the order of its text').waitFor()
    await page.locator('#line-2 .odd', { hasText: 'U+202E' }).waitFor()
    await page.locator('#line-3 .odd', { hasText: 'U+200B' }).waitFor()
    expect(await page.locator('.code').innerText()).not.toMatch(/[\u202E\u2066\u200B]/)
    expect(await pageFaults(page)).toEqual([])
  })
  it('tells of line ends and marks, and of what is empty, large, binary or elsewhere', async () => {
    await open('src/main/crlf.txt')
    await until(facts).toBe('7 B · 2 lines · BOM · CRLF · no newline at the end')
    const words: [string, RegExp][] = [
      ['empty', /This file is empty/],
      ['huge.txt', /too large to show here/],
      ['data.bin', /This is a binary file/],
      ['film.mp4', /are not played here/],
      ['lib', /This is a submodule/],
      ['big.bin', /stored with Git LFS/],
      ['ways/out', /outside of this repository/],
    ]
    for (const [path, sentence] of words) {
      await open(`src/main/${path}`)
      await page.getByText(sentence).waitFor()
    }
    await open('src/main/big.bin')
    await page.getByText('117.7 MB').waitFor()
    await open('src/main/ways/in')
    await page.getByRole('link', { name: '../src/code.ts' }).click()
    await page.getByText('value39').waitFor()
  })
})

describe('previews', () => {
  it('a picture in its size, on a chequered ground', async () => {
    await open('src/main/pic.png')
    await page.getByText('64 × 32 pixels').waitFor()
    await page.getByRole('radiogroup', { name: 'Zoom' }).getByText('Own size').click()
    await page.locator('.picture.checkered:not(.fit)').waitFor()
    expect(await pageFaults(page)).toEqual([])
  })
  it('a drawing as a picture, or as its text', async () => {
    await open('src/main/draw.svg')
    await page.getByText('120 × 60 pixels').waitFor()
    await page.getByRole('radiogroup', { name: 'View' }).getByText('Source').click()
    await until(() => page.url()).toContain('view=source')
    await page.locator('#line-1', { hasText: 'fill="teal"' }).waitFor()
    expect(await page.locator('svg[onload]').count()).toBe(0)
  })
  it('a PDF page by page, drawn', async () => {
    await open('src/main/doc.pdf')
    const first = page.getByRole('img', { name: 'Page 1', exact: true })
    await page.locator('canvas[data-state="drawn"]').nth(4).waitFor()
    expect(await page.locator('canvas').count()).toBe(5)
    const dark = await first.evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] }
      let black = 0
      for (let i = 0; i < data.length; i += 4) if ((data[i] ?? 255) < 50) black++
      return black / (data.length / 4)
    })
    // The left half is black, and there is a little text.
    expect(dark).toBeGreaterThan(0.5)
    expect(dark).toBeLessThan(0.6)
    await page.getByRole('button', { name: 'Show more pages' }).click()
    await page.getByText('7 pages').waitFor()
    expect(await pageFaults(page)).toEqual([])
    await open('src/main/broken.pdf')
    await page.getByText('This PDF is damaged').waitFor()
  })
  it('a table with its head, row by row on demand', async () => {
    await open('src/main/data.csv')
    await page.getByRole('columnheader', { name: 'a, b' }).waitFor()
    await page.getByText('The first 1,000 rows').waitFor()
    expect(await page.getByRole('row').nth(3).innerText()).toMatch(/row 2\s+2\n"x"/)
    await page.getByRole('button', { name: 'Show more rows' }).click()
    await page.getByText('1,500 rows').waitFor()
  })
  it('a notebook with what it put out, of which nothing runs', async () => {
    await open('src/main/notes.ipynb')
    await page.getByRole('heading', { name: 'Heading of it' }).waitFor()
    await page.getByText('printed').waitFor()
    await page.getByText('bold', { exact: true }).first().waitFor()
    const drawn = page.getByRole('img', { name: 'What cell 2 drew' })
    await until(() => drawn.first().evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(64)
    const box = page.getByRole('region', { name: 'Notebook' })
    expect(await box.locator('script, style, form, iframe, button, [onerror], [href^="javascript:"]').count()).toBe(0)
    expect(await pageFaults(page)).toEqual([])
  })
})

describe('blame', () => {
  it('says who made each line, and leads to what was before', async () => {
    await open('annotate/main/kept.ts')
    const row = page.locator('#line-11')
    await row.getByRole('link', { name: 'Change the tenth' }).waitFor()
    await page.locator('#line-1').getByRole('link', { name: 'Begin' }).waitFor()
    const shade = (line: number): Promise<string> =>
      page.locator(`#line-${line} .who`).evaluate((cell) => getComputedStyle(cell).borderLeftColor)
    expect(await shade(1)).not.toBe(await shade(11))
    expect(await shade(1)).toBe(await shade(2))
    expect(await pageFaults(page)).toEqual([])
    await row.getByRole('link', { name: 'Change the tenth' }).hover()
    await page.getByText(oids[3]?.slice(0, 12) ?? '').waitFor()
    await row.getByRole('link', { name: 'Blame before this change of line 11' }).click()
    await until(() => page.url()).toContain(`/annotate/${oids[2]}/kept.ts#lines-11`)
    await page.locator('#line-11.marked').waitFor()
    await page.locator('#line-6').getByRole('link', { name: 'Change the fifth' }).waitFor()
    // The change was made under the name before.
    await page
      .locator('#line-6')
      .getByRole('link', { name: /^Blame before this change/ })
      .click()
    await until(() => page.url()).toContain(`/annotate/${oids[0]}/old%20name.ts#lines-6`)
    await page.locator('#line-6', { hasText: 'value4 = 4' }).waitFor()
  })
  it('names the author on a phone too, and cuts no sign off', async () => {
    await page.setViewportSize({ width: 375, height: 800 })
    await open('annotate/main/kept.ts')
    const who = page.locator('#line-11 .who')
    await who.getByText('Ada', { exact: true }).waitFor()
    const [cell, sign] = await Promise.all([
      who.boundingBox(),
      who.getByRole('link', { name: /^Blame before/ }).boundingBox(),
    ])
    expect(cell && sign && sign.x + sign.width <= cell.x + cell.width).toBe(true)
    await page.setViewportSize({ width: 1280, height: 800 })
  })
  it('loads a long file as it is read, from the line that is named on', async () => {
    await open('annotate/main/lines.txt#lines-1500')
    await page.locator('#line-1500.marked').waitFor()
    expect(await page.locator('#line-1500').isVisible()).toBe(true)
    expect(await page.locator('#line-1').count()).toBe(0)
    await page.locator('#line-2000').scrollIntoViewIfNeeded()
    await page.locator('#line-2600').waitFor()
    await page.getByRole('button', { name: 'Lines before' }).click()
    await page.locator('#line-1').waitFor({ state: 'attached' })
  })
  it('says why there is none', async () => {
    await open('annotate/main/pic.png')
    await page.getByText('This is a binary file').waitFor()
    await open('annotate/main/src')
    await page.getByText('This is a folder').waitFor()
  })
})

describe('history', () => {
  it('goes on under the names before, with ways to each version', async () => {
    await open('history/main/kept.ts')
    const versions = page.getByRole('region', { name: 'Versions' })
    await versions.getByText('Begin').waitFor()
    expect(await versions.getByText('was old name.ts').count()).toBe(1)
    await versions.getByRole('link', { name: 'View the file' }).last().click()
    await until(() => page.url()).toContain(`/src/${oids[0]}/old%20name.ts`)
    await page.getByText('value4 = 4').first().waitFor()
  })
  it('of what was removed is there, and a missing file says when it went', async () => {
    await open('src/main/gone.txt')
    await page.getByText(/^It was there until Ada removed it/).waitFor()
    expect(await pageFaults(page)).toEqual([])
    await page.getByRole('link', { name: 'Its history' }).click()
    await page.getByText('deleted').waitFor()
    await page.goBack()
    await page.getByRole('link', { name: 'As it was last' }).click()
    await until(() => page.url()).toContain(`/src/${oids[0]}/gone.txt`)
    await open('src/main/src/none/at/all.txt')
    await page.getByRole('link', { name: 'The folder src' }).click()
    await page.getByRole('link', { name: 'code.ts' }).waitFor()
  })
})

const ON_PHONE = [
  ['light', ['src/main/kept.ts#lines-3', 'history/main/kept.ts', 'src/main/notes.ipynb', 'src/main/odd.js']],
  ['dark', ['annotate/main/kept.ts', 'src/main/small.csv', 'src/main/doc.pdf', 'src/main/gone.txt']],
] as const
it.each(ON_PHONE)('pages fit a phone, %s', async (colorScheme, paths) => {
  await page.setViewportSize({ width: 390, height: 800 })
  await page.emulateMedia({ colorScheme })
  for (const path of paths) {
    await open(path)
    await page.waitForLoadState('networkidle')
    expect(await pageFaults(page), path).toEqual([])
  }
})

it('nothing of all that was hostile ran', async () => {
  expect(problems).toEqual([])
  expect(await page.evaluate(() => 'evil' in window)).toBe(false)
})
