import { accessSync, constants, readFileSync } from 'node:fs'
import t from 'tap'

const root = (path: string) => new URL(`../../${path}`, import.meta.url)
const { bin } = JSON.parse(readFileSync(root('package.json'), 'utf8')) as { bin: Record<string, string> }
/** The peer's program until it was bundled: npx starts it for ever in a clone in which it was used then. */
const FORMER = 'dist/peer/terminal/main.js'

t.test('each command may be run, also by the link that npx has kept', async t => {
  for (const path of [...Object.values(bin), FORMER]) {
    t.doesNotThrow(() => accessSync(root(path), constants.X_OK), path)
    t.match(readFileSync(root(path), 'utf8'), /^#!\/usr\/bin\/env node\n/, path)
  }
})
