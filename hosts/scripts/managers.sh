# What makes each network manager take its files, and let an interface go.

# Interfaces of the plan in their order, each after those that it stands on; a member of a bond comes up with it.
planned_interfaces() { values interface | awk '$2 != "member" { print $1 }'; }

# Has the manager of the spec take the new files; runs as a unit of its own, so that a cut connection does not stop it half-way.
change() {
  local code=0
  (activate) 2>"$window/log" || code=$?
  now >"$window/changed"
  printf '%s\n' "$code" >"$window/code.new"
  mv "$window/code.new" "$window/code"
}

activate() {
  local backend names
  backend=$(cat "$window/backend")
  mapfile -t names <"$window/order"
  release_interfaces "$backend" "${names[@]}"
  case $backend in
    systemd-networkd)
      drop_changed_devices "$window/tree" ""
      take_by_networkd "${names[@]}"
      ;;
    netplan)
      need netplan
      netplan generate
      take_by_networkd "${names[@]}"
      ;;
    NetworkManager | ifcfg) take_by_networkmanager "$backend" "${names[@]}" ;;
    ifupdown) take_by_ifupdown "${names[@]}" ;;
  esac
}

need() { command -v "$1" >/dev/null || fail "this host has no $1, which network.backend of the spec needs: name another back end, or 'none' and give the host its addresses yourself"; }

# A unit that is enabled is left alone: enabling would add the units that go along with it.
enable_unit() { systemctl -q is-enabled "$1" 2>/dev/null || systemctl -q enable "$1"; }

# The managers that had the interfaces until now let them go.
release_interfaces() {
  local backend=$1 name
  shift
  case $backend in NetworkManager | ifcfg) ;; *)
    if systemctl -q is-active NetworkManager; then
      nmcli general reload conf
      for name in "$@"; do nmcli device set "$name" managed no 2>/dev/null || true; done
    fi
    ;;
  esac
  case $backend in systemd-networkd | netplan) ;; *)
    ! systemctl -q is-active systemd-networkd || networkctl reload
    ;;
  esac
  # ifupdown has no service that would let go: its DHCP client ends, its default routes are those that no manager calls its own
  for name in "$@"; do
    [ ! -e "/run/dhclient.$name.pid" ] || kill "$(cat "/run/dhclient.$name.pid")" 2>/dev/null || true
    while ip -4 route del default dev "$name" proto boot 2>/dev/null || ip -6 route del default dev "$name" proto boot 2>/dev/null; do :; done
  done
}

# networkd reads its own settings only when it starts; a link whose file changed is configured anew, the others are left alone.
take_by_networkd() {
  local name
  need networkctl
  for name in "$@"; do drop_routeless "$name"; done
  enable_unit systemd-networkd
  if [ -e "$window/restart" ]; then systemctl restart systemd-networkd; else systemctl start systemd-networkd; fi
  # networkctl learned to reload with systemd 244
  networkctl reload || systemctl restart systemd-networkd
  # a link whose file is as it was is left alone by that, even where somebody took an address from it
  while read -r name; do networkctl reconfigure "$name" || true; done <"$window/incomplete"
}

# NetworkManager's addresses are without the route of their range, and of IPv4 the kernel does not add it when another manager sets
# the same address again (Linux, inet_rtm_newaddr). Without it gateways are refused, and networkd stays 'configuring' for ever. Of
# IPv6 the kernel adds it, with a metric of 256 (IP6_RT_PRIO_ADDRCONF); NetworkManager's own would stay beside it.
drop_routeless() {
  local address range metric
  ip -4 -o address show dev "$1" scope global 2>/dev/null | awk '/ noprefixroute / { print $4 }' | while read -r address; do
    ip address del "$address" dev "$1" || true
  done
  ip -6 route show dev "$1" proto kernel 2>/dev/null | awk '$2 == "metric" && $3 != 256 && !/^fe80:/ { print $1, $3 }' | while read -r range metric; do
    ip -6 route del "$range" dev "$1" proto kernel metric "$metric" || true
  done
}

# networkd makes a device once: one whose file differs from that of the other tree goes and is made again.
drop_changed_devices() {
  local from=$1 to=$2 file name
  for file in "$from"/etc/systemd/network/05-dualstack-*.netdev; do
    name=${file##*/05-dualstack-}
    name=${name%.netdev}
    [ ! -f "$file" ] || cmp -s "$file" "$to${file#"$from"}" || ip link delete "$name" 2>/dev/null || true
  done
}

take_by_networkmanager() {
  local backend=$1 name file connection
  shift
  need nmcli
  enable_unit NetworkManager
  systemctl start NetworkManager
  nmcli general reload conf
  nmcli connection reload
  for name in "$@"; do
    nmcli device set "$name" managed yes 2>/dev/null || true
    case $backend in
      ifcfg) file=/etc/sysconfig/network-scripts/ifcfg-$name ;;
      *) file=/etc/NetworkManager/system-connections/dualstack-$name.nmconnection ;;
    esac
    # by its file: another connection may bear the same name
    connection=$(nmcli -t -f UUID,FILENAME connection show | awk -v file="$file" 'substr($0, 38) == file { print substr($0, 1, 36) }')
    [ -n "$connection" ] || fail "NetworkManager does not read $file: has it the plugin for it, and does NetworkManager.conf name it in 'plugins'?"
    nmcli --wait 30 connection up "$connection"
  done
}

# ifupdown knows no change: an interface goes down by the old file and comes up by the new one. What another manager left on it goes.
take_by_ifupdown() {
  local name
  need ifup
  enable_unit networking
  for name in "$@"; do
    ifdown --force -i "$window/tree/etc/network/interfaces" "$name" || true
    clear_interface "$name"
  done
  for name in "$@"; do ifup_anew "$name"; done
}

# By force, whatever ifupdown believes to be up. But a VLAN forces its parent too, and a bond that is up loses its cards by that.
ifup_anew() {
  case $1 in
    *.*) { ifdown --force "$1" || true; } && ifup "$1" ;;
    *) ifup --force "$1" ;;
  esac
}

clear_interface() {
  ip route flush dev "$1" scope global 2>/dev/null || true
  ip -6 route flush dev "$1" proto static 2>/dev/null || true
  ip address flush dev "$1" scope global 2>/dev/null || true
}

# The managers take the old files again; by hand comes what they leave undone.
reactivate() {
  local from=$base/going-back name connection
  drop_changed_devices "$from/tried" ""
  while read -r name; do
    grep -qxF -- "$name" "$from/links" || ip link delete "$name" 2>/dev/null || true
  done <"$from/interfaces"
  if [ "$(cat "$from/backend")" = ifupdown ] || grep -q '^networking.service enabled' "$from/units"; then
    while read -r name; do
      ifdown --force -i "$from/tried/etc/network/interfaces" "$name" 2>/dev/null || true
      ! grep -qE "^iface $name " /etc/network/interfaces 2>/dev/null || { clear_interface "$name" && ifup_anew "$name"; } || true
    done <"$from/interfaces"
  fi
  ! command -v netplan >/dev/null || netplan generate || true
  if systemctl -q is-active systemd-networkd; then
    while read -r name; do grep -q "^$name " "$from/connections" || drop_routeless "$name"; done <"$from/interfaces"
    # reloading does not bring back a link that it was told to leave alone
    if [ -e "$from/tried/etc/systemd/network/00-dualstack-unmanaged.network" ]; then systemctl restart systemd-networkd; else networkctl reload; fi || true
    while read -r name; do networkctl reconfigure "$name" || true; done <"$from/interfaces"
  fi
  if systemctl -q is-active NetworkManager; then
    nmcli general reload conf || true
    nmcli connection reload || true
    while read -r name connection; do
      nmcli device set "$name" managed yes || true
      nmcli --wait 20 connection up "$connection" || true
    done <"$from/connections"
  fi
}

# The connection by which NetworkManager has an interface now.
note_connections() {
  local name connection
  systemctl -q is-active NetworkManager || return 0
  while read -r name; do
    connection=$(nmcli -g GENERAL.CONNECTION device show "$name" 2>/dev/null || true)
    [ -z "$connection" ] || printf '%s %s\n' "$name" "$connection"
  done <"$1"
}
