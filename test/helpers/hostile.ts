// Text that would be a program wherever it is taken for one: in fields, in names, and in files of each kind that is drawn.
import { code, notebook, pdf } from './samples.ts'
import type { Draft } from './repos.ts'

/** Shows where it is seen by its mark, and calls `hacked` where it is taken for more than text. At most 60 characters. */
export function hostile(mark: string): string {
  return `${mark}"'><img src=x onerror=hacked()><svg onload=hacked()>`
}

/** As far as git lets a ref or a path have it: without spaces. */
export function hostileName(mark: string): string {
  return `${mark}"'><img/src=x/onerror=hacked()>`
}

const TAGS = [
  '<script>hacked()</script>',
  '<img src=x onerror=hacked()>',
  '<svg onload=hacked()><script>hacked()</script><animate onbegin=hacked() attributeName=x dur=1s></svg>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=hacked()&gt;">',
  '<noscript><p title="</noscript><img src=x onerror=hacked()>"></noscript>',
  '<iframe srcdoc="<script>parent.hacked()</script>"></iframe><iframe src="javascript:parent.hacked()"></iframe>',
  '<object data="javascript:hacked()"></object><embed src="javascript:hacked()">',
  '<base href="https://evil.test/"><meta http-equiv=refresh content="0;url=javascript:hacked()">',
  '<link rel=stylesheet href="https://evil.test/a.css"><style>@import "https://evil.test/b.css";*{display:none}</style>',
  '<form action="javascript:hacked()"><input autofocus onfocus=hacked()><button formaction="javascript:hacked()">go</button></form>',
  '<details open ontoggle=hacked()><summary>more</summary></details>',
  '<video autoplay onerror=hacked()><source src=x onerror=hacked()></video><audio src=x onerror=hacked()>',
  '<a href="javascript:hacked()">one</a> <a href="&#x6A;ava&#10;script:hacked()">two</a> <a href=" javascript:hacked()">three</a>',
  '<a href="data:text/html;base64,PHNjcmlwdD5oYWNrZWQoKTwvc2NyaXB0Pg==">four</a> <a href="vbscript:hacked()">five</a>',
  '<p id=hacked name=body style="position:fixed;inset:0;background:url(https://evil.test/c.png)" onmouseover=hacked()>over</p>',
  '<select><style></select><img src=x onerror=hacked()></style></select>',
  '<svg></p><style><a id="</style><img src=x onerror=hacked()>">',
  '<template><img src=x onerror=hacked()></template><marquee onstart=hacked()>x</marquee>',
]

const MARKDOWN = [
  '# <img src=x onerror=hacked()> "\'><svg onload=hacked()>',
  '[one](javascript:hacked()) [two](JaVaScRiPt:hacked()) [three](java&#10;script:hacked()) <javascript:hacked()>',
  '![four](x"onerror="hacked()) ![five](javascript:hacked()) [six](data:text/html,<script>hacked()</script>)',
  '[seven]: javascript:hacked() "a"\n\n[seven] and a note[^<img/src=x/onerror=hacked()>]',
  '[^<img/src=x/onerror=hacked()>]: <img src=x onerror=hacked()>',
  '| a | b |\n| --- | --- |\n| <img src=x onerror=hacked()> | [x](javascript:hacked()) |',
  '- [ ] <img src=x onerror=hacked()>',
  '```"><img/src=x/onerror=hacked()>\n</code></pre><img src=x onerror=hacked()>\n```',
  '```mermaid\n%%{init: {"securityLevel": "loose", "htmlLabels": true}}%%\ngraph TD\n  A["<img src=x onerror=hacked()>"] --> B[b]\n  click A "javascript:hacked()"\n  click B call hacked()\n```',
  '$\\href{javascript:hacked()}{x}$ and $\\htmlData{onclick=hacked()}{y}$ and $\\text{<img src=x onerror=hacked()>}$',
  '$$\\includegraphics[alt="\\"onerror=hacked()"]{x}$$',
]

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="90" height="40" onload="parent.hacked()"><script>parent.hacked()</script><foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="parent.hacked()"/></foreignObject><a xlink:href="javascript:hacked()"><rect width="90" height="40"/></a></svg>`
const XML = `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="data:text/xml,<x/>"?><html xmlns="http://www.w3.org/1999/xhtml"><script>hacked()</script></html>`

const all = TAGS.join('\n\n')
/** A file of each kind that a page draws in a way of its own, and its name. */
export const HOSTILE_FILES: NonNullable<Draft['files']> = {
  'README.md': `${MARKDOWN.join('\n\n')}\n\n${all}\n\nEnd of it.\n`,
  'page.html': `<!doctype html>${all}`,
  'draw.svg': SVG,
  'data.xml': XML,
  'code.js': `${TAGS.map((tag) => `// ${tag}`).join('\n')}\nconst s = '</script><script>hacked()</script>'\n`,
  'class.ts': `export class Hacked {} // ${hostile('c1')}\nexport function hacked() {} // </span>${hostile('c2')}\n`,
  'table.csv': `"<img src=x onerror=hacked()>","=HYPERLINK(""javascript:hacked()"")"\n${TAGS.map((tag) => `"${tag.replaceAll('"', '""')}",1`).join('\n')}\n`,
  'doc.pdf': pdf(1, 'app.alert(1);hacked()'),
  'book.ipynb': notebook([
    { cell_type: 'markdown', source: [...MARKDOWN.map((line) => `${line}\n\n`), all] },
    { cell_type: 'raw', source: all },
    code(all, [
      { output_type: 'stream', name: '<img src=x onerror=hacked()>', text: all },
      { output_type: 'display_data', data: { 'text/html': all } },
      { output_type: 'display_data', data: { 'image/svg+xml': SVG } },
      { output_type: 'display_data', data: { 'image/png': 'x" onerror="hacked()' } },
      { output_type: 'display_data', data: { 'text/markdown': MARKDOWN.join('\n\n') } },
      { output_type: 'display_data', data: { 'text/latex': '$\\href{javascript:hacked()}{x}$' } },
      { output_type: 'display_data', data: { 'application/javascript': 'hacked()' } },
      { output_type: 'error', ename: '<img src=x onerror=hacked()>', evalue: all, traceback: [`\u001B[31m${all}`] },
    ]),
  ]),
  'large.lfs': `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 123\n`,
  '.gitmodules': `[submodule "a"]\n\tpath = lib\n\turl = javascript:hacked()\n[submodule "b"]\n\tpath = other\n\turl = "https://evil.test/\\"onclick=hacked()"\n`,
  lib: { submodule: '1'.repeat(40) },
  other: { submodule: '2'.repeat(40) },
  link: { mode: '120000', data: hostileName('k1') },
  [`src/${hostileName('k2')}.txt`]: `${hostile('k3')}\n`,
  [`${hostileName('k4')}/deep.md`]: all,
}
