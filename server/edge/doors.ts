// The look-ups that the edge needs and the features answer; app.ts joins the two.
import type { IncomingMessage } from 'node:http'
import type { Actor, RepositoryView, WorkspaceView } from '../rooms.ts'

export interface Doors {
  /** Who calls. Throws a Fault for credentials that are wrong, throttled or of a kind not allowed here. */
  identify(request: IncomingMessage, address: string): Promise<Actor>
  /** The repository by slugs or braced UUIDs, as this actor may see it; undefined when absent or hidden from them. */
  repository(actor: Actor, workspace: string, repository: string): Promise<RepositoryView | undefined>
  workspace(actor: Actor, workspace: string): Promise<WorkspaceView | undefined>
  csrfToken(actor: Actor): string
  /** Host names beside this machine's own that the admin allows. */
  allowedHosts(): readonly string[]
  /** Whether whoever comes over plain HTTP, and not from this machine, is led to HTTPS. */
  insistsOnHttps(): boolean
}
