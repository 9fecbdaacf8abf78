// Commits as pages ask for them: filters against git itself, pages that stay in place, labels, comparisons, changes.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, client, signIn } from '../helpers/client.ts'
import { git, withLogin } from '../helpers/git.ts'
import { ask, type Draft, makeRepository } from '../helpers/repos.ts'
import { ADMIN, remove, type Server, startServer, tempDir } from '../helpers/server.ts'

let server: Server
let ada: Client
let dir: string
let oids: string[]

const ROOT = '/2.0/repositories/ada/past'
const OWN = '/api/gitstead/1/repositories/ada/past'
const START = Date.parse('2026-03-01T10:00:00Z') / 1000
const HOUR = 3600
const PEOPLE = ['Bo <bo@example.com>', 'Jörg MÜLLER <jm@example.org>', 'Ada [x] <ada@example.com>']
const WORDS = ['Fix the door', 'größe ÄNDERN', 'Add *.ts (all)', 'tidy --all\n\nfix in the body']

/** A line of 60 commits with a branch that leaves at 20 and comes back at 31; one of them has a date of long ago. */
const COMMITS = Array.from({ length: 60 }, (_unused, at): Draft => {
  const parents = at === 0 ? [] : at === 25 ? [20] : at === 31 ? [24, 30] : [at - 1]
  return {
    parents,
    date: at === 40 ? START - 1000 * HOUR : START + at * HOUR,
    author: PEOPLE[at % 3] ?? '',
    message: `${WORDS[at % 4]} ${at}`.replace(/(\n\n.*) (\d+)$/s, ' $2$1'),
    files: { [`src/${at % 5}.txt`]: `${at}\n`, ...(at === 7 ? { 'caf\xe9 *': 'x' } : {}) },
  }
})

beforeAll(async () => {
  server = await startServer()
  ada = await signIn(server)
  dir = tempDir()
  const path = join(dir, 'past.git')
  oids = makeRepository(path, {
    commits: COMMITS,
    refs: { 'refs/heads/main': 59, 'refs/heads/side': 30, 'refs/heads/old': 5, 'refs/tags/plain': 30 },
    tags: { 'v1.0': 10 },
  })
  expect((await ada.post(ROOT)).status).toBe(201)
  await push('refs/heads/*:refs/heads/*', 'refs/tags/*:refs/tags/*')
})
afterAll(async () => {
  await server.stop()
  remove(dir)
  remove(server.data)
})

function push(...refs: string[]): Promise<string> {
  const remote = withLogin(`${server.url}/ada/past.git`, ADMIN.name, ADMIN.password)
  return git(join(dir, 'past.git'), ['push', '-q', '-f', remote, ...refs])
}

async function all(path: string): Promise<string[]> {
  const hashes: string[] = []
  let at: string | undefined = path
  while (at !== undefined) {
    const { status, body, text } = await ada.get(at)
    expect(status, text).toBe(200)
    hashes.push(...body.values.map(({ hash }: { hash: string }) => hash))
    at = body.next?.slice(server.url.length)
  }
  return hashes
}

const byGit = (...args: string[]): string[] =>
  ask(join(dir, 'past.git'), ['-c', 'core.quotePath=false', 'log', '--format=%H', ...args])
    .split('\n')
    .filter(Boolean)
const query = (fields: Record<string, string>): string => new URLSearchParams(fields).toString()

describe('filters', () => {
  it.each<[Record<string, string>, string[]]>([
    [{ author: 'bo@EXAMPLE' }, ['-i', '-F', '--author=bo@example']],
    [{ author: 'ada [x]' }, ['-i', '-F', '--author=Ada [x]']],
    [{ message: 'FIX' }, ['-i', '-F', '--grep=fix']],
    [{ message: '*.ts (ALL)' }, ['-i', '-F', '--grep=*.ts (all)']],
    [{ message: 'fix in the body' }, ['-F', '--grep=fix in the body']],
    [{ message: '--all' }, ['-F', '--grep=--all']],
    [{ path: 'src/3.txt' }, ['--', 'src/3.txt']],
    [{ path: 'src/' }, ['--', 'src']],
    [{ since: '2026-03-02T12:00:00Z' }, ['--since-as-filter=2026-03-02T12:00:00Z']],
    [{ until: '2026-03-02T12:00:00+02:00' }, ['--until=2026-03-02T10:00:00Z']],
    [
      { since: '2026-03-02', until: '2026-03-02' },
      ['--since-as-filter=2026-03-02T00:00:00Z', '--until=2026-03-02T23:59:59Z'],
    ],
    [
      { author: 'bo', message: 'door', path: 'src', since: '2026-03-01' },
      ['-i', '-F', '--author=bo', '--grep=door', '--since-as-filter=2026-03-01T00:00:00Z', '--', 'src'],
    ],
    [{ author: 'nobody' }, ['--author=nobody']],
  ])('%j are those of git', async (fields, args) => {
    const found = await all(`${ROOT}/commits/main?pagelen=7&${query(fields)}`)
    const [options, paths] = args.includes('--')
      ? [args.slice(0, args.indexOf('--')), args.slice(args.indexOf('--'))]
      : [args, []]
    expect(found).toEqual(byGit(...options, 'main', ...paths))
  })
  it('know letters beyond ASCII in any case', async () => {
    const found = await all(`${ROOT}/commits/main?pagelen=50&${query({ author: 'jörg müller' })}`)
    expect(found).toEqual(byGit('--author=Jörg', 'main'))
    expect(await all(`${ROOT}/commits/main?${query({ message: 'GRÖSSE' })}`)).toEqual([])
    expect(await all(`${ROOT}/commits/main?pagelen=50&${query({ message: 'GRÖßE ändern' })}`)).toEqual(
      byGit('--grep=größe', 'main'),
    )
  })
  it('find a commit with a wrong date, and what lies behind it', async () => {
    const found = await all(`${ROOT}/commits/main?since=2026-03-01&pagelen=100`)
    expect(found).toHaveLength(59)
    expect(await all(`${ROOT}/commits/main?until=2026-02-01`)).toEqual([oids[40]])
  })
  it('look into what is included and not excluded', async () => {
    const found = await all(`${ROOT}/commits?include=side&exclude=old&author=bo&pagelen=3`)
    expect(found).toEqual(byGit('--author=Bo', 'side', '^old'))
  })
  it('stay in place between pages when somebody pushes', async () => {
    const before = byGit('--author=Bo', '--all')
    const first = (await ada.get(`${ROOT}/commits?author=bo&pagelen=5`)).body
    const path = join(dir, 'past.git')
    const made = ask(path, ['commit-tree', '-p', 'main', '-m', 'later', 'main^{tree}'])
    ask(path, ['update-ref', 'refs/heads/main', made])
    await push('main')
    const rest = await all(first.next.slice(server.url.length))
    expect([...first.values.map(({ hash }: { hash: string }) => hash), ...rest]).toEqual(before)
    ask(path, ['update-ref', 'refs/heads/main', oids[59] ?? ''])
    await push('main')
  })
  it.each([
    `author=${encodeURIComponent('a\n--all')}`,
    'message=%00',
    'since=yesterday',
    'until=2026-13-40',
    `author=${'x'.repeat(300)}`,
  ])('refuse %s', async (text) => {
    expect((await ada.get(`${ROOT}/commits/main?${text}`)).status).toBe(400)
  })
  it.each(['--output=/tmp/x', '-p', '--', '^main', '$(id)', '(', '\\', '[', '*'])('take %j as words', async (text) => {
    const found = await all(`${ROOT}/commits/main?${query({ message: text })}`)
    expect(found).toEqual(byGit('-F', `--grep=${text}`, 'main'))
    expect(await all(`${ROOT}/commits/main?${query({ author: text })}`)).toEqual(
      byGit('-F', `--author=${text}`, 'main'),
    )
  })
})

describe('a commit', () => {
  it('tells when it was written too', async () => {
    const { body } = await ada.get(`${ROOT}/commit/${oids[3]}`)
    expect(Date.parse(body.authored_on)).toBe(Date.parse(body.date))
  })
  it('is labelled by the refs that point at it, and hidden ones are none', async () => {
    const { body } = await ada.get(`${OWN}/labels?commit=${oids[30]}&commit=${oids[10]}&commit=${oids[11]}`)
    expect(body.labels).toEqual({
      [oids[30] ?? '']: { branches: { names: ['side'], size: 1 }, tags: { names: ['plain'], size: 1 } },
      [oids[10] ?? '']: { branches: { names: [], size: 0 }, tags: { names: ['v1.0'], size: 1 } },
    })
    expect((await ada.get(`${OWN}/labels`)).body).toEqual({ labels: {} })
    expect((await ada.get(`${OWN}/labels?commit=main`)).status).toBe(400)
  })
  it('is found in the refs that contain it', async () => {
    const { body } = await ada.get(`${OWN}/containing/${oids[8]}`)
    const branches = ask(join(dir, 'past.git'), ['branch', '--format=%(refname:short)', '--contains', oids[8] ?? ''])
    expect(body.branches).toEqual({ names: branches.split('\n'), size: 2 })
    expect(body.tags).toEqual({ names: ['plain', 'v1.0'], size: 2 })
    const path = join(dir, 'past.git')
    ask(path, ['update-ref', 'refs/tags/text', ask(path, ['rev-parse', 'main:src/1.txt'])])
    await push('refs/tags/text')
    expect((await ada.get(`${OWN}/containing/${oids[8]}`)).body.tags.names).toEqual(['plain', 'v1.0'])
    expect((await ada.get(`${OWN}/containing/${'1'.repeat(40)}`)).status).toBe(404)
  })
})

describe('comparisons', () => {
  it('say how far two commits are apart, and where they parted', async () => {
    const { body } = await ada.get(`${OWN}/compare/side..old`)
    expect(body).toMatchObject({ ahead: 21, behind: 0, merge_base: oids[5], same: false })
    expect((await ada.get(`${OWN}/compare/${oids[24]}..side`)).body).toMatchObject({
      ahead: 4,
      behind: 6,
      merge_base: oids[20],
      source: { hash: oids[24], kind: 'commit' },
      destination: { hash: oids[30], kind: 'branch' },
    })
    expect((await ada.get(`${OWN}/compare/plain..side`)).body).toMatchObject({ same: true, ahead: 0, behind: 0 })
  })
  it('say when there is no common history, and which name is not known', async () => {
    const path = join(dir, 'past.git')
    const alone = ask(path, ['commit-tree', '-m', 'alone', 'main^{tree}'])
    ask(path, ['update-ref', 'refs/heads/alone', alone])
    await push('alone')
    expect((await ada.get(`${OWN}/compare/alone..main`)).body).toMatchObject({ ahead: 1, behind: 60, merge_base: null })
    const { status, text } = await ada.get(`${OWN}/compare/main..nowhere`)
    expect([status, text]).toEqual([404, expect.stringContaining('called nowhere')])
    expect((await ada.get(`${OWN}/compare/main`)).status).toBe(400)
  })
})

const at = (kind: string, spec: string, more = ''): string =>
  `/api/gitstead/1/repositories/ada/odd/${kind}/${spec}?${more}`

// oxlint-disable-next-line typescript/no-explicit-any
const files = async (spec: string, more = ''): Promise<Record<string, any>> => {
  const { body } = await ada.get(at('changes', spec, more))
  return Object.fromEntries(body.files.map((file: { new: string | null; old: string }) => [file.new ?? file.old, file]))
}

describe('changes', () => {
  const lines = Array.from({ length: 50 }, (_unused, i) => `line ${i}\n`).join('')
  let made: string[]
  beforeAll(async () => {
    const path = join(dir, 'odd.git')
    made = makeRepository(path, {
      commits: [
        {
          files: {
            '.gitattributes': '*.gen linguist-generated\nraw.txt -diff\n',
            'a.txt': lines,
            'blank.txt': 'a b\n',
            'bin.dat': Buffer.from([0, 1]),
            run: 'x\n',
            kind: 'text\n',
            'x.gen': '1\n',
          },
        },
        {
          files: {
            'a.txt': null,
            'b.txt': lines.replace('line 20\n', 'line twenty\n'),
            'blank.txt': 'a  b\n',
            'bin.dat': Buffer.from([0, 2]),
            run: { mode: '100755', data: 'x\n' },
            kind: { mode: '120000', data: 'run' },
            sub: { submodule: '2'.repeat(40) },
            'x.gen': '2\n',
            'raw.txt': 'raw\n',
            'package-lock.json': '{}\n',
            'big.txt': `${'x'.repeat(100)}\n`.repeat(20_000),
            'caf\xe9\n.txt': 'odd\n',
          },
        },
        { parents: [0], files: { other: 'o\n' } },
        { parents: [1, 2], files: { other: 'o\n' } },
      ],
      refs: { 'refs/heads/main': 3 },
    })
    await ada.post('/2.0/repositories/ada/odd')
    const remote = withLogin(`${server.url}/ada/odd.git`, ADMIN.name, ADMIN.password)
    await git(path, ['push', '-q', remote, 'main'])
  })
  it('are listed with kinds, numbers and reasons to fold', async () => {
    const found = await files(made[1] ?? '')
    expect(found['b.txt']).toMatchObject({ status: 'renamed', old: 'a.txt', added: 1, removed: 1, folded: null })
    expect(found['bin.dat']).toMatchObject({ is_binary: true, added: null })
    expect(found['run']).toMatchObject({ old_mode: '100644', new_mode: '100755', added: 0 })
    expect(found['kind'].status).toBe('retyped')
    expect(found['sub'].new_mode).toBe('160000')
    expect(found['x.gen'].folded).toEqual({ why: 'generated', by: 'attributes' })
    expect(found['raw.txt'].folded).toEqual({ why: 'not-diffed', by: 'attributes' })
    expect(found['package-lock.json'].folded).toEqual({ why: 'generated', by: 'name' })
    expect(found['blank.txt']).toMatchObject({ added: 1, removed: 1 })
    const blind = await files(made[1] ?? '', 'ignore_whitespace=true')
    expect([blind['blank.txt'].added, blind['b.txt'].added, blind['big.txt'].added]).toEqual([0, 1, 20_000])
  })
  it('of a merge are those to its first parent, or to the other', async () => {
    expect(Object.keys(await files('main'))).toEqual(['other'])
    expect(Object.keys(await files('main', 'parent=2'))).toHaveLength(11)
    expect((await ada.get(at('changes', 'main', 'parent=3'))).status).toBe(404)
  })
  it('come as patches by name, each to its file', async () => {
    const odd = encodeURIComponent('caf\\xe9\n.txt')
    const names = ['kind', 'blank.txt', 'x.gen', 'run', 'bin.dat', 'sub'].map((name) => `path=${name}`).join('&')
    const { body } = await ada.get(
      at('patches', made[1] ?? '', `${names}&path=${odd}&renames=false&ignore_whitespace=1`),
    )
    const texts = Object.fromEntries(body.files.map((file: { new: string; text: string }) => [file.new, file.text]))
    expect(Object.keys(texts)).toHaveLength(7)
    expect(texts['blank.txt']).toBe('')
    expect(texts['x.gen']).toContain('\n-1\n+2\n')
    expect(texts['kind']).toMatch(/-text\ndiff --git[^]*\+run\n/)
    expect(texts['run']).toContain('new mode 100755')
    expect(texts['bin.dat']).toContain('Binary files')
    expect(texts['sub']).toContain('+Subproject commit 2222')
    expect(texts['caf\\xe9\n.txt']).toContain('+odd')
  })
  it('end where a file is too large to show', async () => {
    const { body } = await ada.get(at('patches', made[1] ?? '', 'path=big.txt'))
    expect(body.files[0].cut).toBe(true)
    expect(body.files[0].text.length).toBeLessThan(530_000)
  })
  it('have lines around them', async () => {
    const found = (await ada.get(at('lines', `${made[1]}/b.txt`, 'from=20&to=22'))).body
    expect(found).toEqual({ from: 20, size: 50, lines: ['line 19', 'line twenty', 'line 21'] })
    expect((await ada.get(at('lines', `${made[1]}/b.txt`, 'from=49&to=90'))).body.lines).toHaveLength(2)
    expect((await ada.get(at('lines', `${made[1]}/sub`, 'from=1&to=2'))).status).toBe(404)
    expect((await ada.get(at('lines', `${made[1]}/b.txt`, 'from=0&to=2'))).status).toBe(400)
  })
  it('leave binary files out, and say either topic or merge', async () => {
    const root = '/2.0/repositories/ada/odd'
    expect((await ada.get(`${root}/diff/${made[1]}`)).text).toContain('Binary files')
    const { text } = await ada.get(`${root}/diff/${made[1]}?binary=false`)
    expect(text).not.toContain('Binary files')
    expect(text).toContain('+line twenty')
    expect((await ada.get(`${root}/diff/main..${made[2]}?topic=true&merge=true`)).status).toBe(400)
    const two = await ada.get(`${root}/diff/${made[2]}..${made[1]}?merge=false`)
    expect(two.text).toContain('deleted file mode')
  })
  it("of a private repository are nobody else's", async () => {
    for (const kind of ['changes', 'patches', 'lines', 'compare', 'containing'])
      expect((await client(server).get(at(kind, 'main'))).status).toBe(401)
  })
})
