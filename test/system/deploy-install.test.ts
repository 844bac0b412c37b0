/** signaling/deploy/install.sh as an operator runs it: on a machine with systemd, with the unit's own defences on. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { copyCheckout } from '../lab/checkout.js'
import { Lab } from '../lab/lab.js'
import { Machine } from '../lab/machine.js'

t.setTimeout(290_000)

const ADDRESS = '203.0.113.7'
const skip = Machine.whyNot() ?? false
const lab = new Lab()
t.teardown(() => lab.close())

/** What npm needs is in its cache: the machine has no way out. */
const OFFLINE = { npm_config_offline: 'true' }

t.test('installs, upgrades, goes back when an upgrade does not start, and goes', { skip }, async t => {
  const checkout = copyCheckout(lab.path('checkout'))
  const machine = await Machine.start(lab.path('machine'), checkout, `${ADDRESS}/32`)
  t.teardown(() => machine.close())
  const run = (command: string, env: Readonly<Record<string, string>> = {}) => machine.run(command, env)
  const output = (command: string) => run(command).stdout.trim()
  const health = () => run(`curl --silent --fail http://${ADDRESS}:9001/healthz`)
  const install = (args = '', env: Readonly<Record<string, string>> = OFFLINE) =>
    run(`/srv/checkout/signaling/deploy/install.sh ${args}`, env)

  t.match(install('--what'), { status: 1, stderr: '--uninstall' })
  for (const bad of ['--public-url', '--public-url voice.example.org', "--public-url 'ws://a|b'"])
    t.equal(install(bad).status, 1, bad)
  t.equal(output('ls -d /opt/voicechat.new /etc/voicechat 2>/dev/null'), '', 'and nothing is done')

  let first = install()
  if (/ENOTCACHED/.test(first.stderr)) {
    t.comment('npm has not all packages in its cache: they are fetched')
    const npm = ['ci', '--ignore-scripts', '--no-audit', '--no-fund']
    execFileSync('npm', npm, { cwd: copyCheckout(lab.path('fetched')), stdio: 'ignore' })
    first = install()
  }
  if (first.status !== 0) throw new Error(first.stderr.slice(-3000))
  t.match(first.stdout, `npx voicechat-peer --id ABC --to XYZ --server ws://${ADDRESS}:9001 --password\n`)
  t.match(JSON.parse(health().stdout), { status: 'ok' })

  t.equal(output('ps -o user= -C node'), 'voicechat', 'it is no root')
  t.equal(output('stat -c "%U %a" /var/lib/voicechat'), 'voicechat 700')
  t.match(output('journalctl --unit voicechat -o cat'), `"urls":["ws://${ADDRESS}:9001"`)
  t.notMatch(output('journalctl --unit voicechat -o cat'), /warn|unset|EPERM|denied/i)
  const filter = /^Seccomp:\t2$/m
  t.match(output('cat /proc/$(systemctl show --property MainPID --value voicechat)/status'), filter, 'the filter is on')
  const invited = run('. /etc/voicechat/server.env; voicechat-server invite --state-dir /var/lib/voicechat')
  t.match(invited.stdout, /^\S{40,}$/m, 'its commands work')

  t.equal(output('systemctl reload voicechat; systemctl is-active voicechat'), 'active', 'SIGHUP does not end it')
  run('kill -KILL $(systemctl show --property MainPID --value voicechat)')
  for (let n = 0; n < 100 && health().status !== 0; n++) run('sleep 0.3')
  t.equal(health().status, 0, 'killed, it comes again')
  run('systemctl stop voicechat')
  t.not(health().status, 0)
  t.equal(output('systemctl show --property Result --value voicechat'), 'success', 'SIGTERM ends it with 0')
  run('systemctl start multi-user.target')
  t.equal(output('systemctl is-active voicechat'), 'active', 'it begins with the machine')

  // In place of npm, which has done its work once: what builds a program that ends at once, then what builds the same as before.
  run('echo FLAGS=--echo >>/etc/voicechat/server.env')
  const building = (commands: string) => {
    mkdirSync(join(checkout, 'bin'), { recursive: true })
    writeFileSync(join(checkout, 'bin/npm'), `#!/bin/sh -e\n${commands}\n`, { mode: 0o755 })
    return { PATH: `/srv/checkout/bin:${process.env.PATH}` }
  }
  const broken = building(
    `mkdir -p dist/signaling; echo "console.log('broken'); process.exit(1)" >dist/signaling/main.js`,
  )
  t.match(install('', broken), { status: 1, stderr: /broken[\s\S]*does not start[\s\S]*before runs again/ })
  for (let n = 0; n < 100 && health().status !== 0; n++) run('sleep 0.3')
  t.equal(health().status, 0, 'the one from before runs again')
  t.match(output('ps -o args= -C node'), '--state-dir /var/lib/voicechat --echo', 'and takes its flags')

  const pack = readFileSync(join(checkout, 'package.json'), 'utf8')
  writeFileSync(join(checkout, 'package.json'), pack.replace(/"version": "[^"]+"/, '"version": "9.9.9"'))
  const same = building('[ -e dist ] || cp -R /opt/voicechat/dist /opt/voicechat/node_modules .')
  const second = install('--public-url wss://voice.example.org', same)
  t.match(second, { status: 0, stderr: '' })
  t.equal(JSON.parse(health().stdout).version, '9.9.9')
  t.match(
    output('cat /etc/voicechat/server.env'),
    /^VOICECHAT_PUBLIC_URL=wss:\/\/voice\.example\.org$[\s\S]*^FLAGS=--echo$/m,
  )
  t.equal(output('ls -d /opt/voicechat*'), '/opt/voicechat', 'nothing is left of the first')
  t.equal(output('ls /opt/voicechat'), 'LICENSE\ndist\nnode_modules\npackage-lock.json\npackage.json')
  t.notMatch(output('ls /opt/voicechat/node_modules'), /^(tap|typescript)$/m)

  t.match(install('--uninstall'), { status: 0, stdout: 'rm -r /etc/voicechat /var/lib/voicechat' })
  t.not(health().status, 0)
  t.equal(
    output('ls -d /opt/voicechat* /usr/local/bin/voicechat-server /etc/systemd/system/voicechat.service 2>/dev/null'),
    '',
  )
  t.match(output('ls /var/lib/voicechat'), 'invite-key.json', 'the state stays')
  t.equal(run('rm -r /etc/voicechat /var/lib/voicechat && userdel voicechat').status, 0)
})

t.test('asks Google Cloud alone for an address, and only where the machine has no public one', { skip }, async t => {
  const folder = lab.path('scripts')
  cpSync(join(lab.path('checkout'), 'signaling/deploy'), folder, { recursive: true })
  const metadata = `require('node:http').createServer((request, response) => {
    const right = request.headers['metadata-flavor'] === 'Google' && request.url.endsWith('/access-configs/0/external-ip')
    response.writeHead(right ? 200 : 403).end(right ? '198.51.100.4' : '')
  }).listen(80, '169.254.169.254', () => console.log('up'))`
  const ask = `node ${folder}/public-address.mjs || echo none`
  const net = (commands: string) => {
    const { stdout } = spawnSync('unshare', ['--net', 'sh', '-ec', `ip link set lo up\n${commands}`], {
      encoding: 'utf8',
    })
    return stdout.trim()
  }
  const google = `ip address add 169.254.169.254/32 dev lo
    node --eval "${metadata.replaceAll('"', '\\"')}" >${folder}/up & until grep -q up ${folder}/up 2>/dev/null; do sleep 0.1; done`
  const device = (address: string) =>
    `ip link add outside type veth peer name nowhere; ip address add ${address} dev outside; ip link set outside up; ip link set nowhere up`
  t.equal(net(`${device('203.0.113.7/24')}\n${google}\n${ask}; kill $!`), '203.0.113.7')
  t.equal(net(`${device('10.128.0.2/32')}\n${google}\n${ask}; kill $!`), '198.51.100.4')
  t.equal(net(`${device('10.128.0.2/32')}\n${ask}`), 'none')
})
