/** The file of one's defaults, by its form. */
import { CommandProblem } from '../../../peer/terminal/problem.js'
import { SettingsFile } from '../../../peer/terminal/settings-file.js'
import { holds, type Target } from '../target.js'

export const target: Target = {
  files: ['peer/terminal/settings-file.js', 'protocol/node-setting-lines.js'],
  maxBytes: 6_000,
  samples: [
    '',
    '# mine\nid = ABC\n\nserver=wss://voice.example.org\r\n  plain =  true  \n',
    '\uFEFFid = ABC',
    'a=1\na = 2\n',
    'wrong\n',
    'password-file = /home/me/a b.txt # no comment',
  ].map(text => Buffer.from(text)),
  words: [
    '=',
    ' = ',
    '#',
    '\r\n',
    '\r',
    '\t',
    ' ',
    '\u2028',
    '\0',
    '\uFEFF',
    'id',
    'mic',
    'record-mix',
    '__proto__ = 1',
  ],
  run(input) {
    try {
      const file = SettingsFile.parse('/home/me/peer.conf', input)
      const entries = file.entries()
      for (const { key, text } of entries)
        holds(/^[A-Za-z][\w-]*$/.test(key) && text === text.trim(), 'a value is trimmed')
      for (const key of ['id', entries[0]?.key ?? 'id']) {
        const others = entries.filter(entry => entry.key !== key).map(entry => entry.text)
        const [set, unset] = [file.with(key, 'x y'), file.with(key, null)].map(changed => changed.entries())
        holds(set!.find(entry => entry.key === key)?.text === 'x y', 'what is set is there')
        holds(
          set!
            .filter(entry => entry.key !== key)
            .map(entry => entry.text)
            .join() === others.join(),
          'and the rest too',
        )
        holds(unset!.map(entry => entry.text).join() === others.join(), 'what is taken out is gone, and nothing else')
      }
      return `${Math.min(entries.length, 3)} entries`
    } catch (error) {
      if (!(error instanceof CommandProblem)) throw error
      holds(error.name === 'badConfig' && error.message.length < 300, 'says in few words what is wrong')
      return /It is not|is set twice|Line/.exec(error.message)?.[0]
    }
  },
}
