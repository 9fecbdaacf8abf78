// Where the functions, classes and headings of a file stand, found line by line with simple patterns: what a reader wants
// to jump to, not what a compiler knows.

export type LandmarkKind = 'function' | 'class' | 'type' | 'heading' | 'rule' | 'table'

export interface Landmark {
  name: string
  kind: LandmarkKind
  line: number
  /** How deep it stands: of headings their level, of others their indentation among those found. */
  level: number
}

type Pattern = readonly [kind: LandmarkKind, pattern: RegExp]

/** No pattern looks at a line longer than this, nor at more lines. */
const LONGEST = 300
const MOST_LINES = 100_000
const MOST = 2000

const NAME = String.raw`([A-Za-z_$][\w$]*)`
const re = (text: string): RegExp => new RegExp(text)
/** Words that stand before a bracket as a name of a function does. */
const NOT_NAMES = new Set([
  'if',
  'for',
  'while',
  'switch',
  'catch',
  'return',
  'else',
  'do',
  'function',
  'sizeof',
  'new',
  'throw',
  'await',
  'using',
  'lock',
  'with',
  'super',
  'defined',
])

const SCRIPT: Pattern[] = [
  ['function', re(String.raw`^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:async\s+)?function\s*\*?\s*${NAME}`)],
  ['class', re(String.raw`^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?class\s+${NAME}`)],
  ['type', re(String.raw`^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?(?:interface|enum|namespace)\s+${NAME}`)],
  ['type', re(String.raw`^\s*(?:export\s+)?(?:declare\s+)?type\s+${NAME}\s*(?:<.*>)?\s*=`)],
  [
    'function',
    re(
      String.raw`^\s*(?:export\s+)?(?:const|let|var)\s+${NAME}\s*(?::[^=]*)?=\s*(?:async\s*)?(?:function\b|\([^()]*\)\s*(?::[^=]*)?=>|[\w$]+\s*=>|\($)`,
    ),
  ],
  [
    'function',
    re(
      String.raw`^\s{2,8}(?:(?:public|private|protected|static|override|readonly|async|get|set)\s+)*[*#]?${NAME}\s*(?:<[^()]*>)?\([^()]*\)\s*(?::[^{]*)?\{\s*$`,
    ),
  ],
]

const C_LIKE: Pattern[] = [
  [
    'class',
    re(
      String.raw`^\s*(?:typedef\s+)?(?:template\s*<[^>]*>\s*)?(?:class|struct|union|enum(?:\s+class)?)\s+${NAME}[^;()]*$`,
    ),
  ],
  ['type', re(String.raw`^\s*namespace\s+${NAME}`)],
  ['function', re(String.raw`^\s*#\s*define\s+${NAME}\(`)],
  ['function', re(String.raw`^(?:[A-Za-z_][\w:<>,*&~ ]*[ *&])?((?:[A-Za-z_]\w*::)*~?[A-Za-z_]\w*)\s*\([^;]*$`)],
]

const JAVA: Pattern[] = [
  [
    'class',
    re(
      String.raw`^\s*(?:(?:public|private|protected|internal|static|final|abstract|sealed|partial|data|open)\s+)*(?:class|record|object|struct)\s+${NAME}`,
    ),
  ],
  [
    'type',
    re(
      String.raw`^\s*(?:(?:public|private|protected|internal|static|sealed|partial)\s+)*(?:interface|enum|@interface|namespace)\s+(?:class\s+)?([\w.]+)`,
    ),
  ],
  [
    'function',
    re(
      String.raw`^\s*(?:(?:public|private|protected|internal|open|override|suspend|inline)\s+)*fun\s+(?:<[^>]*>\s*)?${NAME}`,
    ),
  ],
  [
    'function',
    re(
      String.raw`^\s+(?:(?:public|private|protected|internal|static|final|abstract|synchronized|native|override|virtual|async|default)\s+)*(?:<[^>]*>\s*)?(?:[\w.<>,?[\] ]+\s)?${NAME}\s*\([^;=]*(?:\{|\)|,)?\s*$`,
    ),
  ],
]

const LANGUAGES: Record<string, Pattern[]> = {
  script: SCRIPT,
  python: [
    ['class', re(String.raw`^\s*class\s+(\w+)`)],
    ['function', re(String.raw`^\s*(?:async\s+)?def\s+(\w+)`)],
  ],
  go: [
    ['function', re(String.raw`^func\s+(?:\([^)]*\)\s*)?(\w+)`)],
    ['type', re(String.raw`^type\s+(\w+)`)],
  ],
  rust: [
    [
      'function',
      re(String.raw`^\s*(?:pub(?:\([^)]*\))?\s+)?(?:(?:const|async|unsafe|extern(?:\s+"[^"]*")?)\s+)*fn\s+(\w+)`),
    ],
    ['class', re(String.raw`^\s*(?:pub(?:\([^)]*\))?\s+)?(?:struct|enum|union)\s+(\w+)`)],
    ['type', re(String.raw`^\s*(?:pub(?:\([^)]*\))?\s+)?(?:unsafe\s+)?(?:trait|mod|type)\s+(\w+)`)],
    ['class', re(String.raw`^impl\b(?:<[^{]*?>)?\s*([^{]+?)\s*(?:\{|where|$)`)],
    ['function', re(String.raw`^\s*macro_rules!\s*(\w+)`)],
  ],
  java: JAVA,
  c: C_LIKE,
  ruby: [
    ['class', re(String.raw`^\s*(?:class|module)\s+([\w:]+)`)],
    ['function', re(String.raw`^\s*def\s+((?:self\.)?[\w?!=]+)`)],
  ],
  php: [
    ['class', re(String.raw`^\s*(?:(?:abstract|final|readonly)\s+)*(?:class|trait)\s+(\w+)`)],
    ['type', re(String.raw`^\s*(?:interface|enum)\s+(\w+)`)],
    ['function', re(String.raw`^\s*(?:(?:public|private|protected|static|abstract|final)\s+)*function\s+&?\s*(\w+)`)],
  ],
  css: [['rule', re(String.raw`^\s*((?:@[\w-]+[^{;]*|[.#&:*[a-zA-Z][^{};]*?))\s*\{`)]],
  sql: [
    [
      'table',
      re(
        String.raw`^\s*create\s+(?:or\s+replace\s+)?(?:global\s+|local\s+)?(?:temp(?:orary)?\s+|unlogged\s+)?(?:unique\s+)?(?:materialized\s+)?(?:table|view|index|sequence|type|schema)\s+(?:if\s+not\s+exists\s+)?([\w."\`]+)`,
      ),
    ],
    [
      'function',
      re(
        String.raw`^\s*create\s+(?:or\s+replace\s+)?(?:function|procedure|trigger)\s+(?:if\s+not\s+exists\s+)?([\w."\`]+)`,
      ),
    ],
  ],
  shell: [
    ['function', re(String.raw`^\s*function\s+([\w:.-]+)`)],
    ['function', re(String.raw`^\s*([\w:.-]+)\s*\(\)`)],
  ],
}

const ENDINGS: Record<string, string> = {
  ...endings('script', 'ts tsx mts cts js jsx mjs cjs vue svelte'),
  ...endings('python', 'py pyi pyw'),
  ...endings('go', 'go'),
  ...endings('rust', 'rs'),
  ...endings('java', 'java kt kts cs scala groovy'),
  ...endings('c', 'c h cc cpp cxx hpp hh hxx ino m mm'),
  ...endings('ruby', 'rb rake'),
  ...endings('php', 'php phtml'),
  ...endings('css', 'css scss less'),
  ...endings('sql', 'sql'),
  ...endings('shell', 'sh bash zsh ksh'),
  ...endings('markdown', 'md markdown mdx'),
}

function endings(language: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, language]))
}

/** Undefined for a kind of file of which no outline is made. */
export function outlineOf(path: string, text: string): Landmark[] | undefined {
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  const language = ENDINGS[ending]
  if (language === undefined) return undefined
  const lines = text.split('\n', MOST_LINES)
  if (language === 'markdown') return headings(lines)
  const patterns = LANGUAGES[language] ?? []
  const used =
    language === 'sql' ? patterns.map(([kind, { source }]): Pattern => [kind, new RegExp(source, 'i')]) : patterns
  return levelled(landmarksIn(lines, used))
}

interface Found extends Landmark {
  indent: number
}

function landmarksIn(lines: readonly string[], patterns: readonly Pattern[]): Found[] {
  const found: Found[] = []
  for (const [i, line] of lines.entries()) {
    if (line.length > LONGEST || found.length === MOST || /^\s*(?:\/\/|\*|\/\*)/.test(line)) continue
    for (const [kind, pattern] of patterns) {
      const name = pattern.exec(line)?.[1]?.trim()
      if (name === undefined || NOT_NAMES.has(name)) continue
      const indent = /^\s*/.exec(line)?.[0].replaceAll('\t', '    ').length ?? 0
      found.push({ name, kind, line: i + 1, level: 0, indent })
      break
    }
  }
  return found
}

/** One level per step of indentation that holds others. */
function levelled(found: Found[]): Landmark[] {
  const open: number[] = []
  return found.map(({ indent, ...landmark }) => {
    while (open.length > 0 && (open.at(-1) ?? 0) >= indent) open.pop()
    const level = open.length
    open.push(indent)
    return { ...landmark, level }
  })
}

function headings(lines: readonly string[]): Landmark[] {
  const found: Landmark[] = []
  let fence: string | undefined
  for (const [i, raw] of lines.entries()) {
    const line = raw.replace(/\r$/, '').slice(0, LONGEST)
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence !== undefined) {
      if (mark?.startsWith(fence) && line.trim() === mark) fence = undefined
    } else if (mark !== undefined) fence = mark
    else found.push(...headingAt(line, lines[i - 1] ?? '', i + 1))
    if (found.length >= MOST) return found
  }
  return found
}

/** A heading behind number signs, or text with a line under it. */
function headingAt(line: string, before: string, number: number): Landmark[] {
  const [, signs, name] = /^ {0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$/.exec(line) ?? []
  if (signs && name) return [{ name, kind: 'heading', line: number, level: signs.length - 1 }]
  const [, under] = /^ {0,3}(=+|-+)\s*$/.exec(line) ?? []
  const above = before.trim()
  if (!under || above === '' || /^(?:[#>|-]|\d+\.|[`~]{3})/.test(above)) return []
  return [{ name: above, kind: 'heading', line: number - 1, level: under.startsWith('=') ? 0 : 1 }]
}
