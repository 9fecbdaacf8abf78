// Commits, their changes and comparisons in a real browser: graph, filters, one column and two, and very many files.
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, pageFaults, settled, signedInPage, visit } from '../helpers/browser.ts'
import { git } from '../helpers/git.ts'
import { signIn } from '../helpers/client.ts'
import { type Draft, makeRepository } from '../helpers/repos.ts'
import { closeSite, openSite, remoteOf, type Site } from '../helpers/site.ts'

const DAY = 86_400
const NOON = Date.parse('2026-03-10T12:00:00Z') / 1000
/** Two pictures of one dot. */
const PICTURES = ['/x8AAwMCAO+ip1sAAAAASUVORK5CYII=', '/wcAAwAB/epv2AAAAABJRU5ErkJggg=='].map((end) =>
  Buffer.from(`iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9Q${end}`, 'base64'),
)
const MANY = 3000
const code = (change: (line: number) => string | undefined): string =>
  Array.from({ length: 100 }, (_unused, i) => `${change(i) ?? `const value${i} = compute(${i})`}\n`).join('')
const EVIL = '<img src=x onerror=alert(1)>'

const COMMITS: Draft[] = [
  {
    date: NOON,
    author: 'Bo <bo@example.com>',
    message: 'Begin',
    files: {
      'src/a.ts': code(() => undefined),
      'space.txt': 'one two\n',
      'old-name.txt': code(() => undefined),
      'logo.png': PICTURES[0] ?? '',
      'package-lock.json': '{}\n',
      run: 'x\n',
    },
  },
  { parents: [0], date: NOON + DAY, author: 'Cy <cy@example.com>', message: 'On the side', files: { side: 's\n' } },
  {
    parents: [0],
    date: NOON + DAY + 60,
    author: 'Bo <bo@example.com>',
    message: 'On the main line',
    files: { main: 'm\n' },
  },
  { parents: [2, 1], date: NOON + 2 * DAY, message: 'Merge the side', files: { side: 's\n' } },
  {
    date: NOON + 3 * DAY,
    author: `${EVIL.replace(/[<>]/g, '')} <evil@example.com>`,
    message: `Change much ${EVIL}\n\nSee https://example.com/why and javascript:alert(1)`,
    files: {
      'src/a.ts': code((i) => (i === 40 ? 'const price = compute(41)' : undefined)),
      'space.txt': 'one  two\n',
      'old-name.txt': null,
      'new-name.txt': code((i) => (i === 2 ? 'changed' : undefined)),
      'logo.png': PICTURES[1] ?? '',
      'package-lock.json': '{ "version": 3 }\n',
      'huge.txt': 'a line\n'.repeat(2500),
      'data.bin': Buffer.from([0, 1, 2]),
      run: { mode: '100755', data: 'x\n' },
      lib: { submodule: '3'.repeat(40) },
      'film.mov': `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 2048\n`,
      [`z${EVIL}.txt`]: 'evil <b>bold</b>\n',
    },
  },
  {
    date: NOON + 4 * DAY,
    message: 'Bring very many files',
    files: Object.fromEntries(
      Array.from({ length: MANY }, (_unused, i) => [
        `many/${i % 30}/file${String(i).padStart(4, '0')}.ts`,
        `const n = ${i}\n`,
      ]),
    ),
  },
  { parents: [], date: NOON + 5 * DAY, message: 'Another beginning', files: { other: 'o\n' } },
]

let site: Site
let browser: Browser
let page: Page
let oids: string[]
const problems: string[] = []

beforeAll(async () => {
  site = await openSite()
  const path = join(site.dir, 'past.git')
  const refs = {
    'refs/heads/main': 4,
    'refs/heads/many': 5,
    'refs/heads/side': 1,
    'refs/heads/alone': 6,
    'refs/tags/v1': 0,
  }
  oids = makeRepository(path, { commits: COMMITS, refs })
  await (await signIn(site.server)).post('/2.0/repositories/ada/past')
  await git(path, ['push', '-q', remoteOf(site, 'past'), 'refs/heads/*:refs/heads/*', 'refs/tags/*:refs/tags/*'])
  browser = await openBrowser()
  page = await signedInPage(browser, site.server)
  page.on('dialog', (dialog) => (problems.push('a dialog'), void dialog.dismiss()))
  page.on('pageerror', (error) => problems.push(error.message))
})
afterAll(async () => {
  await browser.close()
  await closeSite(site)
})

const open = (path: string): Promise<unknown> => visit(page, `${site.server.url}/ada/past${path}`)
const file = (name: string) => page.getByRole('region', { name, exact: true })
const texts = (selector: string): Promise<string[]> => page.locator(selector).allInnerTexts()
/** Goes to a file by the tree. */
async function goTo(name: string): Promise<ReturnType<typeof file>> {
  await page.getByTitle(`${name}: `).click()
  await file(name).waitFor()
  return file(name)
}
/** Like `expect.poll`, for a machine that is busy. */
const soon = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 15_000 })
const nodes = (): Promise<number> => page.evaluate(() => document.querySelectorAll('*').length)

describe('commits', () => {
  it('stand beside a graph, with the branches and tags that point at them', async () => {
    await open('/commits')
    await page.getByText('Merge the side').waitFor()
    expect(await page.locator('.commit-row circle').count()).toBe(5)
    const merge = page.locator('.commit-row', { hasText: 'Merge the side' })
    expect(await merge.locator('path[stroke]').count()).toBe(3)
    const side = page.locator('.commit-row', { hasText: 'On the side' })
    await side.getByText('side', { exact: true }).waitFor()
    expect(await page.locator('.commit-row', { hasText: 'Begin' }).getByTitle('tag v1').count()).toBe(1)
    expect(await pageFaults(page)).toEqual([])
  })

  it('are narrowed by the address, which says so and goes back', async () => {
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.getByLabel('Author').fill('bo@')
    await page.getByLabel('Up to day').fill('2026-03-11')
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.waitForURL(/author=bo.*until=2026-03-11/)
    await soon(() => texts('.commit-line > a')).toEqual(['On the main line', 'Begin'])
    expect(await page.locator('circle').count()).toBe(0)
    const summary = page.getByRole('group', { name: 'The list is narrowed' })
    expect(await summary.innerText()).toMatch(/by bo@.*up to Mar 11, 2026/s)
    await summary.getByRole('button', { name: 'Not by bo@' }).click()
    await page.getByText('On the side').waitFor()
    await page.goBack()
    await soon(() => texts('.commit-line > a')).toEqual(['On the main line', 'Begin'])
    await page.goBack()
    await page.getByText('Merge the side').waitFor()
    await open('/commits?message=nowhere')
    await page.getByText('No commit fits all of this.').waitFor()
    await page.getByRole('button', { name: 'Clear all' }).click()
    await page.getByText('Merge the side').waitFor()
  })
})

describe('a commit', () => {
  it('says what it is, as text', async () => {
    await open(`/commit/${oids[4]}`)
    await page.getByRole('heading', { name: `Change much ${EVIL}` }).waitFor()
    const links = await page.locator('pre a').evaluateAll((all) => all.map((link) => link.getAttribute('href')))
    expect(links).toEqual(['https://example.com/why'])
    await page.getByRole('group', { name: 'Branches and tags that have it' }).getByText('many').waitFor()
    await page.getByText('11 files').waitFor()
  })

  it('shows changed words, and lines around them when asked', async () => {
    const shown = await goTo('src/a.ts')
    await shown.locator('.word').first().waitFor()
    expect(await shown.locator('.removed .word').allInnerTexts()).toEqual(['value40', '40'])
    expect(await shown.locator('.added .word').allInnerTexts()).toEqual(['price', '41'])
    await soon(() => shown.locator('.added span[style]').count()).toBeGreaterThan(3)
    expect(await shown.locator('tr').count()).toBe(10)
    await shown.getByRole('button', { name: 'More above' }).click()
    await shown.locator('[data-number="20"]').first().waitFor()
    expect(await shown.getByText('const value16 =').count()).toBe(0)
    await shown.getByRole('button', { name: 'Show all' }).first().click()
    await shown.getByText('const value0 =').waitFor()
    await shown.getByRole('button', { name: 'Show all' }).click()
    await shown.getByText('const value99 =').waitFor()
    expect(await shown.getByRole('button', { name: 'Show all' }).count()).toBe(0)
  })

  it('shows two columns, and remembers it', async () => {
    await page.getByText('Side by side', { exact: true }).first().click()
    await (await goTo('src/a.ts')).locator('table.split').waitFor()
    await page.reload()
    const shown = await goTo('src/a.ts')
    const pair = shown.locator('table.split tr', { has: page.locator('.removed') })
    await pair.waitFor()
    expect(await pair.locator('.text').allInnerTexts()).toEqual([
      '−const value40 = compute(40)',
      '+const price = compute(41)',
    ])
    expect(await pageFaults(page)).toEqual([])
    await page.getByText('One column', { exact: true }).click()
  })

  it('leaves white space out of account when asked, and says so in the address', async () => {
    const shown = await goTo('space.txt')
    await shown.locator('.added .word').waitFor()
    await page.getByLabel('Ignore white space').click({ force: true })
    await page.waitForURL(/space=ignore/)
    await (await goTo('space.txt')).getByText('Only white space was changed.').waitFor()
    await page.getByLabel('Ignore white space').click({ force: true })
    await (await goTo('space.txt')).locator('.added .word').waitFor()
  })

  it('folds what nobody reads, with the reason', async () => {
    const lock = await goTo('package-lock.json')
    await lock.getByText('This file is written by a program.').waitFor()
    await lock.getByRole('button', { name: 'Show the changes' }).click()
    await lock.getByText('"version"').waitFor()
    const huge = await goTo('huge.txt')
    await huge.getByText('2,500 lines changed.').waitFor()
    await huge.getByRole('button', { name: 'Show the changes' }).click()
    await huge.getByText('1,000 of 2,500 lines').waitFor()
  })

  it('says in words what no line shows', async () => {
    const said: [string, string][] = [
      ['new-name.txt', 'Renamed from old-name.txt.'],
      ['run', 'It was made executable.'],
      ['data.bin', 'A binary file.'],
      ['lib', 'A submodule at commit 333333333333.'],
      ['film.mov', 'Kept in Git LFS: 2.0 KB.'],
    ]
    for (const [name, sentence] of said) await (await goTo(name)).getByText(sentence).waitFor()
    await (await goTo(`z${EVIL}.txt`)).getByText('evil <b>bold</b>').waitFor()
  })

  it('compares pictures in three ways', async () => {
    const shown = await goTo('logo.png')
    await shown.getByText('After · 1 × 1').waitFor()
    expect(await shown.locator('img').count()).toBe(2)
    await shown.getByText('Swipe').click()
    const over = shown.locator('img.over')
    expect(await over.evaluate((image) => image.style.clipPath)).toContain('50%')
    await shown.getByRole('slider').press('ArrowRight')
    expect(await over.evaluate((image) => image.style.clipPath)).toContain('49%')
    await shown.getByText('Onion skin').click()
    expect(await over.evaluate((image) => image.style.opacity)).toBe('0.51')
  })

  it('has an address for each line', async () => {
    await (await goTo('src/a.ts')).locator('.added .number').last().click()
    await page.waitForURL(/#file-[0-9a-f]{8}-new-41$/)
    const address = page.url()
    await page.goto('about:blank')
    await page.goto(address)
    const picked = page.locator('tr.picked')
    await picked.getByText('const price = compute(41)').waitFor()
    await soon(() => picked.evaluate((row) => row.getBoundingClientRect().top)).toBeLessThan(700)
  })

  it('of two parents is compared with either', async () => {
    await open(`/commit/${oids[3]}`)
    await file('side').waitFor()
    await page.getByRole('combobox', { name: 'Compared with which parent' }).click()
    await page.getByRole('option', { name: /parent 2/ }).click()
    await file('main').waitFor()
    expect(await file('side').count()).toBe(0)
    await page.goBack()
    await file('side').waitFor()
  })
})

it('a commit of 3,000 files draws those in sight, wherever one looks', async () => {
  await open(`/commit/${oids[5]}`)
  await page.getByText('3,000 files').waitFor()
  await file('many/0/file0000.ts').getByText('const n = 0').waitFor()
  const drawnMs = Math.round(await page.evaluate(() => performance.now()))
  console.log({ drawnMs, ...(await page.evaluate(scrollOn)) })
  const seen = [await nodes()]
  for (const part of [0.3, 0.7, 1]) {
    await page.evaluate((part) => scrollTo(0, document.body.scrollHeight * part), part)
    await soon(() => page.locator('.changed-file .added').count()).toBeGreaterThan(1)
    seen.push(await nodes())
  }
  expect(Math.max(...seen)).toBeLessThan(2500)
  expect(await page.locator('.changed-file').count()).toBeLessThan(40)
  await page.getByLabel('Find a changed file').fill('file1234')
  await goTo('many/4/file1234.ts')
  await file('many/4/file1234.ts').getByText('const n = 1234').waitFor()
  await page.getByLabel('Find a changed file').fill('')
  await page.getByLabel('Find a changed file').blur()
  await page.keyboard.press('n')
  await soon(() => page.locator('.tree-row[aria-current="true"]').innerText()).toMatch(/file1264/)
  await page.keyboard.press('p')
  await soon(() => page.locator('.tree-row[aria-current="true"]').innerText()).toMatch(/file1234/)
})

/** As fast as one reads by the wheel, for two seconds; gives how far apart the frames were, and what the page holds then. */
async function scrollOn(): Promise<Record<'half' | 'most' | 'worst' | 'paintMs' | 'heapMiB', number>> {
  const gaps: number[] = []
  const began = performance.now()
  for (let last = began; last - began < 2000;) {
    const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve))
    scrollTo(0, (now - began) * 4)
    gaps.push(Math.round(now - last))
    last = now
  }
  gaps.sort((a, b) => a - b)
  const at = (part: number): number => gaps[Math.floor((gaps.length - 1) * part)] ?? 0
  const { usedJSHeapSize } = Reflect.get(performance, 'memory') as { usedJSHeapSize: number }
  const [paint] = performance.getEntriesByName('first-contentful-paint')
  scrollTo(0, 0)
  return {
    half: at(0.5),
    most: at(0.95),
    worst: at(1),
    paintMs: Math.round(paint?.startTime ?? 0),
    heapMiB: Math.round(usedJSHeapSize / 2 ** 20),
  }
}

async function pick(label: string, name: string): Promise<void> {
  const box = page.getByRole('combobox', { name: label })
  await box.fill(name)
  await page.getByRole('option', { name, exact: true }).click()
}

describe('two revisions', () => {
  it('are chosen, swapped, and shown as changes and commits', async () => {
    await open('/compare')
    await page.getByText('Choose what to compare.').waitFor()
    await pick('Changes in', 'side')
    await page.waitForURL(/compare\/side\.\.main$/)
    await page
      .getByText('side is 1 commit ahead')
      .or(page.getByText('side is 0 commits ahead of and 3 commits'))
      .waitFor()
    await page.getByRole('button', { name: 'Swap the two' }).click()
    await page.waitForURL(/compare\/main\.\.side$/)
    await file('src/a.ts').or(file('data.bin')).first().waitFor()
    await page.getByRole('tab', { name: /Commits \(/ }).click()
    await page.waitForURL(/tab=commits/)
    await page.getByText('On the main line').waitFor()
    expect(await page.getByText('On the side').count()).toBe(0)
    expect(await pageFaults(page)).toEqual([])
    await page.goBack()
    await page.getByText('Since they parted').waitFor()
  })
  it('that are the same, strangers to each other, or not there, are told', async () => {
    await open(`/compare/v1..${oids[0]}`)
    await page.getByText('are at the same commit').waitFor()
    await open('/compare/alone..side')
    await page.getByText('The two have no common history').waitFor()
    await file('other').waitFor()
    await open('/compare/main..side')
    await page.getByRole('combobox', { name: 'Compared with' }).fill('nowhere')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('There is no branch, tag or commit called nowhere.').waitFor()
    expect(await page.getByRole('option').count()).toBe(0)
    await open('/commit/deadbeef')
    await page.getByText('There is no commit deadbeef here.').waitFor()
  })
})

it('on a phone, and in the dark, all of it fits and can be read', async () => {
  await page.setViewportSize({ width: 390, height: 800 })
  const places = ['/commits?author=bo', '/commits', `/commit/${oids[4]}`, '/compare/main..side']
  for (const [at, place] of places.entries()) {
    await page.emulateMedia({ colorScheme: at % 2 === 0 ? 'dark' : 'light' })
    await open(place)
    await page.locator('.commit-row, .changed-file').first().waitFor()
    expect(await page.locator('circle, table.split').count(), place).toBe(0)
    expect(await pageFaults(page), place).toEqual([])
  }
  await page.getByRole('button', { name: 'Files' }).click()
  await page.getByRole('dialog').getByTitle('src/a.ts: ').click()
  await file('src/a.ts').locator('.word').first().waitFor()
  await page.emulateMedia({ colorScheme: 'dark' })
  await settled(page)
  expect(await pageFaults(page)).toEqual([])
  expect(problems).toEqual([])
})
