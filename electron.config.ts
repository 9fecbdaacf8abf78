// One build for every part of the program: the server, the desktop shell and the pages.
import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import type { Plugin } from 'vite'

const here = (path: string): string => resolve(import.meta.dirname, path)

/** Pages live at addresses of any depth, so what they load is named from the root; electron-vite would say `./`. */
const fromRoot: Plugin = {
  name: 'gitstead:from-root',
  transformIndexHtml: { order: 'post', handler: (html) => html.replaceAll('"./', '"/') },
}

export default defineConfig({
  main: {
    build: {
      outDir: here('out/server'),
      // Native addons stay outside; all else is bundled, so that a start reads few files.
      externalizeDeps: { include: ['better-sqlite3', 'bcrypt'], exclude: Object.keys(bundled()) },
      rolldownOptions: {
        input: {
          main: here('server/main.ts'),
          worker: here('server/worker.ts'),
          helper: here('server/git/run/helper.ts'),
          thread: here('server/kit/markup/thread.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunk-[hash].js' },
      },
    },
  },
  renderer: {
    root: here('renderer'),
    plugins: [react(), fromRoot],
    // Workers load what they need when they need it, as pages do.
    worker: { format: 'es' },
    build: {
      outDir: here('out/renderer'),
      minify: true,
      // A font inside a style sheet would be an address that the policy of the pages does not allow.
      assetsInlineLimit: (file) => (/\.woff2?$/.test(file) ? false : undefined),
      rolldownOptions: { input: { index: here('renderer/index.html'), diagram: here('renderer/diagram.html') } },
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
  }
}
