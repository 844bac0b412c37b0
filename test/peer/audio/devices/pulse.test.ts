import t from 'tap'
import { pulse, pulseArguments, readPulse } from '../../../../peer/audio/devices/pulse.js'
import { defaultIn, parseDevices } from '../../../../peer/audio/devices/pulse-list.js'

/** As PulseAudio 16.1 prints it, shortened. */
const SOURCES = `Source #0
	State: SUSPENDED
	Name: alsa_output.pci-0000_00_1f.3.analog-stereo.monitor
	Description: Monitor of Built-in Audio Analog Stereo
	Driver: module-alsa-card.c
	Monitor of Sink: alsa_output.pci-0000_00_1f.3.analog-stereo
	Properties:
		device.description = "Monitor of Built-in Audio Analog Stereo"
		alsa.name = "Name: ALC257"

Source #1
	State: SUSPENDED
	Name: alsa_input.usb-Jabra_EVOLVE_20-00.mono-fallback
	Description: Jabra EVOLVE 20 Mono
	Driver: module-alsa-card.c
	Monitor of Sink: n/a
`
const INFO = `Server String: /run/user/1000/pulse/native
Default Sample Specification: s16le 2ch 48000Hz
Default Sink: alsa_output.pci-0000_00_1f.3.analog-stereo
Default Source: alsa_input.usb-Jabra_EVOLVE_20-00.mono-fallback
Cookie: 0cef:dbf7
`

t.test('reads which devices there are', async t => {
  t.same(parseDevices(SOURCES, defaultIn(INFO, 'microphone')), [
    { id: 'alsa_input.usb-Jabra_EVOLVE_20-00.mono-fallback', name: 'Jabra EVOLVE 20 Mono', isDefault: true },
    {
      id: 'alsa_output.pci-0000_00_1f.3.analog-stereo.monitor',
      name: 'Monitor of Built-in Audio Analog Stereo',
      isDefault: false,
    },
  ])
  t.equal(defaultIn(INFO, 'speaker'), 'alsa_output.pci-0000_00_1f.3.analog-stereo')
  t.same(parseDevices('', null), [])
  t.equal(defaultIn('', 'speaker'), null)
})

t.test('understands what its programs say', async t => {
  t.same(readPulse('Time: 7.164 sec; Latency: -6904 usec.        '), { kind: 'played', ms: 7164 })
  t.same(readPulse('Stream successfully created.'), { kind: 'ready' })
  t.same(readPulse('Stream underrun.\x1b[K'), { kind: 'dry' })
  t.same(readPulse('Connected to device spk (index: 2, suspended: no).'), { kind: 'at', device: 'spk' })
  t.same(readPulse('Stream moved to device other (0, not suspended).\x1b[K'), { kind: 'at', device: 'other' })
  t.equal(readPulse('Time: .. sec; Latency: 0 usec.'), null)
  t.equal(readPulse('Buffer metrics: maxlength=4194304, tlength=1440, prebuf=962, minreq=480'), null)
})

t.test('asks for little delay, and for the default device by no name', async t => {
  t.match(pulseArguments('microphone', null), ['--verbose', '--raw'])
  t.notOk(pulseArguments('speaker', null).some(word => word.startsWith('--device')))
  t.ok(pulseArguments('speaker', 'spk').includes('--device=spk'))
})

t.test('says what it means that a program ends', async t => {
  const name = (stderr: string, started: boolean) => pulse.explain('speaker', stderr, started).name
  t.equal(name('Stream error: No such entity\n', false), 'noSuchDevice')
  t.equal(name('Connection failure: Connection refused\n', false), 'noSoundSystem')
  t.equal(name('', false), 'deviceBroken')
  t.equal(name('Connection failure: Connection terminated\n', true), 'deviceLost')
  t.equal(name('Stream error: No such entity\n', true), 'deviceLost')
})
