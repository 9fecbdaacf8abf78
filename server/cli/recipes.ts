// How each system keeps a server running without anybody signed in: the file that it wants, for this machine as it is.
export interface Served {
  /** The account that it runs as, where the system asks for one. */
  account: string
  /** The Node and the program; then what `serve` is told. */
  command: string[]
  data: string
  /** Where git is looked for. */
  path: string
}

/** So long may a stop take: what is in hand has ten seconds, and the rest is room. */
const STOP_SECONDS = 30
const WORDS = "Gitstead, the team's own Git host"

export const recipes = { systemd, launchd, windows } as const
export type System = keyof typeof recipes

export function systemOf(platform: NodeJS.Platform): System {
  return platform === 'darwin' ? 'launchd' : platform === 'win32' ? 'windows' : 'systemd'
}

function systemd({ account, command, data, path }: Served): string {
  return [
    '# Keep this as /etc/systemd/system/gitstead.service, then run:',
    '#   sudo systemctl daemon-reload && sudo systemctl enable --now gitstead',
    '[Unit]',
    `Description=${WORDS}`,
    'Wants=network-online.target',
    'After=network-online.target',
    `RequiresMountsFor=${specifiers(data).replaceAll(/([\\\s"'])/g, escaped)}`,
    '',
    '[Service]',
    'Type=exec',
    `User=${account}`,
    `Environment=${unitWord(`PATH=${path}`)}`,
    `ExecStart=${command.map((word) => unitWord(word).replaceAll('$', '$$$$')).join(' ')}`,
    'Restart=on-failure',
    'RestartSec=5',
    '# The server ends its own processes, and lets pushes come to their end.',
    'KillMode=mixed',
    `TimeoutStopSec=${STOP_SECONDS}`,
    'LimitNOFILE=65536',
    'UMask=0077',
    'NoNewPrivileges=yes',
    'ProtectSystem=full',
    'PrivateTmp=yes',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n')
}

const specifiers = (word: string): string => word.replaceAll('%', '%%')
const escaped = (letter: string): string => `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`
const unitWord = (word: string): string => `"${specifiers(word).replaceAll(/["\\]/g, '\\$&')}"`

function launchd({ command, data, path }: Served): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<!-- Keep this as ~/Library/LaunchAgents/org.gitstead.server.plist, then run:',
    '     launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/org.gitstead.server.plist -->',
    '<plist version="1.0">',
    '  <dict>',
    '    <key>Label</key>',
    '    <string>org.gitstead.server</string>',
    '    <key>ProgramArguments</key>',
    '    <array>',
    ...command.map((word) => `      <string>${xml(word)}</string>`),
    '    </array>',
    '    <key>EnvironmentVariables</key>',
    '    <dict>',
    '      <key>PATH</key>',
    `      <string>${xml(path)}</string>`,
    '    </dict>',
    '    <key>RunAtLoad</key>',
    '    <true/>',
    '    <key>KeepAlive</key>',
    '    <dict>',
    '      <key>SuccessfulExit</key>',
    '      <false/>',
    '    </dict>',
    '    <key>ThrottleInterval</key>',
    '    <integer>5</integer>',
    '    <key>ExitTimeOut</key>',
    `    <integer>${STOP_SECONDS}</integer>`,
    '    <key>StandardErrorPath</key>',
    `    <string>${xml(`${data}.log`)}</string>`,
    '  </dict>',
    '</plist>',
    '',
  ].join('\n')
}

function windows({ command: [node = '', ...args], path }: Served): string {
  return [
    '<!-- Windows runs no program as a service that does not speak its protocol: WinSW does that for it. Keep this as',
    '     gitstead-service.xml beside WinSW, renamed to gitstead-service.exe, then run as an administrator:',
    '     gitstead-service.exe install, and gitstead-service.exe start -->',
    '<service>',
    '  <id>gitstead</id>',
    '  <name>Gitstead</name>',
    `  <description>${xml(WORDS)}</description>`,
    `  <executable>${xml(node)}</executable>`,
    `  <arguments>${xml(args.map(windowsWord).join(' '))}</arguments>`,
    `  <env name="PATH" value="${xml(path)}"/>`,
    '  <onfailure action="restart" delay="5 sec"/>',
    `  <stoptimeout>${STOP_SECONDS} sec</stoptimeout>`,
    '  <log mode="roll"/>',
    '</service>',
    '',
  ].join('\n')
}

/** As programs on Windows take their line apart: backslashes count only before a quote. */
const windowsWord = (word: string): string =>
  `"${word.replaceAll(/(\\*)(?:"|$)/g, (all, slashes: string) => `${slashes}${slashes}${all.endsWith('"') ? '\\"' : ''}`)}"`

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const xml = (text: string): string => text.replaceAll(/[&<>"]/g, (letter) => ENTITIES[letter] ?? letter)
