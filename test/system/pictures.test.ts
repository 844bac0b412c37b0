/** The pictures of README.md can be made anew at any time: real calls, that a browser shows, with nothing of this machine in them. */
import { once } from 'node:events'
import { hostname, networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { Browser } from '../lab/browser.js'
import { Lab } from '../lab/lab.js'
import { Pulse } from '../lab/pulse.js'
import { filmCall } from '../pictures/call.js'
import { Terminal } from './terminal.js'

t.setTimeout(150_000)

const root = fileURLToPath(new URL('../../..', import.meta.url))
const lab = new Lab()
t.teardown(() => lab.close())
const skip = Pulse.available() ?? Terminal.missing() ?? false
if (skip) t.comment(`skipped: ${skip}`)

const textOf = (svg: string) => svg.replace(/<style>.*?<\/style>/s, '').replace(/<[^>]*>/g, ' ')

/** Shows pictures when asked to: a list of data URLs comes, and a list of widths goes back, 0 for what is no picture. */
const SHOWER = `<!doctype html><script>
const socket = new WebSocket('ws://' + location.host)
const widthOf = async url => {
  const image = new Image()
  image.src = url
  return image.decode().then(() => image.naturalWidth, () => 0)
}
socket.onmessage = async ({ data }) => socket.send(JSON.stringify(await Promise.all(JSON.parse(data).map(widthOf))))
</script>`

t.test('are made of real calls', { skip }, async t => {
  const pictures = await filmCall(lab, 2_000)
  t.same(Object.keys(pictures), ['call.svg', 'narrow.svg'])
  const { 'call.svg': call = '', 'narrow.svg': narrow = '' } = pictures
  t.match(textOf(call), /npx voicechat-peer --id ABC --to XYZ --password/)
  t.match(textOf(call), /talking/i)
  t.match(textOf(call), /muted/i)
  t.match(textOf(call), /You hung up\./)
  t.match(textOf(narrow), /talking[\s\S]*/i)
  t.match(textOf(narrow), /K7QD2M/, 'the code is always the same')
  const own = Object.values(networkInterfaces()).flatMap(all => all?.map(({ address }) => address) ?? [])
  for (const [name, svg] of Object.entries(pictures))
    for (const secret of [root, hostname(), ...own.filter(address => !address.includes('::')), 'crossovers'])
      t.notOk(textOf(svg).includes(secret), `${name} does not tell ${secret}`)

  const browser = await Browser.open(SHOWER).catch((error: Error) => error.message)
  if (typeof browser === 'string') {
    t.comment(`skipped: ${browser}`)
    t.pass('a browser shows them', { skip: browser })
    return
  }
  t.teardown(() => browser.stop())
  const answer = once(browser.page, 'message')
  const broken = call.replace('</svg>', '')
  const urls = [call, narrow, broken].map(svg => `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`)
  browser.tell(JSON.stringify(urls))
  t.same(JSON.parse(String((await answer)[0])), [868, 364, 0], 'a browser shows them, and would tell a broken one')
})
