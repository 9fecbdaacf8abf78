// What invitations and reset links look like as mails. The links themselves can still be copied.
import type { Tx } from '../../db/open.ts'
import type { Rooms, User } from '../../rooms.ts'
import type { UserRow } from '../accounts/actions.ts'
import { confirmedAddress, enqueueLetter, mailBase, sendsMail } from '../mail/actions.ts'

/** To the confirmed address of the person, where the server sends mail; false where it cannot. */
export async function mailResetLink(rooms: Rooms, tx: Tx, user: UserRow, secret: string): Promise<boolean> {
  const to = (await sendsMail(tx)) ? await confirmedAddress(tx, user.id) : undefined
  if (to === undefined) return false
  const letter = {
    subject: `A new password for ${user.name}`,
    lines: [`An admin made a link by which you choose a new password for ${user.name}. It works once, for a day.`],
    link: { label: 'Choose a new password', url: `${await mailBase(tx)}/reset#token=${secret}` },
    foot: 'If you did not ask for it, tell an admin: your password stays as it is until the link is used.',
  }
  await enqueueLetter(rooms, tx, { to, letter })
  return true
}

export async function mailInvitation(
  rooms: Rooms,
  tx: Tx,
  by: User,
  { to, workspace, secret }: { to: string; workspace: string; secret: string },
): Promise<void> {
  const letter = {
    subject: `${by.displayName} invites you to ${workspace}`,
    lines: [
      `${by.displayName} (${by.name}) invites you to work together on ${workspace}.`,
      'The link lets you choose a user name and a password of your own. It works once, for a day.',
    ],
    link: { label: 'Join', url: `${await mailBase(tx)}/invite#token=${secret}` },
    foot: 'If you do not know who this is from, do nothing: without the link nothing happens.',
  }
  await enqueueLetter(rooms, tx, { to, letter })
}
