// A PDF, drawn page by page onto canvases: no script in it runs, none of its forms and links do anything.
import { Button, Group, Text } from '@mantine/core'
import { GlobalWorkerOptions, getDocument, type PDFDocumentProxy } from 'pdfjs-dist'
// oxlint-disable-next-line import/default -- the bundler gives its address
import workerUrl from 'pdfjs-dist/build/pdf.worker.min.mjs?url'
import { useEffect, useRef, useState } from 'react'
import { Empty, Waiting } from '../../../parts/states.tsx'
import './preview.css'

const AT_ONCE = 5
const WIDEST = 900
/** Of one canvas: more than this a browser may refuse. */
const PIXELS = 16_000_000

GlobalWorkerOptions.workerSrc = workerUrl

export function Pdf({ bytes, name }: { bytes: Uint8Array; name: string }) {
  const [shown, setShown] = useState(AT_ONCE)
  const document = useDocument(bytes)
  if (document === 'broken') return <Empty title="This PDF is damaged or locked. Download it to open it elsewhere." />
  if (!document) return <Waiting rows={1} height={400} />
  const pages = Math.min(shown, document.numPages)
  return (
    <>
      <div className="pages" role="region" aria-label={`Pages of ${name}`} tabIndex={0}>
        {Array.from({ length: pages }, (_unused, i) => (
          <PdfPage key={i} document={document} number={i + 1} />
        ))}
      </div>
      <Group p="sm" px="md" gap="sm">
        <Text size="sm" c="dimmed">
          {pages === document.numPages
            ? `${pages} ${pages === 1 ? 'page' : 'pages'}`
            : `The first ${pages} of ${document.numPages} pages`}
        </Text>
        {pages < document.numPages && (
          <Button size="xs" variant="default" onClick={() => setShown(shown + AT_ONCE)}>
            Show more pages
          </Button>
        )}
      </Group>
    </>
  )
}

function useDocument(bytes: Uint8Array): PDFDocumentProxy | 'broken' | undefined {
  const [document, setDocument] = useState<PDFDocumentProxy | 'broken'>()
  useEffect(() => {
    // The worker takes the bytes away.
    const task = getDocument({ data: bytes.slice(), enableXfa: false, useWasm: false, useWorkerFetch: false })
    let gone = false
    const settle = (found: PDFDocumentProxy | 'broken'): void => {
      if (!gone) setDocument(found)
    }
    task.promise.then(settle, () => settle('broken'))
    return () => {
      gone = true
      void task.destroy()
    }
  }, [bytes])
  return document
}

function PdfPage({ document, number }: { document: PDFDocumentProxy; number: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [state, setState] = useState<'waiting' | 'drawn' | 'broken'>('waiting')
  useEffect(() => {
    const stop = new AbortController()
    const settle = (state: 'drawn' | 'broken') => () => {
      if (!stop.signal.aborted) setState(state)
    }
    if (canvas.current)
      draw(document, number, { canvas: canvas.current, stop: stop.signal }).then(settle('drawn'), settle('broken'))
    return () => stop.abort()
  }, [document, number])
  const label = state === 'broken' ? `Page ${number} could not be drawn` : `Page ${number}`
  return <canvas ref={canvas} role="img" aria-label={label} data-state={state} />
}

async function draw(
  document: PDFDocumentProxy,
  number: number,
  { canvas, stop }: { canvas: HTMLCanvasElement; stop: AbortSignal },
): Promise<void> {
  const page = await document.getPage(number)
  stop.throwIfAborted()
  const { width, height } = page.getViewport({ scale: 1 })
  const density = Math.min(devicePixelRatio, 2)
  const room = Math.min(WIDEST, canvas.parentElement?.clientWidth ?? WIDEST)
  const scale = Math.min((room / width) * density, Math.sqrt(PIXELS / (width * height)))
  const viewport = page.getViewport({ scale })
  canvas.width = Math.floor(viewport.width)
  canvas.height = Math.floor(viewport.height)
  canvas.style.width = `${Math.floor(viewport.width / density)}px`
  const task = page.render({ canvas, viewport })
  stop.addEventListener('abort', () => task.cancel())
  await task.promise
}
