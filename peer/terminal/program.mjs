/**
 * Run after the compiler: the peer's program in a few files instead of some 250: loading those was most of the time from a start to the first word.
 * What has native code or worker threads of its own is loaded from its package, as is the server, which few calls need.
 */
import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const root = path => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const dist = path => root(`dist/${path}`)
const PACKAGES = /^(node-datachannel|werift|pino|node-web-audio-api|@livekit\/rtc-ffi-bindings|voicechat)(\/|$)/

/** The packages that are part of it, with their licences beside it. */
const licences = {
  name: 'licences',
  generateBundle(_options, chunks) {
    const folders = new Set()
    for (const { moduleIds = [] } of Object.values(chunks))
      for (const id of moduleIds) {
        const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll(sep, '/')) ?? []
        if (folder) folders.add(folder)
      }
    const texts = [...folders].sort().map(folder => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      const file = readdirSync(folder).find(file => /^licen[cs]e/i.test(file))
      const text =
        file === undefined ? 'Its package holds no more about that.' : readFileSync(join(folder, file), 'utf8')
      return `${name} ${version} (${license})\n\n${text.trim()}\n`
    })
    this.emitFile({ type: 'asset', fileName: 'LICENCES.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) })
  },
}

await build({
  input: {
    peer: dist('peer/terminal/main.js'),
    worker: dist('peer/audio/worker.js'),
    'web-program': dist('peer/audio/devices/web-program.js'),
  },
  platform: 'node',
  external: id => PACKAGES.test(id),
  plugins: [licences],
  output: {
    dir: dist('program'),
    cleanDir: true,
    chunkFileNames: '[name].js',
    sourcemap: true,
    comments: { legal: true },
  },
})

/**
 * npx keeps for each folder the file that the command was when it was first used there, and never looks again: where a clone was updated since
 * it was `dist/peer/terminal/main.js`, that is still the one it starts.
 */
const { bin } = JSON.parse(readFileSync(root('package.json'), 'utf8'))
for (const path of [...Object.values(bin), 'dist/peer/terminal/main.js']) chmodSync(root(path), 0o755)
