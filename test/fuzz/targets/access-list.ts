/** The operator's list of who may use a private server. */
import { canonicalId } from '../../../protocol/id.js'
import { AccessList, parseAccessFile } from '../../../signaling/access-list.js'
import { holds, type Target } from '../target.js'

const key = (n: number) => Buffer.alloc(32, n).toString('base64url')
const [A, B] = [key(1), key(2)]

export const target: Target = {
  files: ['signaling/access-list.js'],
  maxBytes: 2_000,
  samples: [
    '',
    '# nobody yet\n',
    `${A}\n${B} ABC # from work\r\n`,
    `\uFEFF${A} abc\n\n  ${A}\tdef#x\n`,
    `${A} abc\n${B} ABC\n`,
    `${A} 7.a\n`,
    `${A} a b\n`,
  ].map(text => Buffer.from(text)),
  words: [A, B, '#', '\n', '\r\n', '\t', ' abc', ' __proto__', '7.b', '\uFEFF', '\u2028', '\0'],
  run(input) {
    const text = Buffer.from(input).toString('utf8')
    const parsed = parseAccessFile(text)
    if (!parsed.ok) {
      const [, line = ''] = /^Line (\d+) .*\.$/.exec(parsed.error.message) ?? []
      holds(Number(line) >= 1 && Number(line) <= text.split('\n').length, 'names a line that there is')
      return parsed.error.message.replace(/\d+/g, 'n').slice(0, 30)
    }
    const grants = parsed.value
    const list = new AccessList(grants)
    const owners = new Map(grants.flatMap(({ key, id }) => (id === null ? [] : [[canonicalId(id), key] as const])))
    for (const { key: granted, id } of grants) {
      holds(Buffer.from(granted, 'base64url').length === 32, 'a key is 32 bytes')
      if (id !== null) holds(list.allows(id, granted) && list.ownerOf(id) === granted, 'an id is for its key')
      else
        holds(list.allows('nobodys', granted) === !owners.has('nobodys'), 'a key without one may use any that is free')
      for (const [own, owner] of owners) holds(list.allows(own, granted) === (owner === granted), 'and for nobody else')
    }
    holds(!list.allows('abc', key(3)) && !list.allows('7.a', key(3)), 'a stranger stays out')
    return `${Math.min(grants.length, 3)} ${Math.min(owners.size, 3)}`
  },
}
