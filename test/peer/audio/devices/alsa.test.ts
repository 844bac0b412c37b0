import t from 'tap'
import { alsa, alsaArguments, alsaReader } from '../../../../peer/audio/devices/alsa.js'
import { hasCards, parseAlsaDevices } from '../../../../peer/audio/devices/alsa-list.js'

/** In the form that alsa-utils 1.2.8 prints, with the devices of a laptop and a headset. */
const PLAYERS = `null
    Discard all samples (playback) or generate zero samples (capture)
lavrate
    Rate Converter Plugin Using Libav/FFmpeg Library
default
    Default Audio Device
sysdefault:CARD=PCH
    HDA Intel PCH, ALC257 Analog
    Default Audio Device
front:CARD=PCH,DEV=0
    HDA Intel PCH, ALC257 Analog
    Front output / input
hdmi:CARD=PCH,DEV=0
    HDA Intel PCH, HDMI 0
    HDMI Audio Output
dmix:CARD=PCH,DEV=0
    HDA Intel PCH, ALC257 Analog
    Direct sample mixing device
hw:CARD=PCH,DEV=0
    HDA Intel PCH, ALC257 Analog
    Direct hardware device without any conversions
plughw:CARD=PCH,DEV=0
    HDA Intel PCH, ALC257 Analog
    Hardware device with all software conversions
plughw:CARD=E20,DEV=0
    Jabra EVOLVE 20, USB Audio
    Hardware device with all software conversions
mine
`

t.test('shows each device once', async t => {
  t.same(parseAlsaDevices(PLAYERS), [
    { id: 'default', name: 'Default Audio Device', isDefault: true },
    { id: 'plughw:CARD=PCH,DEV=0', name: 'HDA Intel PCH, ALC257 Analog', isDefault: false },
    { id: 'plughw:CARD=E20,DEV=0', name: 'Jabra EVOLVE 20, USB Audio', isDefault: false },
    { id: 'mine', name: 'mine', isDefault: false },
  ])
  t.same(parseAlsaDevices(''), [])
})

t.test('tells a machine with sound cards from one without', async t => {
  const list =
    '**** List of PLAYBACK Hardware Devices ****\ncard 0: PCH [HDA Intel PCH], device 0: ALC257 Analog [ALC257 Analog]\n'
  t.ok(hasCards(list))
  t.notOk(hasCards('**** List of PLAYBACK Hardware Devices ****\n'))
  t.notOk(hasCards('aplay: device_list:274: no soundcards found...\n'))
})

t.test('knows from aplay how much waits to be heard', async t => {
  const read = alsaReader()
  t.equal(read("Playing raw data 'stdin' : Signed 16 bit Little Endian, Rate 48000 Hz, Mono"), null)
  t.equal(read('Status(R/W) (standalone avail=2880 delay=940):'), null, 'not before its buffer is known')
  t.same(read('  buffer_size  : 3840'), { kind: 'ready' })
  t.equal(read('  buffer_size  : 8192'), null, 'that of the hardware below is not what is asked for')
  t.same(read('Status(R/W) (standalone avail=2880 delay=1440):'), { kind: 'holds', ms: 20, thenMs: 10 })
  t.same(read('Status(R/W) (standalone avail=2880 delay=938):'), { kind: 'holds', ms: 20, thenMs: 0 })
  t.match(read('Status(R/W) (standalone avail=-9000000 delay=0):'), { ms: 80 }, 'never more than its buffer')
  t.same(read('BUFPOS: avg1920/2400 min960/1890 max2880/2996 (3840) (0:0/0)'), { kind: 'holds', ms: 40, thenMs: 10 })
  t.same(read('underrun!!! (at least 12.345 ms long)'), { kind: 'dry' })
  t.equal(read('  state       : RUNNING'), null)
})

t.test('asks for a device by name only if there is one', async t => {
  t.notOk(alsaArguments(null).includes('-D'))
  t.match(alsaArguments('plughw:CARD=E20,DEV=0').join(' '), /-D plughw:CARD=E20,DEV=0/)
})

t.test('says what it means that a program ends', async t => {
  const explain = (said: string, started = false) => alsa.explain('speaker', said, started)
  const LIBRARY = 'ALSA lib pcm.c:2664:(snd_pcm_open_noupdate) Unknown PCM nosuch\n'
  const missing = explain(`${LIBRARY}aplay: main:831: audio open error: No such file or directory\n`)
  t.match(missing, { name: 'noSuchDevice', message: /No such file or directory/, hint: /--list-devices/ })
  t.match(explain('aplay: main:831: audio open error: Device or resource busy\n'), {
    name: 'deviceBroken',
    message: /in use by another program/,
  })
  t.match(explain('aplay: set_params:1407: Unable to install hw params:\n'), { name: 'deviceBroken' })
  t.match(explain('aplay: pcm_write:2127: write error: No such device\n', true), {
    name: 'deviceLost',
    message: 'The speaker went away (write error: No such device).',
  })
})
