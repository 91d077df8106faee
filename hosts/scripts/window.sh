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
    { values address | cut -d ' ' -f 1 && cat "$state/interfaces" 2>/dev/null || true; } | sort -u >"$draft/interfaces" &&
    { awk '{ print $4 }' "$work/index" && cat "$state/files" 2>/dev/null || true; } | sort -u >"$draft/paths" &&
    keep_tree "$draft/tree" <"$draft/paths" && cp -a "$state/." "$draft/state/" &&
    note_sysctls >"$draft/sysctl" && note_units >"$draft/units" && describe "$draft/interfaces" >"$draft/was"
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
  local unit
  for unit in $managers; do
    printf '%s %s %s\n' "$unit" "$(systemctl is-enabled "$unit" 2>/dev/null | grep . || echo none)" "$(systemctl is-active "$unit" 2>/dev/null || true)"
  done
}

# Packet size, addresses and gateways of interfaces, one a line, as they are compared.
describe() {
  local interface family
  while read -r interface; do
    printf 'mtu %s %s\n' "$interface" "$(cat "/sys/class/net/$interface/mtu" 2>/dev/null || true)"
    for family in -4 -6; do
      ip $family -o address show dev "$interface" scope global 2>/dev/null | grep -v ' temporary ' | awk '{ print "address", $2, $4 }' || true
      ip $family route show default dev "$interface" 2>/dev/null | awk -v dev="$interface" '$2 == "via" { print "gateway", dev, $3 }' || true
    done
  done <"$1" | sort -u
}

# The way back is this script as a file, for systemd: no connection is needed to run it.
write_way_back() {
  {
    printf '%s\n' 'set -euo pipefail' 'export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    state=$base/network
    declare -p base window guard guard_link back state managers sysctl_file modules_file long_wait
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

# The timer ran out.
expire() {
  [ "$(cat "$window/timer" 2>/dev/null)" = "$1" ] || return 0
  go_back "no new connection came over $(unproven | paste -sd ' ') within $2 s"
}

# Back to the old files, then to the old addresses.
go_back() {
  printf '%s\n' "$1" >"$window/reason" 2>/dev/null || true
  mv -T "$window" "$base/going-back" 2>/dev/null || return 0
  stop_change
  keep_tried
  restore_files
  restore_units <"$base/going-back/units"
  restore_sysctls
  restore_addresses
  went_back
}

# At boot the managers come after this and read the old files.
boot() {
  [ ! -d "$window" ] || printf 'the host was restarted before the new network was confirmed\n' >"$window/reason" || true
  [ ! -d "$window" ] || mv -T "$window" "$base/going-back"
  keep_tried
  restore_files
  restore_units --no-block <"$base/going-back/units"
  went_back
}

# A change that is still under way ends here, before it can write another file; the timer is not needed any more.
stop_change() {
  local process
  systemctl stop "$(cat "$base/going-back/timer").timer" 2>/dev/null || true
  systemctl stop "$(cat "$base/going-back/unit" 2>/dev/null || echo none).service" 2>/dev/null || true
  process=$(cat "$base/going-back/changing" 2>/dev/null || true)
  [ "$(cat "/proc/${process:-none}/comm" 2>/dev/null)" != bash ] || kill -9 "$process" || true
}

# For whoever wants to know what went wrong; a full disk does not stop the way back.
keep_tried() {
  describe "$base/going-back/interfaces" >"$base/going-back/found" || true
  keep_tree "$base/going-back/tried" <"$base/going-back/paths" || true
}

restore_files() {
  local path old
  while read -r path; do
    old=$base/going-back/tree$path
    if [ ! -e "$old" ] && [ ! -L "$old" ]; then
      rm -f "$path" "$path.dualstack"
    elif [ -L "$old" ] || [ -L "$path" ] || ! cmp -s "$old" "$path" || [ "$(stat -c %a:%u:%g "$old")" != "$(stat -c %a:%u:%g "$path")" ]; then
      # on a full disk the new file has to go first
      { cp -a "$old" "$path.dualstack" && mv -fT "$path.dualstack" "$path"; } || { rm -f "$path" "$path.dualstack" && cp -a "$old" "$path"; }
    fi
  done <"$base/going-back/paths"
  rm -rf "$state"
  cp -a "$base/going-back/state" "$state"
}

# Units enabled, disabled, running or not as they were. Nothing waits for them at boot: they come after this.
restore_units() {
  local unit enabled active
  systemctl daemon-reload
  while read -r unit enabled active; do
    case $enabled in
      enabled | disabled) [ "$(systemctl is-enabled "$unit" 2>/dev/null)" = "$enabled" ] || systemctl -q "${enabled%d}" "$unit" ;;
    esac
    case $active in
      active) systemctl start "$@" "$unit" ;;
      inactive) ! systemctl -q is-active "$unit" || systemctl stop "$@" "$unit" ;;
    esac
  done
}

restore_sysctls() {
  local path value
  while read -r path value; do
    [ ! -e "$path" ] || printf '%s\n' "$value" >"$path" || true
  done <"$base/going-back/sysctl"
}

# The managers bring the old addresses; what they leave undone is done by hand, so that no mixture is left.
restore_addresses() {
  local was=$base/going-back/was kind interface value
  # no manager gives back a packet size that its files do not name
  awk '$1 == "mtu" && $3 { print $2, $3 }' "$was" | while read -r interface value; do ip link set dev "$interface" mtu "$value" || true; done
  reactivate || true
  for _ in $(seq 1 40); do
    [ "$(describe "$base/going-back/interfaces")" != "$(cat "$was")" ] || return 0
    sleep 0.25
  done
  describe "$base/going-back/interfaces" | comm -13 "$was" - | sort -r | while read -r kind interface value; do
    case $kind in
      address) ip address del "$value" dev "$interface" ;;
      gateway) ip "$(option_of "$value")" route del default via "$value" dev "$interface" ;;
    esac || true
  done
  describe "$base/going-back/interfaces" | comm -23 "$was" - | while read -r kind interface value; do
    case $kind in
      address) ip address add "$value" dev "$interface" ;;
      gateway) ip "$(option_of "$value")" route replace default via "$value" dev "$interface" ;;
    esac || true
  done
}

option_of() { case $1 in *:*) echo -6 ;; *) echo -4 ;; esac; }

went_back() {
  rm -rf "$base/went-back" "$guard_link" "$guard"
  mv -T "$base/going-back" "$base/went-back"
  rm -f "$back"
}
