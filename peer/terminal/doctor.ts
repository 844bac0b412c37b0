/** `voicechat-peer doctor`: looks at all that a call needs, and says of each what was seen and what to do. */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Identity } from '../../protocol/identity.js'
import { createNodeIdentity } from '../../protocol/node-ed25519.js'
import { NODE_VERSIONS, VERSION } from '../../protocol/node-package.js'
import { reasonOf } from '../../protocol/reason.js'
import { fail, ok } from '../../protocol/result.js'
import { createWorkerAudio } from '../audio/worker-audio.js'
import { askStun } from '../doctor/ask-stun.js'
import { checkClock } from '../doctor/clock.js'
import { type ConfigurationProbe, checkConfiguration } from '../doctor/configuration.js'
import { checkDirect } from '../doctor/direct.js'
import { type CheckName, checkNames, type Finding, fault, skipped } from '../doctor/finding.js'
import { checkNat } from '../doctor/nat.js'
import { checkPort } from '../doctor/port.js'
import { pulseMute } from '../doctor/pulse-mute.js'
import { checkServer, type ServerFacts, type ServerVisit } from '../doctor/server.js'
import { checkSound } from '../doctor/sound.js'
import { checkStun, type StunOutcome, stunPorts } from '../doctor/stun.js'
import { checkVersions } from '../doctor/versions.js'
import { VisitProblem } from '../signaling/visit.js'
import { CONFIG_FOLDER } from './config-folder.js'
import { applyDefaults } from './defaults.js'
import { DoctorOutput } from './doctor-output.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { loadIdentity } from './identity-file.js'
import { flagsOf, type PeerFlags } from './options.js'
import { CommandProblem } from './problem.js'
import { isVoiceChat, listens, localPort, serverUrl } from './server-address.js'
import { SettingsFile } from './settings-file.js'
import { loadTrust } from './trust-files.js'
import { visitServer } from './visit-server.js'

/** Of round trips to the server the middle one counts. */
const PINGS = 5
const DIRECT_PATIENCE_MS = 10_000

/** What a fault of each check means for a call; warnings end with 0. */
const EXIT_OF: Readonly<Record<CheckName, ExitCode>> = {
  versions: EXIT.usage,
  configuration: EXIT.usage,
  port: EXIT.server,
  server: EXIT.server,
  clock: EXIT.usage,
  stun: EXIT.ok,
  nat: EXIT.ok,
  direct: EXIT.noRoute,
  sound: EXIT.device,
}

/**
 * Ends with 0 when there is no fault, else with the code of the first one. `program` has parsed the command line, and nothing else
 * was applied to it: a configuration that is wrong is a finding, and the rest is looked at without it.
 */
export async function doctor(program: Command): Promise<ExitCode> {
  const wrong = problemOfDefaults(program)
  const flags = flagsOf(program)
  const output = new DoctorOutput(flags.json === true)
  const checks = startChecks(flags, wrong, line => output.progress(line))
  let code: ExitCode = EXIT.ok
  for (const name of checkNames) {
    const finding = await output.waitFor(name, checks[name])
    output.show(name, finding)
    if (finding.verdict === 'fault' && code === EXIT.ok) code = EXIT_OF[name]
  }
  output.close()
  return code
}

function problemOfDefaults(program: Command): unknown {
  try {
    applyDefaults(program, process.env, SettingsFile.read())
    return null
  } catch (problem) {
    return problem
  }
}

/** All begin at once; only the sound waits for the direct route, whose engine takes the processor while it loads. */
function startChecks(
  flags: PeerFlags,
  wrongDefaults: unknown,
  progress: (line: string) => void,
): Record<CheckName, Promise<Finding>> {
  const visit = lookAtServer(flags)
  const stun = visit.then(askServer)
  const direct = directFinding(flags)
  const checks = {
    versions: async () =>
      checkVersions({
        node: process.versions.node,
        engines: NODE_VERSIONS,
        program: VERSION,
        system: `${process.platform} ${process.arch}`,
      }),
    configuration: () => checkConfiguration(configurationProbes(flags, wrongDefaults), CONFIG_FOLDER),
    port: async () => portFinding(flags),
    server: async () => checkServer(await visit, VERSION),
    clock: async () => checkClock(await visit),
    stun: async () => checkStun(await visit, await stun),
    nat: async () => checkNat(await stun),
    direct: () => direct,
    sound: async () => {
      await direct
      return soundFinding(flags, progress)
    },
  }
  const started = Object.entries(checks).map(([name, check]) => [name, check().catch(broken)] as const)
  return Object.fromEntries(started) as Record<CheckName, Promise<Finding>>
}

function broken(error: unknown): Finding {
  const why = reasonOf(error)
  return fault(`The check itself failed: ${why}`, 'Report this.')
}

/** Each looks at one thing that a person can set. */
function configurationProbes({ server }: PeerFlags, wrongDefaults: unknown): ConfigurationProbe[] {
  return [
    async () => {
      if (wrongDefaults) throw wrongDefaults
    },
    async () => localPort(process.env),
    async () => server !== undefined && serverUrl(server),
    ...['HTTPS_PROXY', 'https_proxy'].map(name => async () => proxyUrl(name)),
    async () => loadIdentity(),
    async () => loadTrust(),
  ]
}

function proxyUrl(name: string): void {
  const proxy = process.env[name]
  if (!proxy || URL.canParse(proxy)) return
  throw new CommandProblem(
    'badProxy',
    `${name} is "${proxy}", and that is not a URL.`,
    `Unset ${name}, or write http://host:port.`,
    EXIT.usage,
  )
}

async function portFinding(flags: PeerFlags): Promise<Finding> {
  if (flags.server !== undefined) return skipped('Calls use the server that was given, not one of this machine.')
  const port = localPortOrNull()
  if (port === null) return skipped('The port is not set right: see configuration.')
  return checkPort(port, { listens: port => listens(`ws://localhost:${port}`), isVoiceChat, tryToListen })
}

function localPortOrNull(): number | null {
  try {
    return localPort(process.env)
  } catch {
    return null
  }
}

function tryToListen(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, () => server.close(() => resolve()))
  })
}

/** The server that a call would use, if one runs. */
async function lookAtServer({ server, id }: PeerFlags): Promise<ServerVisit> {
  let url: string
  if (server === undefined) {
    const port = localPortOrNull()
    if (port === null || !(await isVoiceChat(port))) return null
    url = `ws://localhost:${port}/`
  } else
    try {
      url = serverUrl(server)
    } catch {
      return fail('badServer', `"${server}" is not the address of a server.`)
    }
  try {
    return ok(await factsOf(url, id))
  } catch (error) {
    if (!(error instanceof VisitProblem)) throw error
    const { name, message } = error
    return fail(name, name === 'unreachable' ? `The server ${url} cannot be reached: ${message}.` : message)
  }
}

/** With a key and a name for this one visit: the server need not learn whose doctor it is. Unless it is a private one. */
async function factsOf(url: string, ownId: string | undefined): Promise<ServerFacts> {
  const id = `doctor-${randomBytes(4).toString('hex')}`
  try {
    return await factsAs(url, id, createNodeIdentity())
  } catch (problem) {
    if (!(problem instanceof VisitProblem) || problem.name !== 'notAllowed') throw problem
    return factsAs(url, ownId ?? id, loadIdentity())
  }
}

async function factsAs(url: string, id: string, identity: Identity): Promise<ServerFacts> {
  const now = () => performance.now()
  const startedAt = now()
  const visit = await visitServer(url, id, identity)
  try {
    const loginMs = now() - startedAt
    const trips: number[] = []
    for (let n = 0; n < PINGS; n++) trips.push(await visit.ping())
    const rttMs = trips.sort((a, b) => a - b)[PINGS >> 1]!
    return { url, name: visit.server, loginMs, rttMs, ice: visit.ice, date: visit.date }
  } finally {
    await visit.close()
  }
}

async function askServer(visit: ServerVisit): Promise<StunOutcome> {
  const ports = visit?.ok ? stunPorts(visit.value) : []
  if (!visit?.ok || ports.length === 0) return { kind: 'none' }
  try {
    return { kind: 'asked', answers: await askStun(new URL(visit.value.url).hostname, ports) }
  } catch (error) {
    return { kind: 'failed', why: reasonOf(error) }
  }
}

function directFinding({ route, webrtc }: PeerFlags): Promise<Finding> {
  if (route === 'relay') return Promise.resolve(skipped('No direct route is wanted (--route relay).'))
  return checkDirect({
    load: async () => (await import('../routes/node-engine.js')).loadEngine(webrtc ?? null),
    now: () => performance.now(),
    patienceMs: DIRECT_PATIENCE_MS,
    needed: route === 'direct',
  })
}

async function soundFinding({ mic, speaker, audio: backend, echoCancel }: PeerFlags, progress: (line: string) => void) {
  const audio = createWorkerAudio({
    microphone: mic ?? 'default',
    speaker: speaker ?? 'default',
    backend,
    echoCancel: echoCancel === true,
  })
  const stop = () => void audio.stop()
  process.once('exit', stop)
  try {
    return await checkSound({
      audio,
      microphone: mic,
      speaker,
      isMuted: async device => {
        const name = device === 'microphone' ? mic : speaker
        return isDevice(name) ? pulseMute(device, name === 'default' ? null : name) : null
      },
      sleep: ms => sleep(ms),
      now: () => performance.now(),
      progress,
    })
  } finally {
    process.off('exit', stop)
  }
}

/** Whether a sound system has it; null is its default. */
function isDevice(name: string | null): boolean {
  return name === null || !(name === 'tone' || name === 'none' || name.startsWith('file:'))
}
