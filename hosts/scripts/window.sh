# A change of the network that cannot lock anybody out. The old state is kept byte for byte and two ways back are armed before
# anything changes: a timer of systemd, which outlives this connection, and a unit that runs at boot, before any network manager.
# The change stays once new connections have proven every family (prove, in common.sh). Else the host goes back by itself.

back=$base/back
# seconds until the host goes back, and once a new connection came: nobody is locked out then, the next step may be in a queue
first_wait=120
long_wait=1800

# Units that may have the interfaces in their care.
managers="systemd-networkd.service NetworkManager.service networking.service network.service"

open_window() {
  local draft=$base/window.draft
  rm -rf "$draft"
  { keep_old "$draft" && write_way_back && write_guard && sync -f "$draft" "$guard" && mv -T "$draft" "$window"; } || {
    rm -rf "$draft" "$guard" "$guard_link" "$back"
    fail "cannot keep the old network in $base; nothing was changed. Free space: $(df -hP "$base" | tail -n 1)"
  }
  arm "$(values window | grep . || echo "$first_wait")" || {
    rm -rf "$window" "$guard" "$guard_link" "$back"
    fail "systemd takes no timer for the way back (shown above); nothing was changed"
  }
}

keep_old() {
  local draft=$1 path
  mkdir -p "$draft/tree" "$draft/state" && : >"$draft/proven" &&
    sha256sum <"$work/document" | cut -d ' ' -f 1 >"$draft/document" &&
    values address | while read -r _ path; do family_of "$path"; done | sort -u >"$draft/families" &&
    { values interface; values address; cat "$state/interfaces" 2>/dev/null || true; } | cut -d ' ' -f 1 | sort -u >"$draft/interfaces" &&
    planned_interfaces >"$draft/order" && values backend >"$draft/backend" &&
    { awk '{ print $4 }' "$work/index" && cat "$state/files" 2>/dev/null || true; } | sort -u >"$draft/paths" &&
    keep_tree "$draft/tree" <"$draft/paths" && cp -a "$state/." "$draft/state/" &&
    note_sysctls >"$draft/sysctl" && note_links "$draft"
}

# What no file says: devices, which units run, which connections NetworkManager has up, addresses.
note_links() {
  find /sys/class/net -mindepth 1 -printf '%f\n' >"$1/links" && note_units >"$1/units" &&
    note_connections "$1/interfaces" >"$1/connections" && describe "$1/interfaces" >"$1/was"
}

# Copies the paths that are there into a folder, byte for byte, with mode and owner.
keep_tree() {
  local path
  while read -r path; do
    [ -e "$path" ] || [ -L "$path" ] || continue
    mkdir -p "$1${path%/*}" && cp -a "$path" "$1$path" || return 1
  done
}

note_units() {
  local unit enabled active
  # shellcheck disable=SC2086
  systemctl show --property=Id,UnitFileState,ActiveState $managers | awk -F = '
    function tell() { if (id != "") print id, enabled == "" ? "none" : enabled, active; id = enabled = active = "" }
    $1 == "Id" { id = $2 }
    $1 == "UnitFileState" { enabled = $2 }
    $1 == "ActiveState" { active = $2 }
    $0 == "" { tell() }
    END { tell() }
  ' | while read -r unit enabled active; do
    # a script of System V: only systemctl itself knows
    [ "$enabled" != generated ] || enabled=$(systemctl is-enabled "$unit" 2>/dev/null || true)
    printf '%s %s %s\n' "$unit" "${enabled:-none}" "$active"
  done
}

# Packet size, addresses and gateways of interfaces, one a line, as they are compared; without those that come by DHCP or
# router advertisements, which their managers look after.
describe() {
  local interface family mtu
  while read -r interface; do
    mtu=
    [ ! -e "/sys/class/net/$interface/mtu" ] || read -r mtu <"/sys/class/net/$interface/mtu"
    printf 'mtu %s %s\n' "$interface" "$mtu"
    for family in -4 -6; do
      ip $family -o address show dev "$interface" scope global 2>/dev/null | awk '!/ (temporary|dynamic) / { print "address", $2, $4 }' || true
      ip $family route show default dev "$interface" 2>/dev/null | awk -v dev="$interface" '!/ proto (dhcp|ra)/ && $2 == "via" { print "gateway", dev, $3 }' || true
    done
  done <"$1" | sort -u
}

# The way back is this script as a file, for systemd: no connection is needed to run it.
write_way_back() {
  {
    printf '%s\n' 'set -euo pipefail' 'export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    state=$base/network
    declare -p host base window guard guard_link back state managers sysctl_file modules_file long_wait
    declare -f
    printf '"$@"\n'
  } >"$back"
}

write_guard() {
  cat >"$guard" <<UNIT && mkdir -p "${guard_link%/*}" && ln -sfT "$guard" "$guard_link"
[Unit]
Description=The old network comes back if the host restarts before dualstack confirmed the new one
DefaultDependencies=no
RequiresMountsFor=$base
After=local-fs.target
Wants=network-pre.target
Before=network-pre.target systemd-sysctl.service $managers
ConditionPathExists=|$window
ConditionPathExists=|$base/going-back

[Service]
Type=oneshot
ExecStart=/bin/bash $back boot

[Install]
WantedBy=sysinit.target
UNIT
}

# Starts the time anew; only the newest timer counts.
arm() {
  local unit before
  unit=dualstack-back-$$-$(now)
  before=$(cat "$window/timer" 2>/dev/null || true)
  systemd-run -q --unit="$unit" --on-active="$1" --timer-property=AccuracySec=100ms /bin/bash "$back" expire "$unit" "$1" >&2 || return 1
  printf '%s\n' "$unit" >"$window/timer"
  [ -z "$before" ] || systemctl stop "$before.timer" 2>/dev/null || true
}
