// What the page and the document that draws a diagram say to each other.
export interface DiagramOrder {
  text: string
  dark: boolean
}

export type DiagramWord = { kind: 'ready' } | { kind: 'drawn'; height: number } | { kind: 'failed'; reason: string }
