/** A machine with systemd of its own: processes, network and mounts apart from this one's, whose files it sees and cannot change. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * $1: a folder to work in; $2: a folder that is /srv/checkout there. Files are this machine's with changes in memory; of the units that a
 * system begins with only the journal is wanted, so that nothing reaches for hardware or for the kernel's settings. Its only address is $3.
 */
const BOOT = `
  mount --make-rprivate /
  mount -t tmpfs tmpfs "$1"
  cd "$1"
  mkdir changes work root
  mount -t overlay overlay -o lowerdir=/,upperdir=changes,workdir=work root
  cd root
  mount -t proc proc proc
  mount -o bind,ro proc/sys proc/sys
  mount -t sysfs -o ro sysfs sys
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  mount -t tmpfs tmpfs dev
  for device in null zero full random urandom tty; do touch dev/$device; mount --bind /dev/$device dev/$device; done
  mkdir dev/pts dev/shm
  ln -s pts/ptmx dev/ptmx
  mount -t tmpfs tmpfs run
  mkdir -p srv/checkout old
  mount --bind "$2" srv/checkout
  rm -rf etc/systemd/system/*.wants lib/systemd/system/*.wants/* etc/machine-id
  mkdir etc/systemd/system/sysinit.target.wants
  ln -s /lib/systemd/system/systemd-journald.service etc/systemd/system/sysinit.target.wants
  echo 0123456789abcdef0123456789abcdef >etc/machine-id
  ip link set lo up
  ip link add outside type veth peer name nowhere
  ip address add "$3" dev outside
  ip link set outside up
  ip link set nowhere up
  pivot_root . old
  umount -l /old
  export container=other
  exec /lib/systemd/systemd --unit=basic.target`

const APART = ['--cgroup', '--pid', '--mount', '--uts', '--net', '--ipc', '--fork', '--kill-child']

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export class Machine {
  readonly #boot: ChildProcess
  readonly #gone: Promise<unknown>
  #systemd = 0
  #said = ''

  private constructor(folder: string, checkout: string, address: string) {
    const args = [...APART, 'sh', '-eu', '-c', BOOT, 'boot', folder, checkout, address]
    this.#boot = spawn('unshare', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#boot.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text
    })
    this.#gone = once(this.#boot, 'close')
    process.on('exit', this.#kill)
  }

  /** Null, or the reason why there can be none here. */
  static whyNot(): string | null {
    if (process.getuid?.() !== 0) return 'a machine of its own: only as root'
    if (!existsSync('/lib/systemd/systemd')) return 'systemd is not installed'
    const { status, stderr } = spawnSync('unshare', [...APART, 'sh', '-ec', 'mount -t cgroup2 cgroup2 /mnt'], {
      encoding: 'utf8',
    })
    return status === 0 ? null : `namespaces and cgroups are not allowed: ${stderr}`
  }

  /** Rejects when it has not come up in 30 s. `folder`: an empty one; `checkout`: is seen at /srv/checkout; `address`: its own, with /32. */
  static async start(folder: string, checkout: string, address: string): Promise<Machine> {
    mkdirSync(folder, { recursive: true })
    const machine = new Machine(folder, checkout, address)
    for (const until = Date.now() + 30_000; ; await sleep(100)) {
      machine.#systemd ||= Number(children(machine.#boot.pid!)[0] ?? 0)
      if (machine.#systemd && /running|degraded/.test(machine.run('systemctl is-system-running').stdout)) return machine
      if (machine.#boot.exitCode !== null || Date.now() > until) {
        await machine.close()
        throw new Error(`systemd does not come up: ${machine.#said}`)
      }
    }
  }

  /** Runs a shell command there to its end. */
  run(command: string, env: Readonly<Record<string, string>> = {}): Ran {
    const inside = ['--target', `${this.#systemd}`, '--all', 'sh', '-c', command]
    return spawnSync('nsenter', inside, { encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 1 << 24 })
  }

  async close(): Promise<void> {
    process.off('exit', this.#kill)
    this.#kill()
    await this.#gone
  }

  /** All in it dies with its first process. */
  readonly #kill = () => {
    const running = this.#boot.exitCode === null && this.#boot.signalCode === null
    if (running && this.#systemd) process.kill(this.#systemd, 'SIGKILL')
    else this.#boot.kill('SIGKILL')
  }
}

function children(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  } catch {
    return []
  }
}
