// Which Gitstead this is: a name of the data folder, the same for every server on it, that tells nothing of what is in it.
import { mac } from '../../kit/secret.ts'

export function instanceOf(key: Buffer): string {
  return mac(key, 'instance').slice(0, 32)
}
