# Step network: kernel modules, sysctl of both families, and the interfaces' addresses.

modules_file=/etc/modules-load.d/dualstack.conf
sysctl_file=/etc/sysctl.d/90-dualstack.conf

load_modules() {
  local module
  while read -r module; do
    [ -d "/sys/module/$module" ] || modprobe -q "$module" || say "module $module cannot be loaded; taken as built into the kernel"
  done < <(grep -v '^#' "$modules_file")
}

# The kernel's files of the settings that are planned or in place; a key of 'all' sets every interface at once, so theirs are among them.
sysctl_paths() {
  local key path
  { cat "$sysctl_file" "$(planned "$sysctl_file")" 2>/dev/null || true; } | while IFS=' =' read -r key _; do
    # with slashes, where the name of an interface may have a dot
    case $key in '' | '#'*) continue ;; */*) path=/proc/sys/$key ;; *) path=/proc/sys/${key//.//} ;; esac
    printf '%s\n' "$path"
    case $path in */all/*) printf '%s\n' "${path%%/all/*}"/*/"${path##*/}" ;; esac
  done | sort -u
}

# The new text of a path.
planned() {
  local number path
  while read -r number _ _ path; do [ "$path" != "$1" ] || printf '%s\n' "$work/new/$number"; done <"$work/index"
}

is_planned() { [ -n "$(planned "$1")" ]; }

note_sysctls() {
  local path value
  sysctl_paths | while read -r path; do
    [ -e "$path" ] || continue
    IFS= read -r value <"$path" || true
    printf '%s %s\n' "$path" "$value"
  done
}

# Sets the values; how each was before the first run is kept for the way back.
set_sysctls() {
  touch "$state/sysctl"
  note_sysctls | awk -v known="$state/sysctl" 'FILENAME == known { seen[$1]; next } !($1 in seen)' "$state/sysctl" - >"$work/sysctl"
  cat "$work/sysctl" >>"$state/sysctl"
  sysctl -q -p "$sysctl_file" >&2 || fail "the kernel refuses a setting of $sysctl_file (shown above): is the module loaded that owns it?"
}

# Would the files of the network manager change, or is an address or a default route gone that should be there?
network_due() {
  local number mode handler path
  ! grep -qx network "$state/pending" 2>/dev/null || return 0
  while read -r number mode handler path; do
    [ "$handler" != network ] || same "$work/new/$number" "$mode" "$path" || return 0
  done <"$work/index"
  while read -r path; do
    is_planned "$path" || return 0
  done < <(grep -vxF -e "$modules_file" -e "$sysctl_file" "$state/files" 2>/dev/null || true)
  grep -q ' network ' "$work/index" || return 1
  [ -n "$(incomplete)" ]
}

# Interfaces that lost an address or the default route that they should have.
incomplete() {
  local interface address
  while read -r interface address; do
    [ -n "$(ip -o address show dev "$interface" to "$address" 2>/dev/null)" ] || printf '%s\n' "$interface"
  done < <(values address)
  while read -r interface address; do
    [ -n "$(ip "$(option_of "$address")" route show default via "$address" dev "$interface" 2>/dev/null)" ] || printf '%s\n' "$interface"
  done < <(values gateway)
}

# A run that takes away the address to which it is connected could not go on.
refuse_to_cut_own_branch() {
  local own interface
  own=$(peer 3)
  interface=$(ip -o address show to "$own" 2>/dev/null | awk '{ print $2; exit }')
  { values address && cat "$state/interfaces" 2>/dev/null || true; } | cut -d ' ' -f 1 | grep -qxF -- "${interface:-none}" || return 0
  values address | cut -d ' ' -f 2 | grep -qxF -- "$own" ||
    fail "this change takes away $own of $interface, the address by which this run is connected; nothing was changed. Set ssh.address of this host to an address that stays, or keep $own in the spec"
}

# Debian's ifenslave frees a card of its bond whenever one goes down, of NetworkManager's bonds too (dispatcher.d/01-ifupdown): that
# takes the card for gone, puts it back, and so on without end.
refuse_ifenslave() {
  case $(values backend) in NetworkManager | ifcfg) ;; *) return 0 ;; esac
  values interface | grep -q ' bond$' || return 0
  { [ -x /etc/NetworkManager/dispatcher.d/01-ifupdown ] && [ -x /etc/network/if-post-down.d/ifenslave ]; } || return 0
  fail "NetworkManager cannot keep a bond together while the package ifenslave is installed: its hook takes every card out again; nothing was changed. 'apt-get purge ifenslave' on this host, or set network.backend to ifupdown, which needs it"
}

# Waits until an address is there and duplicate address detection (RFC 4862) is over.
await_address() {
  local interface=$1 address=$2 shown
  for _ in {1..75}; do
    shown=$(ip -o address show dev "$interface" to "$address" 2>/dev/null || true)
    case $shown in
      *dadfailed*) fail "$address on $interface is used by another machine on this link (duplicate address detection failed): give this host another address" ;;
      *tentative* | '') sleep 0.2 ;;
      *) return 0 ;;
    esac
  done
  fail "$interface did not get $address within 15 s; 'networkctl status $interface' on this host says why"
}

# A gateway must be the default route's and answer on the link (ARP, RFC 4861); one packet to it makes the kernel ask.
await_gateway() {
  local interface=$1 gateway=$2 target=$2 family how=ARP found='' route='' link pause
  family=$(option_of "$gateway")
  link=$(ip link show dev "$interface")
  [ "$family" = -4 ] || how="neighbour discovery"
  case $gateway in fe80:*) target=$gateway%$interface ;; esac
  ip neighbour show to "$gateway" dev "$interface" | grep -q PERMANENT || ip neighbour del "$gateway" dev "$interface" 2>/dev/null || true
  # the first answer mostly comes at once
  for pause in 0.02 0.1 0.1 {1..23}; do
    route=$(ip "$family" route show default via "$gateway" dev "$interface")
    { printf . >"/dev/udp/$target/9"; } 2>/dev/null || true
    case $pause in 0.*) sleep "$pause" ;; *) sleep 0.25 ;; esac
    found=$(ip neighbour show to "$gateway" dev "$interface")
    case $route,$found,$link in ?*,*lladdr*,* | ?*,*,*NOARP*) return 0 ;; esac
  done
  [ -n "$route" ] || fail "$interface got no default route by $gateway: is the gateway in a range of the interface's addresses?"
  fail "the gateway $gateway does not answer on $interface ($how): is it the right one, and this the right link or VLAN?"
}

settle_network() {
  load_modules
  set_sysctls
  while read -r interface address; do await_address "$interface" "$address"; done < <(values address)
}

change_network() {
  local interface address same_settings settings=/etc/systemd/networkd.conf.d/90-dualstack.conf
  refuse_to_cut_own_branch
  refuse_ifenslave
  open_window
  trap 'abandon; leave' EXIT
  printf '%s\n' "$$" >"$window/changing"
  say "the old network is kept in $window; the host goes back to it by itself if the new one is not confirmed"
  same_settings=$(cat "$settings" 2>/dev/null || true)
  put_files
  [ "$same_settings" = "$(cat "$settings" 2>/dev/null || true)" ] || touch "$window/restart"
  load_modules
  set_sysctls
  rm "$window/changing"
  incomplete | sort -u >"$window/incomplete"
  printf 'dualstack-change-%s\n' "$$" >"$window/unit"
  systemd-run -q --unit="$(cat "$window/unit")" /bin/bash "$back" change >&2 || fail "systemd does not start the change (shown above)"
  # the way back has a timer of its own, which ends this too
  for _ in $(seq 1 1200); do
    [ ! -e "$window/code" ] || break
    [ -d "$window" ] || fail "the change took too long$(why_back)"
    sleep 0.1
  done
  [ "$(cat "$window/code" 2>/dev/null)" = 0 ] || fail "the network manager does not take its files: $(tail -n 3 "$window/log")"
  while read -r interface address; do await_address "$interface" "$address"; done < <(values address)
  while read -r interface address; do await_gateway "$interface" "$address"; done < <(values gateway)
  # a manager may have reset what belongs to a link
  sysctl -q -p "$sysctl_file" >&2
  settle
  cp "$window/interfaces" "$window/families" "$window/backend" "$state/"
  if [ ! -e "$state/birth" ]; then
    mkdir "$work/birth"
    cp "$window/links" "$window/units" "$window/connections" "$window/was" "$work/birth/"
    cp -a "$work/birth" "$state/birth"
  fi
  now >"$window/changed"
  trap leave EXIT
}

# The change failed on the host itself: it goes back at once, not in this process, which a cut connection may end.
abandon() {
  [ -d "$window" ] || return 0
  say "going back to the old network"
  rm -f "$window/changing"
  systemd-run -q --unit="dualstack-abandon-$$" /bin/bash "$back" go_back "${reason:-the change was broken off}" >&2 || return 0
  for _ in $(seq 1 600); do
    [ ! -d "$window" ] && [ ! -d "$base/going-back" ] && break
    sleep 0.1
  done
  say "the old network is back; it and what was tried are kept in $base/went-back"
}

# A run of the same change goes on with it; another change waits until the first one is confirmed or taken back. That this very
# run came in may be the proof that a run which broke off left open.
await_window() {
  [ -d "$window" ] || return 0
  [ ! -e "$window/changed" ] || prove
  [ -d "$window" ] || return 0
  [ "$(cat "$window/document")" != "$(sha256sum <"$work/document" | cut -d ' ' -f 1)" ] || return 0
  say "another change of this host's network waits for its confirmation: waiting until it is confirmed or taken back"
  release
  for _ in $(seq 1 "$long_wait"); do
    [ -d "$window" ] || [ -d "$base/going-back" ] || break
    sleep 1
  done
  hold
}

apply() {
  await_window
  plan_aside
  if [ -d "$window" ]; then
    prove
  elif network_due; then
    change_network
  else
    put_files
    settle_network
    settle
    sha256sum <"$work/document" | cut -d ' ' -f 1 >"$state/confirmed"
  fi
  say "network ready"
  # the result: what has to be confirmed over a new connection
  [ ! -d "$window" ] || unproven
}

# Action confirm, over a new connection. A family that the operator's machine cannot try counts by what the host itself sees:
# addresses without a duplicate, gateways that answer.
confirm() {
  local wanted interface address
  wanted=$(values document)
  if [ ! -d "$window" ]; then
    [ "$(cat "$state/confirmed" 2>/dev/null)" = "$wanted" ] || fail "the new network is not there to be confirmed$(why_back)"
    return 0
  fi
  [ "$(cat "$window/document")" = "$wanted" ] || fail "another change of the network waits for its confirmation"
  while read -r interface address; do await_address "$interface" "$address"; done < <(values address)
  while read -r interface address; do await_gateway "$interface" "$address"; done < <(values gateway)
  values untried >>"$window/proven"
  prove
  [ ! -d "$window" ] || arm "$long_wait"
}

# Action back: the operator's machine found the new network wrong.
back() {
  [ "$(cat "$window/document" 2>/dev/null)" = "$(values document)" ] || fail "the new network is not there any more$(why_back)"
  reason=$(values reason)
  abandon
}

# As before dualstack, by a unit of its own, so that a cut connection does not stop it half-way.
remove() {
  local path value
  reason="the network is given back" abandon
  if [ -e "$state/birth" ]; then
    write_way_back
    systemd-run -q --unit="dualstack-leave-$$" /bin/bash "$back" leave_host >&2 || fail "systemd does not start the way back (shown above); nothing was changed"
    for _ in $(seq 1 600); do
      [ -e "$back" ] || break
      sleep 0.1
    done
    [ ! -e "$back" ] || fail "the old network did not come back within a minute; 'journalctl -u dualstack-leave-$$' on this host says why"
  elif [ -e "$state/sysctl" ]; then
    while read -r path value; do
      [ ! -e "$path" ] || printf '%s\n' "$value" >"$path" || say "cannot set $path back to $value"
    done <"$state/sysctl"
  fi
  forget_step
  rm -rf "$base/went-back"
  rmdir "$base" 2>/dev/null || true
  say "network as it was"
}
