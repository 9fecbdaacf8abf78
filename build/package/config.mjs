// How electron-builder makes the packages. The shell lies in the archive; the server, its pages and native modules lie
// beside it, because the Node of the package reads no archives.
import { dirname, join } from 'node:path'
import { createRequire } from 'node:module'
import { root } from '../fresh.mjs'

/** Where those who give the packages away say that they come from; a package for Debian needs to name a place and a person. */
const HOMEPAGE = process.env.GITSTEAD_HOMEPAGE ?? 'https://gitstead.invalid'
const MAINTAINER = process.env.GITSTEAD_MAINTAINER ?? 'The authors of Gitstead <nobody@gitstead.invalid>'
const NATIVE = ['better-sqlite3', 'bcrypt']

/**
 * @param target such as `linux-x64`: of its platform are the native modules, the Node and the git
 * @param options.dist a folder in the place of Electron's own files, to look at the layout without them
 * @param options.git the git to bundle; without it, the package uses the one of the system
 */
export function packageConfig(target, { dist, git, output = join(root, 'release') } = {}) {
  const node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin')
  return {
    appId: 'org.gitstead.desktop',
    productName: 'Gitstead',
    copyright: 'The authors of Gitstead, under the MIT license',
    directories: { output, buildResources: join(root, 'build', 'icons') },
    ...(dist === undefined ? {} : { electronDist: dist }),
    extraMetadata: { homepage: HOMEPAGE },
    npmRebuild: false,
    asar: true,
    files: [
      'out/**',
      'package.json',
      '!node_modules/**',
      ...NATIVE.flatMap((name) => [
        `node_modules/${name}/package.json`,
        `node_modules/${name}/LICENSE`,
        `node_modules/${name}/prebuilds/${target}{.node,/**}`,
      ]),
      'node_modules/better-sqlite3/lib/**',
      'node_modules/bcrypt/*.js',
      'node_modules/node-gyp-build/{index.js,node-gyp-build.js,package.json}',
      '!**/*.musl.node',
      '!**/*.map',
    ],
    asarUnpack: ['out/server/**', 'out/renderer/**', 'node_modules/**'],
    extraResources: [
      { from: node, to: 'node', filter: ['node', 'node.exe'] },
      { from: join(root, 'build', 'icons'), to: 'icons', filter: ['tray-*.png'] },
      ...(git === undefined ? [] : [{ from: git, to: 'git' }]),
    ],
    // The program of the package is no Node for anybody: the server has one of its own.
    electronFuses: {
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    },
    protocols: [{ name: 'Gitstead', schemes: ['gitstead'] }],
    linux: {
      target: ['deb', 'AppImage'],
      category: 'Development',
      synopsis: "Your team's own Git host",
      maintainer: MAINTAINER,
      executableName: 'gitstead',
    },
    // To what electron-builder names by itself: without a git of its own, the package needs one.
    deb: { recommends: git === undefined ? ['git'] : [] },
    win: { target: ['nsis'] },
    // The data lies elsewhere, and no uninstall or update touches it.
    nsis: {
      oneClick: false,
      perMachine: false,
      allowToChangeInstallationDirectory: true,
      deleteAppDataOnUninstall: false,
    },
    mac: {
      target: ['dmg', 'zip'],
      category: 'public.app-category.developer-tools',
      hardenedRuntime: true,
      entitlements: join(root, 'build', 'package', 'entitlements.mac.plist'),
      entitlementsInherit: join(root, 'build', 'package', 'entitlements.mac.plist'),
    },
  }
}
