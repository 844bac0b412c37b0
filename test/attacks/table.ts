/** The list of the attacks with what was taken away for each, as test/attacks/README.md holds it. */
import { fileURLToPath } from 'node:url'
import { defences } from './defences.js'
import { attacks, testOf } from './list.js'

export const file = fileURLToPath(new URL('../../../test/attacks/README.md', import.meta.url))

function rows(): string[] {
  return attacks.flatMap(attack =>
    defences
      .filter(({ attack: number }) => number === attack.number)
      .map(({ words, changes }) => {
        const where = [...new Set(changes.map(({ file }) => `\`${file.replace(/\.js$/, '.ts')}\``))].join(', ')
        const name = attack.name.replaceAll('__proto__', '`__proto__`')
        return `| ${attack.number} | ${name} | \`${testOf(attack)}.ts\` | ${words} | ${where} | yes |`
      }),
  )
}

/** The text of the README, for defences whose removal was noticed each. */
export function readme(): string {
  return `# Attacks, and what stands against them

Each attack is a test that plays it from the attacker's seat against the production code; it passes where the attack gains nothing. To see
that such a test can fail, \`npm run attacks\` takes each defence away in a copy of the compiled code, one after the other, and runs the test
of the attack there: an assertion has to fail. It writes this table when all did, and exits with 1 when one was not missed. Where two
defences stand behind each other and one alone is enough, they are taken away together.

\`\`\`sh
npm run attacks            # all of them
npm run attacks -- 12 22   # those of some attacks; the table stays as it is
${'```'}

| Attack | Name | Test | Taken away | In | Its test fails |
| --- | --- | --- | --- | --- | --- |
${rows().join('\n')}

## A malicious server

\`node dist/test/attacks/malicious-server-main.js --do swap|drop|replay|reflect|delay|inject [--seed N]\` is a server that introduces two people as
a real one does, and sits between them (\`tricks/\`). \`test/system/malicious-server.test.ts\` lets two real programs meet there: nobody is taken
for someone else, nothing is played that the other side did not say, no program crashes or hangs, and a call lives through what it can.
`
}
