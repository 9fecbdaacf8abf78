// GitHub's Markdown, links into the repository, and hostile HTML: what comes out is compared to the letter, or searched.
import { describe, expect, it } from 'vitest'
import { languageOf, renderText } from './render.ts'

const place = { pages: '/team/app/src/main', raw: '/2.0/repositories/team/app/src/main', folder: 'docs/deep' }
const render = (text: string): string => renderText(text, 'markdown', place)
const hrefs = (text: string): string[] => [...render(text).matchAll(/ href="([^"]*)"/g)].map(([, href = '']) => href)

describe('GitHub-flavoured Markdown', () => {
  it('tables, aligned without styles', () => {
    const html = render('| a | b |\n|:-:|--:|\n| 1 | ~~2~~ |\n')
    expect(html).toContain('<th align="center">a</th>')
    expect(html).toContain('<td align="right"><s>2</s></td>')
    expect(html).not.toContain('style')
  })
  it('task lists', () => {
    const html = render('- [ ] open\n- [x] shut\n- [y] neither\n')
    expect(html).toContain('<li class="markup-task"><input type="checkbox" disabled aria-label="To do" /> open</li>')
    expect(html).toContain('aria-label="Done" checked /> shut</li>')
    expect(html).toContain('<li>[y] neither</li>')
  })
  it('footnotes, with ids that are no ids of the page', () => {
    const html = render('Text[^a]\n\n[^a]: Note')
    expect(html).toContain('<a href="#fn1" id="user-content-fnref1">[1]</a>')
    expect(html).toContain('<li class="footnote-item" id="user-content-fn1">')
  })
  it.each(['NOTE', 'tip', 'IMPORTANT', 'WARNING', 'CAUTION'])('alert %s', (kind) => {
    const html = render(`> [!${kind}]\n> Mind *this*.\n\n> plain`)
    expect(html).toContain(`<div class="markup-alert markup-alert-${kind.toLowerCase()}">`)
    expect(html).toContain('Mind <em>this</em>.</p>\n</div>\n<blockquote>')
  })
  it('headings have ids and lead to themselves', () => {
    const html = render('# Héllo, *World*!\n\n## Héllo, World')
    expect(html).toContain('<h1 id="user-content-héllo-world">Héllo, <em>World</em>! ')
    expect(html).toContain('<h2 id="user-content-héllo-world-1">')
    expect(html).toContain('href="#h%C3%A9llo-world-1"')
  })
  it('addresses become links, words with dots do not', () => {
    expect(hrefs('https://a.test/x and a@b.test and README.md')).toEqual(['https://a.test/x', 'mailto:a@b.test'])
  })
  it('code keeps its language, diagrams and formulas their text', () => {
    expect(render('```C++ title\na < b\n```')).toBe('<pre><code class="language-c++">a &lt; b\n</code></pre>\n')
    expect(render('```mermaid\nA-->B\n```')).toBe('<pre class="markup-mermaid">A--&gt;B\n</pre>\n')
    expect(render('```math\nx^2\n```')).toBe('<pre class="markup-math">x^2\n</pre>\n')
  })
})

function formulas(text: string): string[] {
  return [...render(text).matchAll(/<(?:code|pre) class="markup-math[^"]*">([^<]*)</g)].map(([, found = '']) => found)
}

describe('formulas', () => {
  it.each([
    ['$a^2$', ['a^2']],
    ['($x_1$, $y_2$)', ['x_1', 'y_2']],
    ['$`a$b`$', ['a$b']],
    ['$$\nx\\\\\ny\n$$', ['x\\\\\ny']],
    ['$$x$$', ['x']],
    ['so $$x$$ it is', ['x']],
    ['- item\n\n  $$\n  z\n  $$', ['z']],
    ['$\\$5$', ['\\$5']],
  ])('%s', (text, found) => {
    expect(formulas(text)).toEqual(found)
  })
  it.each(['$5 and $10', '$HOME/$PATH', '\\$x\\$', 'a$b$c', '$ x $', '`$x$`', '$$\nnever closed'])(
    '%s is none',
    (text) => {
      expect(formulas(text)).toEqual([])
    },
  )
})

describe('links', () => {
  it.each([
    ['[x](y.md)', '/team/app/src/main/docs/deep/y.md'],
    ['[x](./y%20z.md#part-2)', '/team/app/src/main/docs/deep/y%20z.md#part-2'],
    ['[x](../../LICENSE?raw=true)', '/team/app/src/main/LICENSE'],
    ['[x](/src/a#b.c)', '/team/app/src/main/src/a#b.c'],
    ['[x](caf%C3%A9/)', '/team/app/src/main/docs/deep/caf%C3%A9'],
    ['[x](#there)', '#there'],
    ['[x](https://a.test/?q=1)', 'https://a.test/?q=1'],
    ['<a href="/y">x</a>', '/team/app/src/main/y'],
    ['[x](/\\evil.test)', '/team/app/src/main/%5Cevil.test'],
  ])('%s', (text, href) => {
    expect(hrefs(text)).toEqual([href])
  })
  it.each([
    '[x](../../../out)',
    '[x](//evil.test)',
    '<a href="\\\\evil.test">x</a>',
    '<a href="java\nscript:alert(1)">x</a>',
    '<a href=" &#1; javascript:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<a href="vbscript:x">x</a>',
    '<a href="file:///etc/passwd">x</a>',
    '<a href="blob:x">x</a>',
  ])('%j leads nowhere', (text) => {
    expect(hrefs(text)).toEqual([])
  })
  it('pictures come from the repository, those of others are words', () => {
    expect(render('![a](b.png)')).toContain('<img alt="a" src="/2.0/repositories/team/app/src/main/docs/deep/b.png" />')
    expect(render('<img src="/b.png" width="10">')).toContain('src="/2.0/repositories/team/app/src/main/b.png"')
    expect(render('![badge](https://a.test/b.svg)')).toContain(
      '<span class="markup-outside" title="https://a.test/b.svg">badge</span>',
    )
    expect(render('<picture><source srcset="dark.png 2x" media="(x)"><img src="b.png"></picture>')).toContain(
      '<source media="(x)" srcset="/2.0/repositories/team/app/src/main/docs/deep/dark.png" />',
    )
  })
  it('without a place only the web is linked', () => {
    expect(renderText('[x](y) [z](https://a.test) ![p](p.png)', 'markdown')).toBe(
      '<p><a>x</a> <a href="https://a.test/" rel="nofollow noopener noreferrer">z</a> <span class="markup-outside">p</span></p>\n',
    )
  })
})

const HOSTILE = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<img src="x" onerror="alert(1)" style="position:fixed">',
  '<svg onload=alert(1)><script>alert(1)</script></svg>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<iframe src="javascript:alert(1)"></iframe><object data=x></object><embed src=x>',
  '<form action=/session><button formaction=/x>go</button><input name=password type=password></form>',
  '<a href="javascript&colon;alert(1)">x</a>',
  '<div style="background:url(javascript:alert(1))" class="card mantine-Modal">x</div>',
  '<base href="//evil.test"><meta http-equiv=refresh content="0;url=//evil.test"><link rel=stylesheet href=//evil.test>',
  '<style>*{display:none}</style><textarea><img src=x onerror=alert(1)></textarea>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
  '<p id=root class=shell>x</p><a name=main>y</a>',
  '<details ontoggle=alert(1) open>x</details><video src=x onerror=alert(1)></video><audio autoplay src=x></audio>',
  '[x](<javascript:alert(1)>) ![x](javascript:alert(1)) <javascript:alert(1)> [y]\n\n[y]: javascript:alert(1)',
  '```"onmouseover="alert(1)\n```',
  '# <img src=x onerror=alert(1)> "onclick="alert(1)',
  '$<img src=x onerror=alert(1)>$\n\n```mermaid\n</pre><script>alert(1)</script>\n```',
  '[^"><img src=x onerror=alert(1)>]\n\n[^"><img src=x onerror=alert(1)>]: x',
  '<IMG """><SCRIPT>alert(1)</SCRIPT>">',
  '<<script>alert(1)//<</script>',
  '<a\u0000href="javascript:alert(1)">x</a><x-y onclick=alert(1)>z</x-y>',
]

it.each(HOSTILE)('nothing of %j can run, post, frame or pose as the page', (text) => {
  const tags = [...render(text).matchAll(/<[a-z][^>]*>/gi)].map(([tag]) => tag)
  for (const tag of tags) {
    expect(tag).not.toMatch(
      /^<(script|style|svg|math|iframe|object|embed|form|button|textarea|base|meta|link|video|audio|noscript|x-y)/i,
    )
    expect(tag.replace(/"[^"]*"/g, '""')).not.toMatch(/\s(on\w+|style|name|formaction|action)\s*=/i)
    expect(tag).not.toMatch(/ (href|src|srcset)="\s*(javascript|data|vbscript|\/\/)/i)
    for (const [, id = ''] of tag.matchAll(/ id="([^"]*)"/g)) expect(id).toMatch(/^user-content-/)
    for (const [, names = ''] of tag.matchAll(/ class="([^"]*)"/g))
      expect(names).toMatch(/^(markup-|language-|footnote|$)/)
  }
})

it('what is no Markdown is shown as it is', () => {
  expect(['a.md', 'B.MARKDOWN', 'x/y.mkd', 'a.rst', 'README', 'a.md.txt'].map(languageOf)).toEqual([
    'markdown',
    'markdown',
    'markdown',
    'plaintext',
    'plaintext',
    'plaintext',
  ])
  expect(renderText('<b> & *c*', 'plaintext')).toBe('<pre>&lt;b&gt; &amp; *c*</pre>')
})
