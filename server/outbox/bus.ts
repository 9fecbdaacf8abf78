// News of what was committed, to those who listen in this process and in its neighbours. Nothing depends on it being heard.
export type News =
  | { kind: 'event'; id: number; event: string; repositoryId: string | null }
  /** Some event was written, whatever its kind. */
  | { kind: 'recorded' }
  | { kind: 'settings' }
  | { kind: 'jobs' }
  /** Another certificate for HTTPS lies ready, or another way was chosen. */
  | { kind: 'certificate' }
  /** A job is to be ended where it runs. */
  | { kind: 'cancel'; job: number }
  /** A transfer of git is to be ended where it runs. */
  | { kind: 'end-transfer'; id: string }
  /** A try to sign in under this key of the throttle has failed, or has succeeded. */
  | { kind: 'sign-in'; key: string; failed: boolean }
  /** So many requests of callers were let through, by the keys of their buckets. */
  | { kind: 'spent'; spent: [key: string, n: number][] }
  /** These people have something new to read. */
  | { kind: 'notice'; userIds: string[] }
  /** Somebody found the feed damaged. */
  | { kind: 'feed' }
  /** Packs were replaced: what holds the old ones open lets go. `purged`: objects went for good. */
  | { kind: 'repacked'; repositoryId: string; purged: boolean }

export interface Bus {
  tell(news: News): void
  /** News from another process, for the listeners of this one. */
  hear(news: News): void
  /** Returns the call that ends listening. */
  listen(hear: (news: News) => void): () => void
}

/** `relay` carries news to the other processes of this server. */
export function openBus(relay: (news: News) => void = () => {}): Bus {
  const listeners = new Set<(news: News) => void>()
  const hear = (news: News): void => {
    for (const listener of listeners) listener(news)
  }
  return {
    tell(news) {
      hear(news)
      relay(news)
    },
    hear,
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
