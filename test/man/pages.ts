/** The two manual pages, and where they live. */
import { fileURLToPath } from 'node:url'
import { peerCommand } from '../../peer/terminal/options.js'
import { settingsOf } from '../../peer/terminal/settings.js'
import { addSubcommands } from '../../peer/terminal/subcommands.js'
import { serverCommand } from '../../signaling/options.js'
import { settings } from '../../signaling/settings.js'
import { manPage, type PageText } from './page.js'

/** From dist/test/man to the sources. */
const source = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

const PROXIES = { 'HTTPS_PROXY, NO_PROXY': 'The proxy to the server, and for which hosts there is none.' }

function peerPage(): string {
  const program = addSubcommands(peerCommand(''), () => {})
  const settings = settingsOf(program)
  const text: PageText = {
    purpose: 'talk to one other person, privately',
    description: [
      'Says to a server who you are and whom you want. When the other person wants you too, the two programs agree on keys that the server never learns, and you talk. Voice goes directly where the two networks allow it, and over the server where they do not.',
      'Without a server anywhere the first one starts its own, and prints the command for the other side.',
      'With a password that both know nobody in between can listen. Without one, both see a code: read it to each other, it has to be the same.',
    ],
    environment: {
      VOICECHAT_PASSWORD: 'The password. Better than an argument, which shows in the process list.',
      VOICECHAT_PORT: "The port of this machine's own server.",
      ...PROXIES,
      'VOICECHAT_...': 'The options that say so each have their variable. Set to nothing it counts as not set.',
    },
    files: {
      '~/.config/voicechat/peer.conf':
        'Your defaults: lines "key = value" with the names of options as keys. The command line and the environment count more. "voicechat-peer config path" tells where it is on your system.',
      '~/.config/voicechat/identity.json':
        'The key that your id on a server belongs to, and by which people know you. Made at the first run; keep it secret.',
      '~/.config/voicechat/contacts.json':
        'The keys of the people whom you talked to and verified ("voicechat-peer contacts").',
      '~/.config/voicechat/guesses.json':
        'What may have been guesses at your passwords within the last hour ("voicechat-peer contacts unlock ID").',
    },
    examples: {
      'voicechat-peer --id ABC --to XYZ --password': 'Call, or wait for, XYZ:',
      'voicechat-peer config set server wss://voice.example.org': 'Always use one server:',
      'voicechat-peer --id ABC --to XYZ --record call.wav': 'Record the call; XYZ is told:',
      'voicechat-peer --id ABC --to XYZ --mic tone --speaker file:heard.wav --json':
        'Without sound hardware, for a program:',
    },
    seeAlso: 'voicechat-server',
    variableOf: option => {
      const own = settings.find(setting => setting.option.attributeName() === option.attributeName())
      return own ? `${own.variable}${option.negate ? ' set to false' : ''}` : null
    },
  }
  return manPage(program, text)
}

function serverPage(): string {
  const text: PageText = {
    purpose: 'introduce two people who want to talk',
    description: [
      'Introduces two people to each other who have named each other, and passes on their sealed voice where there is no direct way between them. It cannot listen: it never has the keys.',
      'It logs JSON lines that name nobody, answers at /healthz whether it is well and at /readyz whether it takes new calls, and shows its figures to programs of this machine at /metrics. SIGTERM takes no new calls, moves the running ones to other servers of its cluster or waits for those that it relays (--drain-seconds), tells the peers that it restarts, and ends it; a second one ends it within 2 seconds. SIGHUP makes it read its access file and its certificate again.',
    ],
    environment: {
      VOICECHAT_CONFIG: 'The file of --config.',
      'VOICECHAT_...': 'The options that say so each have their variable. Set to nothing it counts as not set.',
    },
    files: {
      '/etc/voicechat/server.conf':
        'Settings, unless --config or VOICECHAT_CONFIG names another file: lines "key = value" with the names of options as keys, switches as true or false; "#" begins a comment line. What is repeatable may have several lines. Relative paths start at the file.',
      'names.json': 'Which key holds which id, in the folder of --state-dir, as all that follow.',
      'members.json': 'Who came with an invitation.',
      'invite-key.json': 'The key that signs invitations. Keep it secret.',
    },
    examples: {
      'voicechat-server invite --id ABC --state-dir /var/lib/voicechat --public-url wss://voice.example.org':
        'Invite somebody to a private server, under one id:',
      'voicechat-server --port 443 --tls-cert fullchain.pem --tls-key privkey.pem --state-dir /var/lib/voicechat':
        'With TLS of its own:',
      'voicechat-server --config /etc/voicechat/server.conf --print-config': 'Look at what a file sets:',
      'voicechat-server --public-url wss://voice.example.org --state-dir /var/lib/voicechat':
        'Behind a proxy that ends TLS, with a memory of who owns which id:',
    },
    seeAlso: 'voicechat-peer',
    variableOf: option => settings.find(({ name }) => name === option.name())?.variable ?? null,
  }
  return manPage(serverCommand(''), text)
}

export const pages = [
  { path: source('peer/terminal/voicechat-peer.1'), text: peerPage },
  { path: source('signaling/voicechat-server.1'), text: serverPage },
] as const
