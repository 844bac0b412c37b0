/** Real web servers in front of ours, each with its file of signaling/deploy: only ports, names and the certificate are put in. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { ROOT } from './checkout.js'

export const DOMAIN = 'voice.example.org'

export interface ProxyOptions {
  /** A folder of its own. */
  readonly folder: string
  /** Where it is to listen. */
  readonly port: number
  /** Where the server listens. */
  readonly to: number
  /** A free port: for what the program needs beside. */
  readonly other: number
  /** Lets it wait no longer than so many seconds for data, where its file says how long. */
  readonly idleSeconds?: number
}

/** PEM files of a certificate for DOMAIN, signed by itself. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
  /** Both in one. */
  readonly both: string
}

interface Kind {
  /** What is run, and what makes it take up its settings again. */
  readonly start: readonly [string, ...string[]]
  readonly reload: (proxy: ChildProcess) => void | Promise<void>
}

const read = (name: string) => readFileSync(join(ROOT, 'signaling/deploy', name), 'utf8')

/** Throws when there is nothing to replace. */
function put(text: string, from: string | RegExp, to: string): string {
  if (text.search(from) < 0 && !text.includes(String(from))) throw new Error(`there is no ${from}`)
  return text.replaceAll(from, to)
}

const kinds = {
  nginx({ folder, port, to, idleSeconds = 30 }: ProxyOptions, tls: Certificate): Kind {
    let site = put(read('nginx.conf'), /listen (\[::\]:)?443/g, `listen $1${port}`)
    site = put(site, '127.0.0.1:9001', `127.0.0.1:${to}`)
    site = put(site, /(?<=ssl_certificate )\S+(?=;)/g, tls.certificate)
    site = put(site, /(?<=ssl_certificate_key )\S+(?=;)/g, tls.key)
    site = put(site, /(?<=_timeout )30s/g, `${idleSeconds}s`)
    const file = join(folder, 'nginx.conf')
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${folder};`)
    writeFileSync(
      file,
      `daemon off; pid ${folder}/pid; error_log stderr; events {}\nhttp { access_log off; ${temporary.join(' ')}\n${site}\n}\n`,
    )
    return {
      start: ['nginx', '-e', 'stderr', '-p', folder, '-c', file],
      reload: proxy => void proxy.kill('SIGHUP'),
    }
  },

  haproxy({ folder, port, to, idleSeconds = 30 }: ProxyOptions, tls: Certificate): Kind {
    let text = put(read('haproxy.cfg'), ':::443', `:::${port}`)
    text = put(text, '127.0.0.1:9001', `127.0.0.1:${to}`)
    text = put(text, /(?<=crt )\S+/g, tls.both)
    text = put(text, /(?<=timeout (client|server|tunnel) )30s/g, `${idleSeconds}s`)
    const file = join(folder, 'haproxy.cfg')
    writeFileSync(file, text)
    return {
      start: ['haproxy', '-W', '-f', file],
      reload: proxy => void proxy.kill('SIGUSR2'),
    }
  },

  caddy({ folder, port, to, other }: ProxyOptions, tls: Certificate): Kind {
    let text = put(read('Caddyfile'), '127.0.0.1:9001', `127.0.0.1:${to}`)
    text = put(text, '@voicechat path', `tls ${tls.certificate} ${tls.key}\n\t@voicechat path`)
    const file = join(folder, 'Caddyfile')
    const own = `{\n\tadmin unix/${folder}/admin\n\thttp_port ${other}\n\thttps_port ${port}\n\tauto_https disable_redirects\n\tstorage file_system ${folder}\n}\n`
    writeFileSync(file, own + text)
    const adapter = ['--config', file, '--adapter', 'caddyfile']
    return {
      start: ['caddy', 'run', ...adapter],
      // The same settings again would be no change.
      reload: async () => {
        await promisify(execFile)('caddy', ['reload', ...adapter, '--address', `unix/${folder}/admin`, '--force'])
      },
    }
  },
}

export type ProxyName = keyof typeof kinds
export const proxyNames = Object.keys(kinds) as ProxyName[]

/** Null, or the reason why there is none here. */
export function whyNoProxy(name: ProxyName): string | null {
  const flag = { nginx: '-v', haproxy: '-v', caddy: 'version' }[name]
  return spawnSync(name, [flag]).error ? `${name} is not installed (Debian: apt install ${name})` : null
}

export function makeCertificate(folder: string): Certificate {
  mkdirSync(folder, { recursive: true })
  const [certificate, key, both] = ['certificate.pem', 'key.pem', 'both.pem'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const subject = ['-subj', `/CN=${DOMAIN}`, '-addext', `subjectAltName=DNS:${DOMAIN}`, '-days', '2']
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const { status, stderr } = spawnSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', certificate], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  writeFileSync(both, readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'))
  return { certificate, key, both }
}

/** A free TCP port, of those that the system gives to no outgoing connection: it stays free until it is used. */
export function quietPort(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 12_000)
  return new Promise(resolve => {
    const server = createServer()
    server.on('error', () => resolve(quietPort()))
    server.listen(port, () => server.close(() => resolve(port)))
  })
}

export interface RunningProxy {
  reload(): Promise<void>
  close(): Promise<void>
}

/** Resolves when it listens. Rejects with what it said when it ends instead. */
export async function startProxy(name: ProxyName, options: ProxyOptions, tls: Certificate): Promise<RunningProxy> {
  mkdirSync(options.folder, { recursive: true })
  const { start, reload } = kinds[name](options, tls)
  const [program, ...args] = start
  const env = { ...process.env, HOME: options.folder, VOICECHAT_DOMAIN: DOMAIN }
  const proxy = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  proxy.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const gone = once(proxy, 'close')
  // Its children end with it.
  const kill = () => proxy.kill('SIGTERM')
  process.on('exit', kill)
  while (!(await reachable(options.port))) {
    if (proxy.exitCode !== null) throw new Error(`${name}: ${said}`)
    await sleep(50)
  }
  return {
    reload: async () => reload(proxy),
    close: async () => {
      process.off('exit', kill)
      kill()
      await gone
    },
  }
}

function reachable(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
