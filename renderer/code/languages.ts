// Which language a file is written in, by its name; each is loaded when a file needs it.
import type { LanguageInput } from 'shiki/core'

type Load = () => Promise<{ default: LanguageInput }>

const LANGUAGES: Record<string, Load> = {
  asm: () => import('shiki/langs/asm.mjs'),
  awk: () => import('shiki/langs/awk.mjs'),
  bash: () => import('shiki/langs/bash.mjs'),
  bat: () => import('shiki/langs/bat.mjs'),
  c: () => import('shiki/langs/c.mjs'),
  clojure: () => import('shiki/langs/clojure.mjs'),
  cmake: () => import('shiki/langs/cmake.mjs'),
  cpp: () => import('shiki/langs/cpp.mjs'),
  csharp: () => import('shiki/langs/csharp.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  dart: () => import('shiki/langs/dart.mjs'),
  diff: () => import('shiki/langs/diff.mjs'),
  docker: () => import('shiki/langs/docker.mjs'),
  elixir: () => import('shiki/langs/elixir.mjs'),
  erlang: () => import('shiki/langs/erlang.mjs'),
  fsharp: () => import('shiki/langs/fsharp.mjs'),
  go: () => import('shiki/langs/go.mjs'),
  graphql: () => import('shiki/langs/graphql.mjs'),
  groovy: () => import('shiki/langs/groovy.mjs'),
  haskell: () => import('shiki/langs/haskell.mjs'),
  hcl: () => import('shiki/langs/hcl.mjs'),
  html: () => import('shiki/langs/html.mjs'),
  ini: () => import('shiki/langs/ini.mjs'),
  java: () => import('shiki/langs/java.mjs'),
  javascript: () => import('shiki/langs/javascript.mjs'),
  json: () => import('shiki/langs/json.mjs'),
  jsonc: () => import('shiki/langs/jsonc.mjs'),
  jsx: () => import('shiki/langs/jsx.mjs'),
  julia: () => import('shiki/langs/julia.mjs'),
  kotlin: () => import('shiki/langs/kotlin.mjs'),
  latex: () => import('shiki/langs/latex.mjs'),
  less: () => import('shiki/langs/less.mjs'),
  lua: () => import('shiki/langs/lua.mjs'),
  make: () => import('shiki/langs/make.mjs'),
  markdown: () => import('shiki/langs/markdown.mjs'),
  nginx: () => import('shiki/langs/nginx.mjs'),
  nix: () => import('shiki/langs/nix.mjs'),
  'objective-c': () => import('shiki/langs/objective-c.mjs'),
  ocaml: () => import('shiki/langs/ocaml.mjs'),
  perl: () => import('shiki/langs/perl.mjs'),
  php: () => import('shiki/langs/php.mjs'),
  powershell: () => import('shiki/langs/powershell.mjs'),
  proto: () => import('shiki/langs/proto.mjs'),
  python: () => import('shiki/langs/python.mjs'),
  r: () => import('shiki/langs/r.mjs'),
  ruby: () => import('shiki/langs/ruby.mjs'),
  rust: () => import('shiki/langs/rust.mjs'),
  scala: () => import('shiki/langs/scala.mjs'),
  scss: () => import('shiki/langs/scss.mjs'),
  sql: () => import('shiki/langs/sql.mjs'),
  svelte: () => import('shiki/langs/svelte.mjs'),
  swift: () => import('shiki/langs/swift.mjs'),
  toml: () => import('shiki/langs/toml.mjs'),
  tsx: () => import('shiki/langs/tsx.mjs'),
  typescript: () => import('shiki/langs/typescript.mjs'),
  viml: () => import('shiki/langs/viml.mjs'),
  vue: () => import('shiki/langs/vue.mjs'),
  xml: () => import('shiki/langs/xml.mjs'),
  yaml: () => import('shiki/langs/yaml.mjs'),
  zig: () => import('shiki/langs/zig.mjs'),
}

/** Endings of names, and whole names, that are not called like their language. */
const ENDINGS: Record<string, string> = {
  ...named('asm', 's nasm'),
  ...named('bash', 'sh zsh ksh bashrc zshrc profile bash_profile envrc'),
  ...named('bat', 'cmd'),
  ...named('c', 'h'),
  ...named('clojure', 'clj cljs cljc edn'),
  ...named('cpp', 'cc cxx hpp hh hxx ino'),
  ...named('csharp', 'cs csx'),
  ...named('diff', 'patch'),
  ...named('docker', 'dockerfile containerfile'),
  ...named('elixir', 'ex exs'),
  ...named('erlang', 'erl hrl'),
  ...named('fsharp', 'fs fsi fsx'),
  ...named('graphql', 'gql'),
  ...named('groovy', 'gradle jenkinsfile'),
  ...named('haskell', 'hs'),
  ...named('hcl', 'tf tfvars'),
  ...named('html', 'htm xhtml'),
  ...named('ini', 'cfg conf properties editorconfig gitconfig gitmodules service'),
  ...named('javascript', 'js mjs cjs'),
  ...named('json', 'webmanifest ipynb geojson'),
  ...named('jsonc', 'json5 code-workspace'),
  ...named('julia', 'jl'),
  ...named('kotlin', 'kt kts'),
  ...named('latex', 'tex sty cls'),
  ...named('make', 'makefile gnumakefile mk mak'),
  ...named('markdown', 'md mdx'),
  ...named('objective-c', 'm'),
  ...named('ocaml', 'ml mli'),
  ...named('perl', 'pl pm'),
  ...named('php', 'phtml'),
  ...named('powershell', 'ps1 psm1 psd1'),
  ...named('python', 'py pyi pyw'),
  ...named('ruby', 'rb rake gemfile rakefile gemspec vagrantfile'),
  ...named('rust', 'rs'),
  ...named('scala', 'sc sbt'),
  ...named('typescript', 'ts mts cts'),
  ...named('viml', 'vim vimrc'),
  ...named('xml', 'svg xsd xsl xslt plist csproj rss'),
  ...named('yaml', 'yml'),
}

function named(language: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, language]))
}

export function languageOf(path: string): string | undefined {
  const name = path.split('/').at(-1)?.toLowerCase() ?? ''
  if (name === 'cmakelists.txt') return 'cmake'
  const ending = name.includes('.') ? (name.split('.').at(-1) ?? '') : name
  const language = ENDINGS[ending] ?? ending
  return Object.hasOwn(LANGUAGES, language) ? language : undefined
}

export function loadLanguage(language: string): Promise<{ default: LanguageInput }> | undefined {
  return LANGUAGES[language]?.()
}
