// News of what was committed, to those who listen in this process. Nothing depends on it being heard.
export type News =
  | { kind: 'event'; id: number; event: string; repositoryId: string | null }
  | { kind: 'settings' }
  | { kind: 'jobs' }

export interface Bus {
  tell(news: News): void
  /** Returns the call that ends listening. */
  listen(hear: (news: News) => void): () => void
}

export function openBus(): Bus {
  const listeners = new Set<(news: News) => void>()
  return {
    tell(news) {
      for (const hear of listeners) hear(news)
    },
    listen(hear) {
      listeners.add(hear)
      return () => listeners.delete(hear)
    },
  }
}
