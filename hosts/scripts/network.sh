# Step network: kernel modules, sysctl of both families, and the interfaces' addresses.

modules_file=/etc/modules-load.d/dualstack.conf
sysctl_file=/etc/sysctl.d/90-dualstack.conf

load_modules() {
  local module
  while read -r module; do
    [ -d "/sys/module/$module" ] || modprobe -q "$module" || say "module $module cannot be loaded; taken as built into the kernel"
  done < <(grep -v '^#' "$modules_file")
}

# Keeps a value as it was before the first run, for the way back.
remember() { grep -q -- "^$1 " "$state/sysctl" || printf '%s %s\n' "$1" "$(cat "$1")" >>"$state/sysctl"; }

set_sysctls() {
  local key path
  touch "$state/sysctl"
  while IFS=' =' read -r key _; do
    path=/proc/sys/${key//.//}
    remember "$path"
    # a key of 'all' sets every interface at once, so theirs are kept too
    case $path in */all/*) for path in "${path%%/all/*}"/*/"${path##*/}"; do remember "$path"; done ;; esac
  done < <(grep -v '^#' "$sysctl_file")
  sysctl -q -p "$sysctl_file" >&2 || fail "the kernel refuses a setting of $sysctl_file (shown above): is the module loaded that owns it?"
}

# systemd-networkd takes the files; a link whose file changed is configured anew, the others are left alone.
reload_network() {
  command -v networkctl >/dev/null || fail "this host has no systemd-networkd: set 'network.backend: none' in the spec and give the host its addresses yourself"
  if ! systemctl -q is-enabled systemd-networkd; then
    touch "$state/enabled"
    systemctl -q enable systemd-networkd
  fi
  # networkd reads its own settings only when it starts
  if [ -e "$state/restart" ]; then systemctl restart systemd-networkd; else systemctl start systemd-networkd; fi
  rm -f "$state/restart"
  networkctl reload
}

# Waits until an address is there and duplicate address detection (RFC 4862) is over.
await_address() {
  local interface=$1 address=$2 shown
  for _ in $(seq 1 60); do
    shown=$(ip -o address show dev "$interface" to "$address" 2>/dev/null || true)
    case $shown in
      *dadfailed*) fail "$address on $interface is used by another machine on this link (duplicate address detection failed): give this host another address" ;;
      *tentative* | '') sleep 0.25 ;;
      *) return 0 ;;
    esac
  done
  fail "$interface did not get $address within 15 s; 'networkctl status $interface' on this host says why"
}

apply() {
  local interface address before settings=/etc/systemd/networkd.conf.d/90-dualstack.conf
  before=$(cat "$settings" 2>/dev/null || true)
  put_files
  [ "$before" = "$(cat "$settings" 2>/dev/null || true)" ] || touch "$state/restart"
  load_modules
  set_sysctls
  ! due network || reload_network
  while read -r interface address; do await_address "$interface" "$address"; done < <(values address)
  # networkd may have reset what belongs to a link
  sysctl -q -p "$sysctl_file" >&2
  settle
  say "network ready"
}

remove() {
  local path value had_network had_enabled
  had_network=$(grep -c '^/etc/systemd/network' "$state/files" 2>/dev/null || true)
  had_enabled=$([ ! -e "$state/enabled" ] || echo yes)
  if [ -e "$state/sysctl" ]; then
    while read -r path value; do
      [ ! -e "$path" ] || printf '%s\n' "$value" >"$path" || say "cannot set $path back to $value"
    done <"$state/sysctl"
  fi
  forget_step
  [ "${had_network:-0}" = 0 ] || networkctl reload
  [ -z "$had_enabled" ] || systemctl -q disable systemd-networkd
  say "network as it was"
}
