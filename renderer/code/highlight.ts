// Highlighting of code: languages are loaded when a file needs one; an engine of plain regular expressions, no WASM.
import { createHighlighterCore, type HighlighterCore, type LanguageInput, type ThemedToken } from 'shiki/core'
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript'

const LANGUAGES: Record<string, () => Promise<{ default: LanguageInput }>> = {
  ts: () => import('shiki/langs/typescript.mjs'),
  tsx: () => import('shiki/langs/tsx.mjs'),
  js: () => import('shiki/langs/javascript.mjs'),
  jsx: () => import('shiki/langs/jsx.mjs'),
  json: () => import('shiki/langs/json.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  html: () => import('shiki/langs/html.mjs'),
  md: () => import('shiki/langs/markdown.mjs'),
  py: () => import('shiki/langs/python.mjs'),
  go: () => import('shiki/langs/go.mjs'),
  rs: () => import('shiki/langs/rust.mjs'),
  java: () => import('shiki/langs/java.mjs'),
  c: () => import('shiki/langs/c.mjs'),
  cpp: () => import('shiki/langs/cpp.mjs'),
  sh: () => import('shiki/langs/bash.mjs'),
  yaml: () => import('shiki/langs/yaml.mjs'),
  toml: () => import('shiki/langs/toml.mjs'),
  xml: () => import('shiki/langs/xml.mjs'),
  sql: () => import('shiki/langs/sql.mjs'),
  rb: () => import('shiki/langs/ruby.mjs'),
  php: () => import('shiki/langs/php.mjs'),
  docker: () => import('shiki/langs/docker.mjs'),
}

const NAMES: Record<string, string> = {
  ts: 'typescript',
  tsx: 'tsx',
  js: 'javascript',
  jsx: 'jsx',
  md: 'markdown',
  py: 'python',
  rs: 'rust',
  sh: 'bash',
  rb: 'ruby',
  docker: 'docker',
}

const ALIASES: Record<string, string> = {
  mts: 'ts',
  cts: 'ts',
  mjs: 'js',
  cjs: 'js',
  h: 'c',
  hpp: 'cpp',
  cc: 'cpp',
  yml: 'yaml',
  bash: 'sh',
  htm: 'html',
  svg: 'xml',
  dockerfile: 'docker',
}

const LARGEST = 150_000
const LONGEST_LINE = 2000
let highlighter: Promise<HighlighterCore> | undefined

function open(): Promise<HighlighterCore> {
  highlighter ??= createHighlighterCore({
    themes: [import('shiki/themes/github-light.mjs'), import('shiki/themes/github-dark.mjs')],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  })
  return highlighter
}

export function languageOf(path: string): string | undefined {
  const name = path.split('/').at(-1)?.toLowerCase() ?? ''
  const ending = name.includes('.') ? (name.split('.').at(-1) ?? '') : name
  const key = ALIASES[ending] ?? ending
  return key in LANGUAGES ? key : undefined
}

export type Line = ThemedToken[]

/** Lines of coloured pieces; undefined where the language is not known or the text is too large to colour. */
export async function highlight(text: string, path: string, dark: boolean): Promise<Line[] | undefined> {
  const key = languageOf(path)
  const load = key === undefined ? undefined : LANGUAGES[key]
  if (
    key === undefined ||
    !load ||
    text.length > LARGEST ||
    text.split('\n').some((line) => line.length > LONGEST_LINE)
  )
    return undefined
  const core = await open()
  await core.loadLanguage((await load()).default)
  return core.codeToTokensBase(text, { lang: NAMES[key] ?? key, theme: dark ? 'github-dark' : 'github-light' })
}
