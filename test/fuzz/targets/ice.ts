/** URLs of TURN servers: from a server, or from its operator. An engine gets them as they are. */
import { isTurnUrl } from '../../../protocol/ice.js'
import { holds, type Target } from '../target.js'

export const target: Target = {
  files: ['protocol/ice.js'],
  maxBytes: 400,
  samples: ['turn:turn.test:3478', 'turns:1.2.3.4:1?transport=tcp', 'turn:[2001:db8::7]:65535?transport=udp'].map(
    text => Buffer.from(text),
  ),
  words: ['turn:', 'turns:', '?transport=', 'udp', '[', ']', '::', ':0', ':65536', '@', '#', '\r\n', '%00'],
  run(input) {
    const text = new TextDecoder().decode(input)
    if (!isTurnUrl(text)) return 'refused'
    holds(/^[!-~]+$/.test(text), 'holds no space and nothing that is not ASCII')
    const [, host = '', port = '', transport] = /^turns?:(.+):(\d+)(\?transport=\w{3})?$/.exec(text) ?? []
    holds(host !== '' && Number(port) >= 1 && Number(port) <= 65535, 'has a host and a port')
    holds(!/[@/?#&]/.test(host), 'its host is nothing else')
    return transport ?? 'plain'
  },
}
