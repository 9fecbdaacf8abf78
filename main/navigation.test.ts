import { describe, expect, it } from 'vitest'
import { isAt, mayOpenOutside, type Surface, verdictOf, type Way } from './navigation.ts'

const places = { control: 'app://gitstead', server: 'http://127.0.0.1:7990' }

describe('where a page may lead', () => {
  it.each<[Surface, Way, string, string]>([
    ['control', 'page', 'app://gitstead/desktop.html', 'allow'],
    ['control', 'page', 'app://other/desktop.html', 'deny'],
    ['control', 'page', 'app://gitstead.evil/desktop.html', 'deny'],
    ['control', 'page', 'http://127.0.0.1:7990/', 'deny'],
    ['control', 'page', 'https://example.com/', 'deny'],
    ['control', 'window', 'https://example.com/', 'outside'],
    ['control', 'window', 'app://gitstead/desktop.html', 'deny'],
    ['control', 'frame', 'about:srcdoc', 'deny'],
    ['control', 'frame', 'https://example.com/', 'deny'],
    ['repositories', 'page', 'http://127.0.0.1:7990/ada/web', 'allow'],
    ['repositories', 'page', 'http://127.0.0.1:7991/ada/web', 'outside'],
    ['repositories', 'page', 'https://127.0.0.1:7990/', 'outside'],
    ['repositories', 'page', 'app://gitstead/desktop.html', 'deny'],
    ['repositories', 'page', 'mailto:ada@example.com', 'outside'],
    ['repositories', 'page', 'file:///etc/passwd', 'deny'],
    ['repositories', 'page', 'javascript:alert(1)', 'deny'],
    ['repositories', 'page', 'data:text/html,x', 'deny'],
    ['repositories', 'window', 'http://127.0.0.1:7990/ada/web', 'outside'],
    ['repositories', 'frame', 'http://127.0.0.1:7990/diagram.html', 'allow'],
    ['repositories', 'frame', 'about:srcdoc', 'allow'],
    ['repositories', 'frame', 'blob:http://127.0.0.1:7990/1', 'allow'],
    ['repositories', 'frame', 'https://example.com/', 'deny'],
    ['repositories', 'page', 'no address', 'deny'],
  ])('%s, %s, %s: %s', (surface, way, address, verdict) => {
    expect(verdictOf(surface, way, address, places)).toBe(verdict)
  })

  it('is nowhere of a server that does not run', () => {
    expect(verdictOf('repositories', 'page', 'http://127.0.0.1:7990/', { ...places, server: null })).toBe('outside')
    expect(isAt('http://127.0.0.1:7990/', null)).toBe(false)
  })

  it('is never an address with a name and a password in it', () => {
    expect(mayOpenOutside('https://a:b@example.com/')).toBe(false)
    expect(mayOpenOutside('https://a@example.com/')).toBe(false)
    expect(mayOpenOutside('HTTPS://EXAMPLE.COM')).toBe(true)
  })
})
