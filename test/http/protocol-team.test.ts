// What a team meets: names that change, repositories that come by a push, many at one branch, refusals in words.
import * as fs from 'node:fs'
import { join } from 'node:path'
import * as isogit from 'isomorphic-git'
import isohttp from 'isomorphic-git/http/node'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Client, teammate } from '../helpers/client.ts'
import { commitFile, git, makeWork, tryGit, withLogin } from '../helpers/git.ts'
import { broken, refsOf } from '../helpers/invariant.ts'
import { ADMIN } from '../helpers/server.ts'
import { closeSite, makeRepository, openSite, remoteOf, type Site } from '../helpers/site.ts'

const CLIENTS = 20
const ROUNDS = 3

let site: Site
let ada: Client
let work: string
let path: string
let name: string
let count = 0

beforeAll(async () => {
  site = await openSite()
})
beforeEach(async () => {
  name = `web${++count}`
  ;({ work, path, ada } = await makeRepository(site, name))
})
afterAll(async () => {
  const problems = await broken(site.server)
  await closeSite(site)
  expect(problems).toEqual([])
})

const mainOf = async (): Promise<string> => (await ada.get(`/2.0/repositories/ada/${name}`)).body.mainbranch.name
const head = (dir: string): Promise<string> => git(dir, ['rev-parse', 'HEAD'])

describe('a renamed repository', () => {
  it('is found under its old name by clone, fetch and push, until somebody takes the name', async () => {
    const old = remoteOf(site, name)
    await git(work, ['push', '-q', old, 'main'])
    await git(site.dir, ['clone', '-q', old, `before${count}`])
    expect((await ada.put(`/2.0/repositories/ada/${name}`, { name: `new${count}` })).status).toBe(200)

    const clone = await tryGit(site.dir, ['clone', old, `after${count}`])
    expect(clone).toMatchObject({ code: 0 })
    expect(clone.stderr).toMatch(new RegExp(`redirecting to .*/ada/new${count}\\.git`))
    const before = join(site.dir, `before${count}`)
    await commitFile(before, 'x', 'x')
    await git(before, ['push', '-q', 'origin', 'main'])
    expect((await refsOf(path)).get('refs/heads/main')).toBe(await head(before))
    await git(join(site.dir, `after${count}`), ['pull', '-q', '--ff-only'])
    expect(await head(join(site.dir, `after${count}`))).toBe(await head(before))

    expect((await ada.post(`/2.0/repositories/ada/${name}`)).status).toBe(201)
    expect(await git(work, ['ls-remote', old])).toBe('')
  })

  it('shows strangers nothing by its old name', async () => {
    expect((await ada.put(`/2.0/repositories/ada/${name}`, { name: `moved${count}` })).status).toBe(200)
    const eve = await teammate(site.server, ada, { name: `eve${count}` })
    expect(eve).toBeDefined()
    const remote = withLogin(`${site.server.url}/ada/${name}.git`, `eve${count}`, `eve${count} has a password`)
    const listed = await tryGit(work, ['ls-remote', remote])
    expect(listed.code).not.toBe(0)
    expect(listed.stderr).not.toMatch(/moved/)
  })
})

describe('a first push of other branches than main', () => {
  it('makes one of them the main branch, so that clones have files', async () => {
    await git(work, ['push', '-q', remoteOf(site, name), 'main:refs/heads/develop', 'main:refs/heads/topic/a'])
    expect(await mainOf()).toBe('develop')
    await git(site.dir, ['clone', '-q', remoteOf(site, name), `clone${count}`])
    expect(await git(join(site.dir, `clone${count}`), ['symbolic-ref', '--short', 'HEAD'])).toBe('develop')
    expect((await ada.get(`/2.0/repositories/ada/${name}/src`)).status).toBe(200)

    await git(work, ['push', '-q', remoteOf(site, name), 'main'])
    expect(await mainOf()).toBe('develop')
  })

  it('prefers master, and leaves main the main branch where it is there', async () => {
    await git(work, ['push', '-q', remoteOf(site, name), 'main:refs/tags/v1'])
    await git(work, ['push', '-q', remoteOf(site, name), 'main:refs/heads/a', 'main:refs/heads/master'])
    expect(await mainOf()).toBe('master')
    ;({ work, path } = await makeRepository(site, `other${count}`))
    await git(work, ['push', '-q', remoteOf(site, `other${count}`), 'main:refs/heads/a', 'main'])
    expect(await git(path, ['symbolic-ref', 'HEAD'])).toBe('refs/heads/main')
  })

  it('is chosen among the branches that there are, or freely before the first push', async () => {
    const choose = (branch: string) => ada.put(`/2.0/repositories/ada/${name}`, { mainbranch: { name: branch } })
    expect((await choose('trunk')).status).toBe(200)
    await git(work, ['push', '-q', remoteOf(site, name), 'main:refs/heads/trunk', 'main:refs/heads/side'])
    const { status, body } = await choose('zzz')
    expect([status, body.error.detail]).toEqual([400, 'There is no branch zzz in this repository.'])
    expect([(await choose('side')).status, await mainOf()]).toEqual([200, 'side'])
    await git(site.dir, ['clone', '-q', remoteOf(site, name), `chosen${count}`])
    expect(await git(join(site.dir, `chosen${count}`), ['symbolic-ref', '--short', 'HEAD'])).toBe('side')
  })

  it('of two at once one wins, for git and for pages', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    await Promise.all(names.map((one) => git(work, ['push', '-q', remoteOf(site, name), `main:refs/heads/${one}`])))
    const main = await mainOf()
    expect(names).toContain(main)
    expect(await git(path, ['symbolic-ref', 'HEAD'])).toBe(`refs/heads/${main}`)
  })
})

describe('push to create', () => {
  it('makes a repository for a member, unless the switch is off or the name is none', async () => {
    const born = remoteOf(site, `born${count}`)
    await git(work, ['push', '-q', born, 'main'])
    const made = (await ada.get(`/2.0/repositories/ada/born${count}`)).body
    expect(made).toMatchObject({ slug: `born${count}`, visibility: 'private', is_empty: false })
    expect(await git(work, ['ls-remote', born, 'main'])).toMatch(await head(work))

    const ghost = await tryGit(work, ['ls-remote', remoteOf(site, `ghost${count}`)])
    expect(ghost.stderr).toMatch(/There is nothing here, or you may not see it/)
    expect((await ada.get(`/2.0/repositories/ada/ghost${count}`)).status).toBe(404)
    expect((await tryGit(work, ['push', remoteOf(site, '-bad-name-'), 'main'])).code).not.toBe(0)

    expect((await ada.put('/api/gitstead/1/settings', { push_to_create: false })).status).toBe(200)
    const off = await tryGit(work, ['push', remoteOf(site, `unborn${count}`), 'main'])
    expect(off.stderr).toMatch(/There is nothing here, or you may not see it/)
    expect((await ada.get(`/2.0/repositories/ada/unborn${count}`)).status).toBe(404)
    expect((await ada.put('/api/gitstead/1/settings', { push_to_create: true })).status).toBe(200)
  })

  it('makes nothing for who only looks, tries out, or sends what is not taken; says so when it made one', async () => {
    const status = async (slug: string): Promise<number> => (await ada.get(`/2.0/repositories/ada/${slug}`)).status
    const dry = `dry${count}`
    expect((await tryGit(work, ['push', '--dry-run', remoteOf(site, dry), 'main'])).code).toBe(0)
    expect(await status(dry)).toBe(404)
    const refused = await tryGit(work, ['push', remoteOf(site, dry), 'main:refs/pull/1/head'])
    expect(refused.stderr).toMatch(/only branches, tags and notes can be pushed/)
    expect(await status(dry)).toBe(404)
    const made = await tryGit(work, ['push', remoteOf(site, dry), 'main'])
    expect(made.stderr).toContain(`remote: Gitstead made the repository ada/${dry}.`)
    expect((await tryGit(work, ['push', remoteOf(site, dry), 'main:more'])).stderr).not.toContain('Gitstead made')
  })

  it('of several who push to the same new name at once each gets in, and one makes it', async () => {
    const born = remoteOf(site, `race${count}`)
    const pushes = await Promise.all([1, 2, 3, 4].map((n) => tryGit(work, ['push', born, `main:refs/heads/b${n}`])))
    expect(pushes.map(({ code, stderr }) => [code, code === 0 ? '' : stderr])).toEqual(pushes.map(() => [0, '']))
    expect(pushes.filter(({ stderr }) => stderr.includes('Gitstead made'))).toHaveLength(1)
    expect((await git(work, ['ls-remote', '--heads', born])).split('\n')).toHaveLength(4)
  })

  it('brings back nothing that was deleted while somebody was about to push', async () => {
    const again = await tryGit(work, ['push', remoteOf(site, name), 'main'])
    expect(again.code).toBe(0)
    expect((await ada.delete(`/2.0/repositories/ada/${name}`)).status).toBe(204)
    const late = await tryGit(work, ['push', remoteOf(site, name), 'main'])
    expect(late.stderr).toMatch(/this repository was deleted a moment ago/)
    expect((await ada.get(`/2.0/repositories/ada/${name}`)).status).toBe(404)
  })

  it('does not work in a workspace of others', async () => {
    await teammate(site.server, ada, { name: `carl${count}` })
    const remote = withLogin(`${site.server.url}/ada/carls.git`, `carl${count}`, `carl${count} has a password`)
    expect((await tryGit(work, ['push', remote, 'main'])).stderr).toMatch(
      /There is nothing here, or you may not see it/,
    )
  })
})

it('of a mirror all that can be taken is taken, and the rest is refused by name', async () => {
  await git(work, ['update-ref', 'refs/pull/1/head', 'main'])
  await git(work, ['update-ref', 'refs/remotes/origin/main', 'main'])
  await git(work, ['tag', 'v1'])
  const push = await tryGit(work, ['push', '--mirror', remoteOf(site, name)])
  expect(push.code).toBe(1)
  for (const ref of ['refs/pull/1/head', 'origin/main'])
    expect(push.stderr).toMatch(new RegExp(`remote rejected\\] ${ref} -> .* \\(only branches, tags and notes can be`))
  expect(push.stderr).toMatch(/new branch\] +main -> main/)
  const there = await git(work, ['ls-remote', remoteOf(site, name)])
  expect(there).toMatch(/refs\/heads\/main\n.*refs\/tags\/v1$/)
  // With --atomic it is all or nothing.
  const atomic = await tryGit(work, ['push', '--atomic', '--mirror', remoteOf(site, name)])
  expect(atomic.code).toBe(1)
  expect(await broken(site.server)).toEqual([])
})

it('a branch or tag whose name means something else is refused', async () => {
  const id = await head(work)
  for (const ref of ['refs/heads/HEAD', 'refs/tags/HEAD', `refs/heads/${id}`]) {
    const push = await tryGit(work, ['push', remoteOf(site, name), `main:${ref}`])
    expect(push.stderr).toMatch(/this name would be taken for something else/)
  }
  const made = await ada.post(`/2.0/repositories/ada/${name}/refs/branches`, { name: 'HEAD', target: { hash: id } })
  expect(made.status).toBe(400)
})

describe('refusals that a person understands', () => {
  let url: string
  beforeEach(async () => {
    url = `${site.server.url}/ada/${name}.git`
    await git(work, ['push', '-q', remoteOf(site, name), 'main'])
    await teammate(site.server, ada, {
      name: `rita${count}`,
      grants: [{ repository: `ada/${name}`, permission: 'read' }],
    })
    await teammate(site.server, ada, { name: `stan${count}` })
  })
  const as = (who: string, password = `${who}${count} has a password`): string =>
    withLogin(url, `${who}${count}`, password)

  it('wrong password, wrong name', async () => {
    const wrong = await tryGit(work, ['ls-remote', as('rita', 'wrong')])
    expect(wrong.stderr).toMatch(/The user name or the password is wrong/)
    expect(wrong.stderr).toMatch(/Authentication failed/)
    expect((await tryGit(work, ['push', as('nobody'), 'main'])).stderr).toMatch(
      /The user name or the password is wrong/,
    )
  })

  it('no credentials: git asks for them', async () => {
    const asked = await tryGit(work, ['ls-remote', url])
    expect(asked.stderr).toMatch(/could not read Username/)
    expect(asked.code).not.toBe(0)
  })

  it('no permission: it looks as if there were nothing', async () => {
    const [hidden, absent] = [
      as('stan'),
      withLogin(`${site.server.url}/ada/none.git`, `stan${count}`, `stan${count} has a password`),
    ]
    for (const command of ['ls-remote', 'fetch']) {
      const at = async (remote: string): Promise<string> =>
        (await tryGit(work, [command, remote])).stderr.split('\n')[0] ?? ''
      expect(await at(hidden)).toMatch(/remote: There is nothing here, or you may not see it/)
      expect(await at(hidden)).toBe(await at(absent))
    }
  })

  it('read only: fetches, and hears why it may not push', async () => {
    await git(work, ['fetch', '-q', as('rita')])
    const push = await tryGit(work, ['push', as('rita'), 'main:other'])
    expect(push.stderr).toMatch(/remote: .*This needs write permission on the repository; you have read\./)
    expect(push.stderr).toMatch(/403/)
  })

  it('an address that is none', async () => {
    const short = await tryGit(work, ['ls-remote', withLogin(`${site.server.url}/ada.git`, ADMIN.name, ADMIN.password)])
    expect(short.code).not.toBe(0)
    expect(short.stderr).not.toMatch(/500/)
  })
})

describe('many at once', () => {
  it(`${CLIENTS} clients push to one branch: one wins each time, no update is lost, no lock is left`, async () => {
    const remote = remoteOf(site, name)
    await git(work, ['push', '-q', remote, 'main'])
    const clones = Array.from({ length: CLIENTS }, (_, i) => join(site.dir, `c${count}-${i}`))
    for (const clone of clones) await git(site.dir, ['clone', '-q', work, clone])
    const winners: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(clones.map((clone) => commitFile(clone, `${clone.split('/').at(-1)}-${round}`, 'x')))
      const pushed = await Promise.all(clones.map((clone) => tryGit(clone, ['push', remote, 'main'])))
      const won = clones.filter((_, i) => pushed[i]?.code === 0)
      expect(won).toHaveLength(1)
      for (const { code, stderr } of pushed) if (code !== 0) expect(stderr).toMatch(/rejected\]? .*main -> main/)
      winners.push(await head(won[0] ?? ''))
      expect((await refsOf(path)).get('refs/heads/main')).toBe(winners.at(-1))
      for (const clone of clones) await git(clone, ['fetch', '-q', path, 'main'])
      for (const clone of clones) await git(clone, ['reset', '-q', '--hard', 'FETCH_HEAD'])
    }
    const acknowledged = winners.map((oid) => ({ ref: 'refs/heads/main', oid }))
    expect(await broken(site.server, [{ repository: `ada/${name}`, acknowledged }])).toEqual([])
  }, 180_000)

  it('what was pushed is seen at once, by git and by pages', async () => {
    const remote = remoteOf(site, name)
    for (let i = 0; i < 10; i++) {
      const oid = await commitFile(work, 'file', String(i))
      await git(work, ['push', '-q', remote, 'main'])
      const [listed, page] = await Promise.all([
        git(work, ['ls-remote', remote, 'main']),
        ada.get(`/2.0/repositories/ada/${name}/refs/branches/main`),
      ])
      expect(listed).toBe(`${oid}\trefs/heads/main`)
      expect(page.body.target.hash).toBe(oid)
      const { values } = (await ada.get(`/api/gitstead/1/pushes?repository=ada/${name}&limit=1`)).body
      expect(values[0].changes[0].new).toBe(oid)
    }
  })
})

describe('overwritten and deleted tips', () => {
  it('are kept where no client sees them', async () => {
    const remote = remoteOf(site, name)
    const first = await head(work)
    await git(work, ['push', '-q', remote, 'main', 'main:topic'])
    await git(work, ['commit', '-q', '--amend', '-m', 'Another'])
    await git(work, ['push', '-q', '--force', remote, 'main'])
    await git(work, ['push', '-q', remote, ':topic'])

    const kept = await git(path, ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/gitstead/kept'])
    expect(kept.split('\n').map((line) => line.split(' ')[1])).toEqual([first, first])
    expect(kept).toMatch(/heads\/main/)
    expect(kept).toMatch(/heads\/topic/)

    for (const version of [0, 1, 2]) {
      const listed = await git(work, ['-c', `protocol.version=${version}`, 'ls-remote', remote])
      expect(listed.split('\n').map((line) => line.split('\t')[1])).toEqual(['HEAD', 'refs/heads/main'])
    }
    await git(site.dir, ['clone', '-q', '--mirror', remote, `mirror${count}`])
    expect([...(await refsOf(join(site.dir, `mirror${count}`))).keys()]).toEqual(['refs/heads/main'])
    expect((await tryGit(work, ['fetch', remote, 'refs/gitstead/*:refs/kept/*'])).stdout).toBe('')
    expect(await git(work, ['for-each-ref', 'refs/kept'])).toBe('')
    const name1 = kept.split(' ')[0] ?? ''
    const removed = await tryGit(work, ['push', remote, `:${name1}`])
    expect(removed.code).not.toBe(0)
    expect(await git(path, ['for-each-ref', '--format=%(refname)', 'refs/gitstead/kept'])).toContain(name1)
  })
})

describe('another client, written by others', () => {
  it('isomorphic-git clones, pushes, fetches and lists', async () => {
    const url = `${site.server.url}/ada/${name}.git`
    await makeWork(join(site.dir, `seed${count}`), { 'a.txt': 'a\n', 'b/c.txt': 'c\n' })
    await git(join(site.dir, `seed${count}`), ['push', '-q', remoteOf(site, name), 'main'])
    const dir = join(site.dir, `iso${count}`)
    const common = { fs, http: isohttp, dir, url, onAuth: () => ({ username: ADMIN.name, password: ADMIN.password }) }
    await isogit.clone({ ...common, singleBranch: true, depth: 1 })
    expect(fs.readFileSync(join(dir, 'b/c.txt'), 'utf8')).toBe('c\n')
    fs.writeFileSync(join(dir, 'new.txt'), 'from elsewhere\n')
    await isogit.add({ fs, dir, filepath: 'new.txt' })
    const author = { name: 'Iso', email: 'iso@example.com' }
    const oid = await isogit.commit({ fs, dir, message: 'From elsewhere', author })
    expect(await isogit.push({ ...common, ref: 'main' })).toMatchObject({ ok: true })
    expect((await refsOf(path)).get('refs/heads/main')).toBe(oid)
    const branch = await isogit.push({ ...common, ref: 'main', remoteRef: 'refs/heads/iso' })
    expect(branch.refs['refs/heads/iso']).toMatchObject({ ok: true })
    const refs = await isogit.listServerRefs({ http: isohttp, url, onAuth: common.onAuth, prefix: 'refs/heads/' })
    expect(refs.map(({ ref }) => ref)).toEqual(['refs/heads/iso', 'refs/heads/main'])
    const wrong = isogit.fetch({
      ...common,
      onAuth: () => ({ username: 'ada', password: 'wrong' }),
      onAuthFailure: () => ({ cancel: true }),
    })
    await expect(wrong).rejects.toThrow()
  })
})
