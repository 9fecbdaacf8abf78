// The files for the systems: each names the same command, and letters that mean something to it are kept from it.
import { describe, expect, it } from 'vitest'
import { recipes, systemOf } from './recipes.ts'

const served = {
  account: 'git',
  command: ['/opt/node', '/opt/Git stead/main.js', 'serve', '--data', '/srv/100% "ours" & $HOME\\'],
  data: '/srv/100% "ours" & $HOME\\',
  path: '/usr/bin:/bin',
}

describe('the recipe of', () => {
  it('systemd quotes blanks, percent signs, dollars and quotes', () => {
    const text = recipes.systemd(served)
    expect(text).toContain(
      'ExecStart="/opt/node" "/opt/Git stead/main.js" "serve" "--data" "/srv/100%% \\"ours\\" & $$HOME\\\\"',
    )
    expect(text).toContain('RequiresMountsFor=/srv/100%%\\x20\\x22ours\\x22\\x20&\\x20$HOME\\x5c\n')
    expect(text).toContain('User=git\n')
    expect(text).toContain('Environment="PATH=/usr/bin:/bin"\n')
  })

  it('launchd is one document with every word of the command', () => {
    const text = recipes.launchd(served)
    expect([...text.matchAll(/ {6}<string>(.*)<\/string>/g)].map(([, word]) => word)).toEqual([
      '/opt/node',
      '/opt/Git stead/main.js',
      'serve',
      '--data',
      '/srv/100% &quot;ours&quot; &amp; $HOME\\',
      '/usr/bin:/bin',
    ])
    expect(text).toMatch(/<key>SuccessfulExit<\/key>\s+<false\/>/)
  })

  it('Windows doubles backslashes before quotes only', () => {
    const text = recipes.windows({
      ...served,
      command: ['C:\\node.exe', 'C:\\a b\\main.js', 'serve', 'D:\\data\\', 'a\\"b'],
    })
    expect(text).toContain('<executable>C:\\node.exe</executable>')
    expect(text).toContain(
      '<arguments>&quot;C:\\a b\\main.js&quot; &quot;serve&quot; &quot;D:\\data\\\\&quot; &quot;a\\\\\\&quot;b&quot;</arguments>',
    )
  })

  it('each system is the one of its platform', () => {
    expect([systemOf('linux'), systemOf('darwin'), systemOf('win32'), systemOf('freebsd')]).toEqual([
      'systemd',
      'launchd',
      'windows',
      'systemd',
    ])
  })
})
