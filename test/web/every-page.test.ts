// Each page of repositories and of what is read, at both widths and in both themes.
import { lookAt } from '../helpers/every-page.ts'

lookAt(
  [
    '/',
    '/new',
    '/ada/pages',
    '/ada/pages/src/main/src/a.ts',
    '/ada/pages/commits',
    '/ada/pages/branches',
    '/ada/pages/settings',
    '/ada/pages/settings/access',
    '/ada/pages/settings/webhooks',
    '/ada/empty',
    '/nothing/here',
    '/notifications',
    '/ada/pages/settings/availability',
    '/ada/closed/settings/availability',
    '/ada/closed',
    '/ada/pages/settings/deploy-tokens',
    '/ada/pages/settings/storage',
    '/import',
    '/ada',
    '/ada/pages/activity',
    '/people/ada',
    '/ada/pages/new-file/main/',
    '/ada/pages/upload/main/',
  ],
  { all: 4 },
)
