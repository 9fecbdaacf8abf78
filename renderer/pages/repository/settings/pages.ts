// The pages of a repository's settings as one piece.
export { Access } from './access.tsx'
export { Availability } from './availability.tsx'
export { DeployTokens } from './deploy-tokens.tsx'
export { Settings } from './general.tsx'
export { SettingsLayout } from './layout.tsx'
export { RepositoryStoragePage } from './storage.tsx'
export { RepositoryHooks } from './webhooks.tsx'
