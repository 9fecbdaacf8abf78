// One build for every part of the program: the server, the desktop shell and the pages.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import type { Plugin } from 'vite'

const here = (path: string): string => resolve(import.meta.dirname, path)

/** Pages live at addresses of any depth, so what they load is named from the root; electron-vite would say `./`. */
const fromRoot: Plugin = {
  name: 'gitstead:from-root',
  transformIndexHtml: { order: 'post', handler: (html) => html.replaceAll('"./', '"/') },
}

/** Two folders of the one output are of this part: nothing of an earlier build stays in them. */
const swept: Plugin = {
  name: 'gitstead:swept',
  buildStart: () => ['server', 'main'].forEach((name) => rmSync(here(`out/${name}`), { recursive: true, force: true })),
}

/** Beside each text the same in gzip, which the server sends to whoever takes it: a quarter of the bytes. */
const packed: Plugin = {
  name: 'gitstead:packed',
  writeBundle: ({ dir = '' }, bundle) => {
    for (const name of Object.keys(bundle).filter((file) => /^assets\/.*\.(m?js|css|svg)$/.test(file)))
      writeFileSync(join(dir, `${name}.gz`), gzipSync(readFileSync(join(dir, name)), { level: 9 }))
  },
}

export default defineConfig({
  // The server and the shell in one go; they share no code but libraries.
  main: {
    plugins: [swept],
    build: {
      outDir: here('out'),
      emptyOutDir: false,
      // Native addons stay outside; all else is bundled, so that a start reads few files.
      externalizeDeps: { include: ['better-sqlite3', 'bcrypt'], exclude: Object.keys(bundled()) },
      rolldownOptions: {
        input: {
          'server/main': here('server/main.ts'),
          'server/worker': here('server/worker.ts'),
          'server/helper': here('server/git/run/helper.ts'),
          'server/thread': here('server/kit/markup/thread.ts'),
          'main/index': here('main/index.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'server/chunk-[hash].js' },
      },
    },
  },
  // In a sandbox, so in one file and of the old kind of modules.
  preload: {
    build: {
      outDir: here('out/preload'),
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: here('main/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: here('renderer'),
    plugins: [react(), fromRoot, packed],
    // Workers load what they need when they need it, as pages do.
    worker: { format: 'es' },
    build: {
      outDir: here('out/renderer'),
      minify: true,
      // A font inside a style sheet would be an address that the policy of the pages does not allow.
      assetsInlineLimit: (file) => (/\.woff2?$/.test(file) ? false : undefined),
      rolldownOptions: {
        input: {
          index: here('renderer/index.html'),
          diagram: here('renderer/diagram.html'),
          desktop: here('renderer/desktop.html'),
        },
        // By itself each thing that two pages share would be a file of its own, and a page would ask for sixty of them.
        output: {
          codeSplitting: {
            groups: [
              {
                name: 'libraries',
                test: /[\\/]node_modules[\\/](react|react-dom|scheduler|@mantine|@tanstack|@floating-ui|@primer)[\\/]/,
                priority: 2,
              },
              { name: 'parts', test: /[\\/]renderer[\\/](parts|code|\w+\.tsx?$)/, minShareCount: 2, priority: 1 },
            ],
          },
        },
      },
    },
  },
})

function bundled(): Record<string, true> {
  return {
    '@fastify/busboy': true,
    express: true,
    kysely: true,
    zod: true,
    'zod-openapi': true,
    pino: true,
    'isomorphic-git': true,
    'markdown-it': true,
    'markdown-it-footnote': true,
    'sanitize-html': true,
    nodemailer: true,
    'oauth-1.0a': true,
    'bonjour-service': true,
  }
}
