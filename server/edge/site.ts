// The web pages: hashed assets that never change, and one document for every address that a page lives at.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import express, { type Router } from 'express'

/** Nothing may come from elsewhere, run inline or frame us. Styles may be inline: the widgets compute positions. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * Of the one document that a page frames, to draw diagrams of strangers: it has no origin, so that it can reach nothing of
 * the page's, and asks for nothing but its own code.
 */
export const DIAGRAM_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'unsafe-inline'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
  'sandbox allow-scripts',
].join('; ')
const DIAGRAM = 'diagram.html'
const PACKED = '.gz'

export function site(pages: string): Router {
  const router = express.Router()
  const document = readDocument(pages)
  const packed = readPacked(pages)
  router.use('/assets', (request, response, next) => {
    response.vary('Accept-Encoding')
    if (packed.has(request.path) && request.acceptsEncodings('gzip')) request.url = `${request.path}${PACKED}`
    next()
  })
  router.use(
    express.static(pages, {
      index: false,
      redirect: false,
      setHeaders: (response, path) => {
        const hashed = path.startsWith(join(pages, 'assets'))
        if (hashed && path.endsWith(PACKED))
          response.type(extname(path.slice(0, -PACKED.length))).set('Content-Encoding', 'gzip')
        const diagram = path === join(pages, DIAGRAM)
        // A worker keeps the policy of its own file.
        response.setHeader('Content-Security-Policy', diagram ? DIAGRAM_POLICY : PAGE_POLICY)
        if (diagram) response.setHeader('X-Frame-Options', 'SAMEORIGIN')
        // A document without an origin loads its code from here. It is the same for everybody and holds no secret.
        if (hashed) response.setHeader('Access-Control-Allow-Origin', '*')
        response.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    }),
  )
  router.use('/assets', (_request, response) => void response.status(404).end())
  router.get('/*path', page)
  router.get('/', page)
  return router

  function page(_request: express.Request, response: express.Response): void {
    response.set({
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': PAGE_POLICY,
    })
    response.end(document)
  }
}

const AGAIN_S = 5

/** For a person who finds no place: the browser tries again by itself. */
export function busyPage(response: express.Response): void {
  response.status(503).set({
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Retry-After': String(AGAIN_S),
    Refresh: String(AGAIN_S),
  })
  response.end(
    '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Gitstead is busy</title>' +
      '<h1>Gitstead is busy</h1><p>Too much is asked of this server at the moment. This page tries again by itself.</p>',
  )
}

/** Of these the build has made a copy in gzip: `/name.js`. */
function readPacked(pages: string): Set<string> {
  const assets = join(pages, 'assets')
  const names = existsSync(assets) ? readdirSync(assets) : []
  return new Set(names.filter((name) => name.endsWith(PACKED)).map((name) => `/${name.slice(0, -PACKED.length)}`))
}

function readDocument(pages: string): Buffer {
  try {
    return readFileSync(join(pages, 'index.html'))
  } catch {
    return Buffer.from(
      '<!doctype html><title>Gitstead</title><p>The pages are not built. Run <code>npm run build</code>.</p>',
    )
  }
}
