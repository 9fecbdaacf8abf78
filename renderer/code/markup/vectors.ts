// Vector pictures of the repository in a text. The server hands them out as text, as a document of that kind could run
// scripts; as a picture it cannot, so the page makes one of the text.
import type { Drawing } from './drawing.ts'

const LARGEST = 2 * 1024 * 1024

export function showVectors(box: HTMLElement, { signal }: Drawing): void {
  for (const image of box.querySelectorAll('img')) {
    const src = image.getAttribute('src') ?? ''
    if (src.startsWith('/2.0/') && /\.svg$/i.test(src)) void show(image, src, signal).catch(() => {})
  }
}

async function show(image: HTMLImageElement, src: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(src, { credentials: 'same-origin', signal })
  const text = response.ok ? await response.text() : ''
  if (text === '' || text.length > LARGEST || signal.aborted) return
  const address = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }))
  signal.addEventListener('abort', () => URL.revokeObjectURL(address))
  image.src = address
}
