// The table of commands and what each says of itself. A command is loaded when it is asked for: the server's supervisor
// must not carry what it does not use.
export interface Command {
  run: (args: string[]) => Promise<void>
}

interface Entry {
  usage: string
  load: () => Promise<Command>
}

export const commands: Record<string, Entry> = {
  serve: {
    usage: [
      '  serve  [--host 127.0.0.1] [--port 7990]          serve repositories and pages until SIGTERM',
      '         [--tls-cert FILE --tls-key FILE]          over HTTPS with this certificate',
      '         [--trusted-proxy ADDRESS,…]               believe what this proxy says of its callers',
    ].join('\n'),
    load: async () => (await import('./serve.ts')).serve,
  },
  user: {
    usage: [
      '  user   add NAME [--admin] [--display-name TEXT] --password-stdin',
      '  user   passwd NAME --password-stdin',
      '  user   factor-off NAME',
      '  user   link NAME [--json]                           a link that signs in, once and for a minute',
      '  user   list',
    ].join('\n'),
    load: async () => (await import('./users.ts')).users,
  },
  repo: {
    usage: [
      '  repo   create WORKSPACE/NAME --user NAME [--visibility private|internal|public]',
      '  repo   import WORKSPACE/NAME URL --user NAME [--visibility …]',
      '  repo   list --user NAME',
    ].join('\n'),
    load: async () => (await import('./repositories.ts')).repositories,
  },
  token: {
    usage: [
      '  token  create --user NAME [--scopes LIST] [--label TEXT] [--repository WS/REPO] [--days N]',
      '  token  create --user NAME --hmac [--hours N] …      a time-limited token, signed instead of stored',
      '  token  rotate-key                                   sign time-limited tokens with a new key from here on',
    ].join('\n'),
    load: async () => (await import('./tokens.ts')).tokens,
  },
  share: {
    usage:
      '  share  DIR [--port P] [--allow-push]                lend a folder of repositories on this machine, without accounts',
    load: async () => (await import('./share.ts')).share,
  },
  tls: {
    usage: [
      '  tls    [status]                                     whether HTTPS is on, for which names, until when',
      '  tls    own | given --cert FILE --key FILE | off     switch it, also while the server runs',
      '  tls    redirect on|off                              whether plain HTTP leads to HTTPS',
      '  tls    ca                                           the certificate of the authority of this server',
    ].join('\n'),
    load: async () => (await import('./tls.ts')).tls,
  },
  data: {
    usage:
      '  data   copy TO [--json]                             copy the data of a stopped server, and compare every file',
    load: async () => (await import('./data.ts')).data,
  },
  status: {
    usage: '  status [--json]                                     whether a server runs on the data, and for whom',
    load: async () => (await import('./status.ts')).status,
  },
  service: {
    usage:
      '  service [systemd|launchd|windows] [--host …] [--port …]   print the file that lets this system run the server',
    load: async () => (await import('./service.ts')).service,
  },
  doctor: {
    usage:
      '  doctor [--json] [--host …] [--port …]               check git, data, disk, port, HTTPS, database and repositories',
    load: async () => (await import('./doctor.ts')).doctor,
  },
}

const COMMON = 'Every command takes --data DIR (or GITSTEAD_DATA).'

/** Of all commands, or of one. */
export function usage(one?: Entry): string {
  if (one) return `${one.usage}\n\n${COMMON}\n`
  const lines = Object.values(commands).map((command) => command.usage)
  return `Gitstead: your team's own Git host on one machine.\n\n${lines.join('\n')}\n\n${COMMON}\n`
}
