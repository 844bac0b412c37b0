import t from 'tap'
import { notLoaded, readList, readWeb } from '../../../../peer/audio/devices/web.js'

t.test('says how to get it, and which Node it wants', async t => {
  const missing = "problem: ERR_MODULE_NOT_FOUND Cannot find package 'node-web-audio-api' imported from x\n"
  const old = notLoaded(missing, '20.19.0')
  t.equal(old.name, 'noSoundSystem')
  t.match(old.message, /node-web-audio-api, which is not installed/)
  t.match(
    old.hint,
    /^Run "npm install --no-save node-web-audio-api@2".*wants Node 22 or later, this is 20.19.0; or use --mic/,
  )
  t.notMatch(notLoaded(missing, '24.1.0').hint, /Node/)
  const broken = notLoaded('problem: ERR_DLOPEN_FAILED libasound.so.2: cannot open\n', '20.19.0')
  t.match(broken.message, /cannot be loaded \(ERR_DLOPEN_FAILED libasound.so.2: cannot open\)/)
  t.match(broken.hint, /^Install Node 22 or later, this is 20.19.0; or use --mic/)
  t.match(notLoaded('problem: no\n', '22.0.0').hint, /^Or use --mic/)
})

t.test('reads what its program says', async t => {
  t.same(readWeb('ready'), { kind: 'ready' })
  t.same(readWeb('holds 31.5 10.0'), { kind: 'holds', ms: 31.5, thenMs: 10 })
  t.same(readWeb('dry'), { kind: 'dry' })
  t.equal(readWeb('ALSA lib pcm.c: unable to open slave'), null)
})

t.test('finds the list of devices between what native code prints', async t => {
  t.same(readList('Failed to open client\n\n["default","MacBook Pro Speakers"]\nbye\n'), [
    { id: 'default', name: 'default', isDefault: true },
    { id: 'MacBook Pro Speakers', name: 'MacBook Pro Speakers', isDefault: false },
  ])
  t.same(readList('\n[]\n'), [])
  t.same(readList(''), [])
})

t.test('takes nothing for its own words that native code wrote over', async t => {
  t.equal(readWeb('holds 31.5'), null)
  t.equal(readWeb('holds x 10.0'), null)
  t.equal(readWeb('holds 1e999 10.0'), null)
  t.same(readList('["default","MacB'), [])
  t.same(readList('["default"]x\n["a"]\n["b'), [{ id: 'a', name: 'a', isDefault: false }])
  t.same(readList('["a",7]'), [])
})
