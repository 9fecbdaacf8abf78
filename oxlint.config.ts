// The rules of the house that a machine can check: layers, budgets, where dangerous modules may be used.
import { defineConfig, type OxlintOverride } from 'oxlint'

const FEATURE_DOORS = [
  'kit',
  'contract',
  'db',
  'storage',
  'certificates',
  'git',
  'outbox',
  'limits',
  'meters',
  'rooms.ts',
  'route.ts',
]

/** Which server rooms a room may import. A room not listed beside another does not know of it. */
const ROOMS: Record<string, string[]> = {
  kit: [],
  meters: ['kit'],
  contract: [],
  limits: ['kit', 'contract'],
  git: ['kit'],
  storage: ['kit'],
  certificates: ['kit'],
  db: ['kit'],
  outbox: ['kit', 'db', 'meters'],
  edge: ['kit', 'contract', 'limits', 'meters', 'rooms.ts', 'route.ts'],
  ingress: ['kit'],
  lend: ['kit', 'git'],
}

/** The rooms inside git, and which of the others each may import: formats are pure, the wire stands on all of them. */
const GIT: Record<string, string[]> = {
  format: [],
  run: ['format'],
  graph: [],
  refs: ['format', 'run'],
  read: ['format', 'run', 'refs', 'graph'],
  write: ['format', 'run', 'refs', 'read'],
  care: ['format', 'run', 'refs'],
  wire: ['format', 'run', 'refs', 'care'],
}

/** Features from low to high: each may import actions and pure files of those before it, the leaves of all of them. */
const FEATURES = ['accounts', 'mail', 'workspaces', 'repositories', 'source', 'events']
const LEAVES = [
  'archives',
  'search',
  'insights',
  'system',
  'callers',
  'deploy',
  'edits',
  'https',
  'imports',
  'invitations',
  'jobs',
  'live',
  'notices',
  'operations',
  'storage',
  'oauth',
  'tokens',
  'webhooks',
]

const ALL = [
  ...Object.keys(ROOMS),
  'features',
  'rooms.ts',
  'route.ts',
  'app.ts',
  'main.ts',
  'worker.ts',
  'config.ts',
  'cli',
  'jobs.ts',
]

const CHILD_PROCESS = {
  name: 'node:child_process',
  message:
    'Processes start in git/run, git/spawner, ingress/member and main/ only: each has a name, a deadline, an end.',
}
const ELECTRON = {
  name: 'electron',
  allowTypeImports: true,
  message: 'Only main/index.ts and the preload import values of electron.',
}
const HTTP: Path[] = ['node:http', 'node:https'].map((name) => ({
  name,
  allowTypeImports: true,
  message: 'Its values come from kit/http.ts: an import of it loads fetch and WebSockets into each process.',
}))

type Pattern = ({ regex: string } | { group: string[] }) & { message: string; allowTypeImports?: boolean }
type Path = { name: string; message: string; allowTypeImports?: boolean }

function restrict(files: string[], patterns: Pattern[], paths: Path[] = [CHILD_PROCESS, ELECTRON]): OxlintOverride {
  return { files, rules: { 'no-restricted-imports': ['error', { paths: [...HTTP, ...paths], patterns }] } }
}

function room(name: string): Pattern[] {
  const allowed = ROOMS[name] ?? []
  const message = `server/${name} may import: ${allowed.join(', ') || 'nothing of ours'}. News travels up as an event.`
  const walls = ALL.filter((to) => to !== name && !allowed.includes(to))
  return [{ regex: `^\\.\\./(\\.\\./)*${oneOf(walls)}`, message }]
}

function insideGit(name: string, paths?: Path[]): OxlintOverride {
  const allowed = GIT[name] ?? []
  const message = `server/git/${name} may import: ${allowed.join(', ') || 'no other room of git'}.`
  const walls = Object.keys(GIT).filter((to) => to !== name && !allowed.includes(to))
  return restrict([`server/git/${name}/**`], [...room('git'), { regex: `^\\.\\./${oneOf(walls)}`, message }], paths)
}

function feature(name: string, below: string[]): OxlintOverride {
  const others = below.join(', ') || 'no other feature'
  const message = `features/${name} may import ${FEATURE_DOORS.join(', ')} and actions or pure files of: ${others}.`
  const above = [...FEATURES, ...LEAVES].filter((other) => other !== name && !below.includes(other))
  return restrict(
    [`server/features/${name}/**`],
    [
      { regex: `^\\.\\./\\.\\./${oneOf(ALL.filter((to) => !FEATURE_DOORS.includes(to)))}`, message },
      { regex: `^\\.\\./${oneOf(above)}`, message },
      { regex: '^\\.\\./\\w+/(routes|store)', message: 'Enter another feature by its actions, not its routes or SQL.' },
    ],
  )
}

function oneOf(names: string[]): string {
  return `(${names.map((to) => to.replace('.', '\\.')).join('|')})(/|$)`
}

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'react'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  options: { typeAware: true },
  rules: {
    'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    complexity: ['error', 12],
    'max-params': ['error', 4],
    'no-await-in-loop': 'off',
    'no-shadow': 'off',
    'no-underscore-dangle': 'off',
    'no-console': 'error',
    'node/no-process-env': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'react/react-in-jsx-scope': 'off',
    'import/no-unassigned-import': 'off',
    'promise/always-return': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/no-array-reverse': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/consistent-return': 'off',
  },
  overrides: [
    restrict(['**/*.ts', '**/*.tsx'], []),
    ...Object.keys(ROOMS).map((name) => restrict([`server/${name}/**`], room(name))),
    ...FEATURES.map((name, i) => feature(name, FEATURES.slice(0, i))),
    ...LEAVES.map((name) => feature(name, FEATURES)),
    ...Object.keys(GIT).map((name) => insideGit(name, name === 'run' ? [ELECTRON] : undefined)),
    restrict(['server/ingress/member.ts'], room('ingress'), [ELECTRON]),
    restrict(['main/program.ts'], [], [ELECTRON]),
    restrict(['main/index.ts', 'main/preload.ts'], [], [CHILD_PROCESS]),
    restrict(
      ['renderer/**'],
      [
        { regex: '/(server|main)/(?:[abd-z]|c[a-np-z])', message: 'Pages know the server by server/contract only.' },
        {
          group: ['**/server/contract/*', '!**/server/contract/lives.ts', '!**/server/contract/paths.ts'],
          allowTypeImports: true,
          message: 'Pages take types of the contract: its checks would come along, with code that their policy stops.',
        },
      ],
    ),
    { files: ['main/index.ts', 'server/config.ts'], rules: { 'node/no-process-env': 'off' } },
    // A component is mostly the picture that it draws; what it does is still short.
    {
      files: ['renderer/**/*.tsx'],
      rules: { 'max-lines-per-function': ['error', { max: 100, skipBlankLines: true }] },
    },
    {
      files: ['test/**', 'build/**', '*.config.ts', '**/*.test.ts'],
      rules: {
        'node/no-process-env': 'off',
        'no-console': 'off',
        'max-lines-per-function': 'off',
        'unicorn/consistent-function-scoping': 'off',
        'no-restricted-imports': 'off',
      },
    },
  ],
})
