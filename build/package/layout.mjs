// What a package holds, read from the folder that electron-builder made, and what of it should not be so.
import { closeSync, existsSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** Where Electron keeps its switches in its own program: this mark, then version, count, and a letter for each. */
const FUSES = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX')
const FUSE_NAMES = ['runAsNode', 'cookieEncryption', 'nodeOptions', 'inspect', 'asarIntegrity', 'onlyAsar']
const WANTED_FUSES = {
  runAsNode: false,
  cookieEncryption: true,
  nodeOptions: false,
  inspect: false,
  asarIntegrity: true,
  onlyAsar: true,
}

const NEEDED = [
  'package.json',
  'out/main/index.js',
  'out/preload/preload.cjs',
  'out/renderer/desktop.html',
  'out/renderer/index.html',
  'out/server/main.js',
  'out/server/worker.js',
  'out/server/helper.js',
  'out/server/thread.js',
  'node_modules/better-sqlite3/package.json',
  'node_modules/bcrypt/package.json',
]
/** Run or read by the server's Node, which sees no archive. */
const BESIDE = /^(?:out\/(?:server|renderer)|node_modules)\//
const DEVELOPMENT =
  /(?:\.test\.|\.[cm]?tsx?$|\.map$|\.md$|\.gyp$|(?:^|\/)(?:test|tests|src|deps|docs|\.git|\.github|binding\.gyp)(?:\/|$))/

/**
 * @typedef {{ path: string, bytes: number, unpacked: boolean }} Packed
 * @typedef {{ files: Packed[], resources: string[], fuses: Record<string, boolean>, bytes: Record<string, number> }} Layout
 */

/**
 * @param {string} folder with the program and `resources`
 * @param {string} program its name
 * @returns {Layout}
 */
export function layoutOf(folder, program) {
  const resources = join(folder, 'resources')
  const files = filesOfArchive(join(resources, 'app.asar'))
  const size = (name) => bytesOf(join(resources, name))
  return {
    files,
    resources: readdirSync(resources).sort(),
    fuses: fusesOf(join(folder, program)),
    bytes: {
      archive: size('app.asar'),
      beside: size('app.asar.unpacked'),
      node: size('node'),
      git: size('git'),
      icons: size('icons'),
    },
  }
}

/**
 * In words, one for each; none when it is as it should be.
 * @param {Layout} layout
 * @param {string} target such as `linux-x64`
 * @returns {string[]}
 */
export function faultsOf({ files, resources, fuses }, target) {
  const paths = new Set(files.map(({ path }) => path))
  const natives = files.filter(({ path }) => path.endsWith('.node')).map(({ path }) => path)
  return [
    ...NEEDED.filter((path) => !paths.has(path)).map((path) => `${path} is missing`),
    ...files.filter(({ path }) => DEVELOPMENT.test(path)).map(({ path }) => `${path} is for development only`),
    ...files
      .filter(({ path, unpacked }) => BESIDE.test(path) !== unpacked)
      .map(({ path, unpacked }) => `${path} should ${unpacked ? '' : 'not '}lie in the archive`),
    ...natives
      .filter((path) => !path.includes(`/prebuilds/${target}/`) && !path.endsWith(`/prebuilds/${target}.node`))
      .map((path) => `${path} is of another platform`),
    ...['better-sqlite3', 'bcrypt']
      .filter((name) => !natives.some((path) => path.startsWith(`node_modules/${name}/`)))
      .map((name) => `${name} has no native module`),
    ...['icons', 'node'].filter((name) => !resources.includes(name)).map((name) => `the folder ${name} is missing`),
    ...Object.entries(WANTED_FUSES)
      .filter(([name, on]) => fuses[name] !== on)
      .map(([name, on]) => `the fuse ${name} is not ${on ? 'on' : 'off'}`),
  ]
}

/** All files that an archive knows, with where their bytes begin behind its head; those beside it have none. */
export function filesOfArchive(file) {
  const head = Buffer.alloc(16)
  const open = openSync(file, 'r')
  try {
    readSync(open, head, 0, 16, 0)
    const text = Buffer.alloc(head.readUInt32LE(12))
    readSync(open, text, 0, text.length, 16)
    return flat(JSON.parse(text.toString('utf8')), '')
  } finally {
    closeSync(open)
  }
}

function flat(entry, path) {
  if (!entry.files)
    return [{ path, bytes: entry.size ?? 0, unpacked: entry.unpacked === true, offset: Number(entry.offset ?? 0) }]
  return Object.entries(entry.files).flatMap(([name, one]) => flat(one, path === '' ? name : `${path}/${name}`))
}

function fusesOf(program) {
  const bytes = readFileSync(program)
  const at = bytes.indexOf(FUSES)
  if (at === -1) return {}
  const wire = at + FUSES.length + 2
  return Object.fromEntries(FUSE_NAMES.map((name, i) => [name, bytes[wire + i] === '1'.charCodeAt(0)]))
}

/** A program that has Electron's switches and does nothing: enough to make a package of which the layout can be seen. */
export const DUMMY_PROGRAM = Buffer.concat([
  Buffer.from('#!/bin/false\n'),
  FUSES,
  Buffer.from([1, 9]),
  Buffer.from('101100011'),
])

function bytesOf(path) {
  if (!existsSync(path)) return 0
  const stats = lstatSync(path)
  if (!stats.isDirectory()) return stats.size
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0)
}
