# The way back to the network that is kept in a folder (window.sh): files, units, kernel settings, addresses. systemd runs it.

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
  restore
  went_back
}

restore() {
  keep_tried
  restore_files
  restore_units <"$base/going-back/units"
  restore_sysctls
  restore_addresses
}

# At boot the managers come after this and read the old files.
boot() {
  [ ! -d "$window" ] || printf 'the host was restarted before the new network was confirmed\n' >"$window/reason" || true
  [ ! -d "$window" ] || mv -T "$window" "$base/going-back"
  keep_tried
  restore_files
  restore_units --no-block <"$base/going-back/units"
  ! command -v netplan >/dev/null || netplan generate || true
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
  [ ! -d "$base/going-back/state" ] || cp -a "$base/going-back/state" "$state"
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
  local was=$base/going-back/was interface value
  # no manager gives back a packet size that its files do not name
  awk '$1 == "mtu" && $3 { print $2, $3 }' "$was" | while read -r interface value; do ip link set dev "$interface" mtu "$value" || true; done
  reactivate || true
  for _ in $(seq 1 40); do
    ! is_as_before || return 0
    sleep 0.25
  done
  # a manager that is still at work may undo it once
  for _ in 1 2 3; do
    restore_by_hand
    sleep 1
    ! is_as_before || return 0
  done
}

is_as_before() { [ "$(describe "$base/going-back/interfaces")" = "$(cat "$base/going-back/was")" ]; }

restore_by_hand() {
  local was=$base/going-back/was kind interface value
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

# The way back to how the host was before dualstack first came: nobody has to confirm it.
leave_host() {
  rm -rf "$base/going-back"
  mkdir -p "$base/going-back"
  cp -a "$state/birth/." "$base/going-back/"
  [ ! -d "$state/before" ] || cp -a "$state/before" "$base/going-back/tree"
  cp "$state/files" "$base/going-back/paths"
  cp "$state/interfaces" "$state/backend" "$state/sysctl" "$base/going-back/"
  restore
  rm -rf "$base/going-back" "$back"
}
