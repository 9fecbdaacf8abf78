// The thread around the renderer: texts made to take for ever or to fill the memory end, and others go on.
import { afterAll, expect, it } from 'vitest'
import { openMarkup } from './markup.ts'

const markup = openMarkup({ deadlineMs: 4000 })
afterAll(() => markup.close())

const place = (ref: string) => ({ pages: `/a/b/src/${ref}`, raw: `/2.0/${ref}`, folder: '' })

it('renders once and remembers, by text and place', async () => {
  const text = '[x](y)'
  const one = await markup.render(text, 'markdown', place('main'))
  expect(one).toEqual({ html: '<p><a href="/a/b/src/main/y">x</a></p>\n', plain: false })
  expect(await markup.render(text, 'markdown', place('main'))).toEqual(one)
  expect(markup.rendered).toBe(1)
  expect((await markup.render(text, 'markdown', place('dev'))).html).toContain('/a/b/src/dev/y')
  expect(markup.rendered).toBe(2)
})

it.each([
  ['much of little', `[x]: /${'y'.repeat(50_000)}\n\n${'[x] '.repeat(50_000)}`],
  ['elements inside each other', '<div>'.repeat(1_000_000)],
])('%s are shown as text, and the next one is rendered', async (_name, text) => {
  const [hostile, calm] = await Promise.all([markup.render(text, 'markdown'), markup.render('*calm*', 'markdown')])
  expect(hostile.plain).toBe(true)
  expect(hostile.html.startsWith('<pre>')).toBe(true)
  expect(calm).toEqual({ html: '<p><em>calm</em></p>\n', plain: false })
})
