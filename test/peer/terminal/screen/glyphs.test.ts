import t from 'tap'
import { ASCII, glyphsFor, UNICODE } from '../../../../peer/terminal/screen/glyphs.js'

t.test('draws with Unicode where the locale says so, and else with ASCII', async t => {
  for (const env of [
    { LANG: 'en_GB.UTF-8' },
    { LANG: 'C.utf8' },
    { LANG: 'C', LC_ALL: 'de_DE.UTF-8' },
    { LC_CTYPE: 'UTF-8' },
  ])
    t.equal(glyphsFor({ TERM: 'xterm', ...env }, 'linux'), UNICODE, JSON.stringify(env))
  for (const env of [
    {},
    { LANG: 'C' },
    { LANG: 'en_GB.UTF-8', LC_ALL: 'POSIX' },
    { LANG: 'en_GB.UTF-8', TERM: 'linux' },
  ])
    t.equal(glyphsFor({ TERM: 'xterm', ...env }, 'linux'), ASCII, JSON.stringify(env))
  t.equal(glyphsFor({ WT_SESSION: 'x' }, 'win32'), UNICODE)
  t.equal(glyphsFor({}, 'win32'), ASCII)
})

t.test('has ASCII in ASCII, one column a glyph', async t => {
  t.match(
    [...ASCII.spark, ASCII.rule, ASCII.full, ASCII.half, ASCII.empty, ASCII.peak, ASCII.none, ASCII.more].join(''),
    /^[ -~]+$/,
  )
  for (const glyphs of [ASCII, UNICODE]) for (const glyph of Object.values(glyphs).flat()) t.equal(glyph.length, 1)
})
