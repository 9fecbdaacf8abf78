// A repository on disk whose config, hooks, attributes and alternates are hostile: nothing of it runs, whatever is asked
// of the server. Each trap writes a file of its own name; a folder without any is the proof.
import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { commitFile, git, makeWork, tryGit, withLogin } from '../helpers/git.ts'
import { type Client, signIn } from '../helpers/client.ts'
import { ADMIN, remove, type Server, startServer, tempDir } from '../helpers/server.ts'
import { quiet, rows } from '../helpers/world.ts'

let server: Server
let dir: string
let ada: Client
let repo: string
let url: string

const HOOKS = [
  'applypatch-msg',
  'fsmonitor-watchman',
  'post-checkout',
  'post-commit',
  'post-index-change',
  'post-merge',
  'post-receive',
  'post-rewrite',
  'post-update',
  'pre-auto-gc',
  'pre-commit',
  'pre-push',
  'pre-rebase',
  'pre-receive',
  'proc-receive',
  'push-to-checkout',
  'reference-transaction',
  'sendemail-validate',
  'update',
]

beforeAll(async () => {
  server = await startServer()
  dir = tempDir()
  ada = await signIn(server)
  await ada.post('/2.0/repositories/ada/trap', { visibility: 'public' })
  url = withLogin(`${server.url}/ada/trap.git`, 'ada', ADMIN.password)
  await makeWork(join(dir, 'work'), {
    'a.txt': 'a\n',
    'b.bin': 'b\n',
    '.gitattributes': '* diff=trap filter=trap merge=trap\n',
  })
  await git(join(dir, 'work'), ['push', '-q', url, 'main'])
  await quiet(server)
  const id = String(rows(server, "select id from repositories where slug = 'trap'")[0]?.['id'])
  repo = join(server.data, 'volumes', 'main', id.slice(0, 2), `${id}.git`)
  mkdirSync(join(dir, 'sprung'))
  plant()
})
afterAll(async () => {
  await server.stop()
  remove(dir)
  remove(server.data)
})

/** A command that leaves a file called `name`. */
const trap = (name: string): string => `touch ${join(dir, 'sprung', name)} #`

function script(path: string, name: string): void {
  writeFileSync(path, `#!/bin/sh\ntouch '${join(dir, 'sprung', name)}'\nexit 0\n`)
  chmodSync(path, 0o755)
}

function plant(): void {
  for (const folder of ['hooks', 'more-hooks']) {
    mkdirSync(join(repo, folder), { recursive: true })
    for (const hook of HOOKS) script(join(repo, folder, hook), `${folder}-${hook}`)
  }
  script(join(repo, 'program'), 'program')
  const program = join(repo, 'program')
  const settings: [string, string][] = [
    ['core.hooksPath', join(repo, 'more-hooks')],
    ['core.fsmonitor', program],
    ['core.sshCommand', trap('ssh')],
    ['core.gitProxy', program],
    ['core.pager', trap('pager')],
    ['core.editor', trap('editor')],
    ['core.askPass', program],
    ['core.alternateRefsCommand', trap('alternate-refs')],
    ['core.attributesFile', join(repo, 'attributes')],
    ['sequence.editor', trap('sequence-editor')],
    ['credential.helper', `!${trap('credential')}`],
    ['uploadpack.packObjectsHook', program],
    ['uploadarchive.allowUnreachable', 'true'],
    ['receive.procReceiveRefs', 'refs/for'],
    ['receive.certNonceSeed', 'known'],
    ['gpg.program', program],
    ['gpg.ssh.program', program],
    ['gpg.ssh.defaultKeyCommand', program],
    ['gpg.x509.program', program],
    ['log.showSignature', 'true'],
    ['diff.external', trap('diff-external')],
    ['diff.trap.command', trap('diff-command')],
    ['diff.trap.textconv', trap('textconv')],
    ['filter.trap.clean', trap('clean')],
    ['filter.trap.smudge', trap('smudge')],
    ['filter.trap.process', trap('process')],
    ['filter.trap.required', 'true'],
    ['merge.trap.driver', trap('merge-driver')],
    ['mergetool.trap.cmd', trap('mergetool')],
    ['trailer.x.command', trap('trailer')],
    ['trailer.x.cmd', trap('trailer-cmd')],
    ['interactive.diffFilter', trap('diff-filter')],
    ['alias.upload-pack', `!${trap('alias')}`],
    ['alias.receive-pack', `!${trap('alias')}`],
    ['alias.rev-list', `!${trap('alias')}`],
    ['alias.maintenance', `!${trap('alias')}`],
    ['gc.auto', '1'],
    ['gc.recentObjectsHook', program],
    ['maintenance.auto', 'true'],
    ['receive.autogc', 'true'],
    ['pack.packSizeLimit', '1'],
    ['remote.origin.url', `ext::sh -c touch% ${join(dir, 'sprung', 'ext')}`],
    ['remote.origin.promisor', 'true'],
    ['remote.origin.partialclonefilter', 'blob:none'],
    ['remote.origin.uploadpack', trap('uploadpack')],
    ['remote.origin.vcs', 'trap'],
    ['extensions.partialClone', 'origin'],
    ['protocol.allow', 'always'],
    ['protocol.ext.allow', 'always'],
    ['safe.bareRepository', 'all'],
    ['transfer.hideRefs', '!refs/gitstead'],
    ['uploadpack.hideRefs', '!refs/gitstead'],
    ['include.path', join(repo, 'included')],
    ['http.proxy', `http://127.0.0.1:${server.port}`],
    ['core.repositoryFormatVersion', '1'],
  ]
  for (const [name, value] of settings) {
    const [, section = '', sub, key = ''] = /^([^.]+)(?:\.(.+))?\.([^.]+)$/.exec(name) ?? []
    appendFileSync(
      join(repo, 'config'),
      `[${section}${sub === undefined ? '' : ` "${sub}"`}]\n\t${key} = ${JSON.stringify(value)}\n`,
    )
  }
  writeFileSync(
    join(repo, 'included'),
    `[core]\n\tsshCommand = ${JSON.stringify(trap('included'))}\n\tfsmonitor = ${program}\n`,
  )
  mkdirSync(join(repo, 'info'), { recursive: true })
  writeFileSync(join(repo, 'info', 'attributes'), '* diff=trap filter=trap merge=trap export-subst\n')
  mkdirSync(join(dir, 'elsewhere', 'objects'), { recursive: true })
  writeFileSync(join(repo, 'objects', 'info', 'alternates'), `${join(dir, 'elsewhere', 'objects')}\n`)
}

const sprung = (): string[] => readdirSync(join(dir, 'sprung'))

it('has traps that spring for a git that believes the repository', async () => {
  await tryGit(join(dir, 'work'), ['push', '-q', repo, 'main:refs/heads/control'], { GIT_CONFIG_NOSYSTEM: '1' })
  await tryGit(repo, ['--git-dir=.', 'diff', 'main~1', 'main'])
  await tryGit(repo, ['--git-dir=.', 'fetch', 'origin'])
  expect(sprung().length).toBeGreaterThan(3)
  for (const name of sprung()) rmSync(join(dir, 'sprung', name))
})

it('springs nothing while it is read, written, compared, tidied and cloned', async () => {
  const work = join(dir, 'work')
  for (const version of ['0', '1', '2']) {
    const with_ = ['-c', `protocol.version=${version}`]
    await git(work, [...with_, 'ls-remote', url])
    await git(dir, [...with_, 'clone', '-q', url, `clone-${version}`])
    await git(dir, [...with_, 'clone', '-q', '--depth', '1', '--filter=blob:none', url, `part-${version}`])
    await commitFile(work, `v${version}.txt`, version)
    await git(work, [...with_, 'push', '-q', url, 'main', `main:refs/heads/v${version}`, `main:refs/tags/v${version}`])
    expect(sprung()).toEqual([])
  }
  await git(work, ['push', '-q', '-f', url, 'HEAD~1:refs/heads/main'])
  await git(work, ['push', '-q', url, ':refs/heads/v1'])
  await git(work, ['push', '-q', '-o', 'x=y', url, 'main:refs/heads/option'])
  const root = '/2.0/repositories/ada/trap'
  await quiet(server)
  for (const path of [
    '',
    '/src',
    '/src/main/a.txt',
    '/src/main/?max_depth=5',
    '/src/main/a.txt?format=meta',
    '/commits',
    '/commits/main',
    '/commit/main',
    '/diff/main',
    '/diff/option..main',
    '/diffstat/main',
    '/patch/main',
    '/filehistory/main/a.txt',
    '/merge-base/main..option',
    '/refs',
    '/branching-model',
  ])
    expect((await ada.get(root + path)).status, path).toBe(200)
  await ada.post(`${root}/refs/branches`, { name: 'made', target: { hash: 'option' } })
  await ada.delete(`${root}/refs/branches/made`)
  await ada.put(root, { mainbranch: { name: 'option' } })
  await quiet(server)
  expect(sprung()).toEqual([])
})

it('springs nothing where the config makes no sense at all', async () => {
  appendFileSync(join(repo, 'config'), `[core]\n\tworktree = ${join(dir, 'tree')}\n`)
  await tryGit(dir, ['clone', '-q', url, 'nonsense'])
  await tryGit(join(dir, 'work'), ['push', '-q', url, 'main:refs/heads/nonsense', 'main:refs/for/main'])
  expect((await ada.get('/2.0/repositories/ada/trap/src')).text).not.toContain(server.data)
  expect(sprung()).toEqual([])
  expect(existsSync(join(dir, 'tree'))).toBe(false)
})

it('springs nothing at a start over such a repository, nor when it is deleted', async () => {
  await server.stop()
  server = await startServer({ data: server.data })
  ada = await signIn(server)
  await quiet(server)
  await tryGit(join(dir, 'work'), [
    'push',
    '-q',
    withLogin(`${server.url}/ada/trap.git`, 'ada', ADMIN.password),
    'main:refs/heads/after',
  ])
  expect((await ada.delete('/2.0/repositories/ada/trap')).status).toBe(204)
  expect(sprung()).toEqual([])
})
