// npm run icons: draws the pictures of the program and of its tray from the one mark, in every size that systems want.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './fresh.mjs'
import { openBrowser } from '../test/helpers/browser.ts'

const out = join(root, 'build', 'icons')
const mark = readFileSync(join(root, 'renderer', 'public', 'mark.svg'), 'utf8')

/** The house of the mark without its tile: the tray is too small for both. Color and form tell the states apart. */
const HOUSE = 'M11 2 2 9.6h2.4V20h13.2V9.6H20z'
const DOOR = '<path d="M9 20v-5.2h4V20z" fill="#fff"/>'
const TRAY: Record<string, string> = {
  running: `<path d="${HOUSE}" fill="#2f9e6e"/>${DOOR}`,
  busy: `<path d="${HOUSE}" fill="#d98a1d"/><g fill="#fff"><circle cx="7.4" cy="14" r="1.3"/><circle cx="11" cy="14" r="1.3"/><circle cx="14.6" cy="14" r="1.3"/></g>`,
  stopped: `<path d="${HOUSE}" fill="none" stroke="#8a918d" stroke-width="1.8" stroke-linejoin="round"/>`,
  failed: `<path d="${HOUSE}" fill="#d64545"/><path d="M11 9v5" stroke="#fff" stroke-width="2" stroke-linecap="round"/><circle cx="11" cy="17" r="1.2" fill="#fff"/>`,
}
/** In points; the second picture of each is for screens of twice as many dots. */
const TRAY_SIZE = 22
const ICON_SIZE = 1024

mkdirSync(out, { recursive: true })
const browser = await openBrowser()
try {
  await draw('icon.png', mark, ICON_SIZE)
  for (const [state, inner] of Object.entries(TRAY)) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 22 22">${inner}</svg>`
    await draw(`tray-${state}.png`, svg, TRAY_SIZE)
    await draw(`tray-${state}@2x.png`, svg, TRAY_SIZE * 2)
  }
} finally {
  await browser.close()
}

async function draw(name: string, svg: string, size: number): Promise<void> {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`)
  writeFileSync(join(out, name), await page.screenshot({ omitBackground: true }))
  await page.close()
}
