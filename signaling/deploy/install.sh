#!/bin/sh
# Installs voicechat-server as a systemd service, from the checkout that this file lies in. Run again, it upgrades.
#
#   sudo signaling/deploy/install.sh [--public-url URL]     URL: how peers dial this server, ws://203.0.113.7:9001
#   sudo signaling/deploy/install.sh --uninstall            takes all away but settings and state
set -eu
umask 022

here=$(cd "$(dirname "$0")" && pwd)
program=/opt/voicechat
settings=/etc/voicechat/server.env
unit=/etc/systemd/system/voicechat.service
command=/usr/local/bin/voicechat-server

die() {
  echo "$1" >&2
  exit 1
}

uninstall() {
  systemctl disable --now --quiet voicechat || true
  rm -rf "$unit" "$command" "$program" "$program.new" "$program.old"
  systemctl daemon-reload
  echo "Gone. Settings and state are still there; to forget who owns which id as well:"
  echo "  rm -r /etc/voicechat /var/lib/voicechat && userdel voicechat"
}

check_node() {
  node=$(command -v node) && command -v npm >/dev/null ||
    die "Node or npm is missing: apt install nodejs npm, or 20.19 or later from https://nodejs.org/en/download, into /usr/local."
  node --eval 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    die "This is Node $(node --version), and 20.19 or later is needed: https://nodejs.org/en/download, into /usr/local."
  node=$(readlink -f "$node")
  case $node in /home/* | /root/*) die "$node is in somebody's home, which the service cannot see. Install Node into /usr/local." ;; esac
}

# Into a folder beside the one that runs.
build() {
  rm -rf "$program.new" && mkdir -p "$program.new" && cd "$here/../.."
  cp -R package.json package-lock.json tsconfig.json LICENSE protocol signaling peer "$program.new"
  cd "$program.new"
  npm ci --ignore-scripts --no-audit --no-fund
  npm run --silent prepare
  npm prune --omit=dev --ignore-scripts --no-audit --no-fund
  rm -rf tsconfig.json protocol signaling peer
}

settle() {
  id voicechat >/dev/null 2>&1 ||
    useradd --system --user-group --no-create-home --home-dir /var/lib/voicechat --shell /usr/sbin/nologin voicechat
  mkdir -p "$(dirname "$settings")" "$(dirname "$command")"
  [ -e "$settings" ] || cp "$here/server.env" "$settings"
  [ -z "$url" ] || sed -i "s|^VOICECHAT_PUBLIC_URL=.*|VOICECHAT_PUBLIC_URL=$url|" "$settings"
  sed "s|^ExecStart=/usr/bin/node|ExecStart=$node|" "$here/voicechat.service" >"$unit"
  ln -sfn "$program/dist/signaling/main.js" "$command"
}

swap() {
  rm -rf "$program.old"
  [ ! -e "$program" ] || mv "$program" "$program.old"
  mv "$program.new" "$program"
}

back() {
  [ -e "$program.old" ] || return 0
  rm -rf "$program" && mv "$program.old" "$program" && systemctl restart voicechat
}

# Whether its process listens within 15 seconds.
listens() {
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    pid=$(systemctl show --property MainPID --value voicechat)
    if [ "$pid" != 0 ] && ss -ltnp | grep -q "pid=$pid,"; then return 0; fi
    sleep 1
  done
  return 1
}

url=
case ${1-} in
  '') ;;
  --public-url) url=${2-} && case $url in ws://?* | wss://?*) ;; *) die "--public-url is as ws://203.0.113.7:9001 or wss://voice.example.org." ;; esac ;;
  --uninstall) ;;
  *) die "There are: --public-url URL, --uninstall." ;;
esac
case $url in *[!][A-Za-z0-9:/._-]*) die "$url is no address of a server." ;; esac
[ "$(id -u)" = 0 ] || die "Run it as root: sudo $0 $*"
command -v systemctl >/dev/null || die "There is no systemd here. The Dockerfile beside this file needs none."
if [ "${1-}" = --uninstall ]; then
  uninstall
  exit
fi

check_node
if [ -z "$url" ] && [ ! -e "$settings" ]; then
  address=$(node "$here/public-address.mjs") ||
    die "This machine does not know its public address. Say it: $0 --public-url ws://ADDRESS:9001"
  url=ws://$address:9001
fi
build
settle
swap
systemctl daemon-reload
systemctl enable --quiet voicechat
systemctl restart voicechat
if ! listens; then
  journalctl --unit voicechat --lines 20 --no-pager >&2
  back
  die "The server does not start; its log is above. What was installed before runs again, if anything was."
fi
rm -rf "$program.old"

url=$(sed -n 's|^VOICECHAT_PUBLIC_URL=||p' "$settings")
echo "The server runs. Both sides of a call need --server ${url%%,*}:"
echo "  npx voicechat-peer --id ABC --to XYZ --server ${url%%,*} --password"
echo "Let in by the firewall: 9001/tcp, and 9001 and 9002/udp. Settings: $settings. Log: journalctl --unit voicechat"
