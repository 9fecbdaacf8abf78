// What a client is told of its push, in the words of git's report-status. Pure.
import { band, FLUSH, pkt, type Packet } from '../format/pktline.ts'
import type { Push, RefCommand } from './push.ts'
import { readPackets } from './request.ts'

export interface RefResult extends RefCommand {
  ok: boolean
  reason?: string
}

export function sideBand(push: Pick<Push, 'capabilities'>): boolean {
  return push.capabilities.has('side-band-64k')
}

export function reportsStatus(push: Pick<Push, 'capabilities'>): boolean {
  return push.capabilities.has('report-status') || push.capabilities.has('report-status-v2')
}

/** A report that refuses the whole push: with a reason for each ref that has one, or one reason for all. */
export function refusal(
  push: Pick<Push, 'commands' | 'capabilities'>,
  messages: ReadonlyMap<string, string> | string,
): Buffer {
  const reasons = push.commands.map(({ ref }) => [ref, reasonFor(ref, messages)] as const)
  if (!reportsStatus(push)) {
    // Such a client hears of it on the band of errors, or not at all.
    const text = reasons.map(([ref, reason]) => `${ref}: ${reason}\n`).join('')
    return sideBand(push) ? Buffer.concat([band(3, text), FLUSH]) : Buffer.alloc(0)
  }
  const lines = reasons.map(([ref, reason]) => pkt(`ng ${ref} ${reason}\n`))
  const report = Buffer.concat([pkt('unpack ok\n'), ...lines, FLUSH])
  return sideBand(push) ? Buffer.concat([band(1, report), FLUSH]) : report
}

/** A report of git's that tells also of refs which never got to it. */
export function withRefused(report: Buffer, refused: ReadonlyMap<string, string>): Buffer {
  if (refused.size === 0 || report.length < FLUSH.length) return report
  const lines = [...refused.keys()].map((ref) => pkt(`ng ${ref} ${reasonFor(ref, refused)}\n`))
  return Buffer.concat([report.subarray(0, -FLUSH.length), ...lines, FLUSH])
}

function reasonFor(ref: string, messages: ReadonlyMap<string, string> | string): string {
  const reason = typeof messages === 'string' ? messages : messages.get(ref)
  return plainLine(reason ?? 'not taken, as the push was refused as a whole')
}

/** Results as git's report states them; undefined when it is not whole. */
export function readReport(report: Buffer, commands: readonly RefCommand[]): RefResult[] | undefined {
  const all = readPackets(report)
  if (!all || all.at(-1)?.kind !== 'flush') return undefined
  const said = new Map(all.map(readStatus))
  return commands.map((command) => {
    const status = said.get(command.ref)
    if (status === '') return { ...command, ok: true }
    return { ...command, ok: false, reason: status ?? 'git said nothing of it' }
  })
}

/** Ref and reason of failure, which is empty where there was none. */
function readStatus(packet: Packet): [string, string] {
  const text = packet.kind === 'data' ? packet.data.toString('utf8').replace(/\n$/, '') : ''
  const ok = /^ok (\S+)$/.exec(text)?.[1]
  if (ok !== undefined) return [ok, '']
  const [, ref = '', reason = ''] = /^ng (\S+) (.+)$/.exec(text) ?? []
  return [ref, reason]
}

/** Drops a word from text that comes in pieces, also where it lies across two of them. The last call gets no piece. */
export function without(word: string): (piece?: Buffer) => Buffer {
  const secret = Buffer.from(word).toString('latin1')
  let kept = ''
  return (piece) => {
    const text = (kept + (piece?.toString('latin1') ?? '')).replaceAll(secret, '')
    let tail = piece === undefined ? 0 : Math.min(text.length, secret.length - 1)
    while (tail > 0 && !secret.startsWith(text.slice(-tail))) tail--
    kept = text.slice(text.length - tail)
    return Buffer.from(text.slice(0, text.length - tail), 'latin1')
  }
}

/** Lines for the terminal of a person: no escape sequence of ours or of an attacker gets there. */
export function remoteMessage(lines: readonly string[]): Buffer {
  const all = lines.flatMap((text) => text.split('\n')).map((text) => `${plainLine(text)}\n`)
  return all.length === 0 ? Buffer.alloc(0) : band(2, all.join(''))
}

function plainLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trimEnd()
}
