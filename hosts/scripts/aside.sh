# Two managers of one interface would fight, so what others have for it is put aside.

# Adds to the plan what puts other managers aside: their files without our interfaces. They are files like all others: kept, given
# back on the way back and with the step.
plan_aside() {
  local backend path names
  backend=$(values backend)
  names=$(values interface | cut -d ' ' -f 1)
  [ -n "$names" ] || return 0
  for path in /etc/network/interfaces /etc/network/interfaces.d/*; do
    [ ! -f "$path" ] || is_planned "$path" || plan_without "$path" stanzas_of_others
  done
  for path in /etc/netplan/*.yaml; do
    [ ! -f "$path" ] || is_planned "$path" || plan_without "$path" netplan_of_others
  done
  case $backend in systemd-networkd | netplan) return 0 ;; esac
  [ -d /run/systemd/netif ] || grep -qxF /etc/systemd/network/00-dualstack-unmanaged.network "$state/files" 2>/dev/null || return 0
  printf '[Match]\nName=%s\n\n[Link]\nUnmanaged=yes\n' "$(printf '%s' "$names" | tr '\n' ' ')" >"$work/aside"
  plan_file /etc/systemd/network/00-dualstack-unmanaged.network 0644
}

# Plans a file as it was before dualstack, without what a filter takes out; untouched if that is nothing.
plan_without() {
  local path=$1 filter=$2 original=$1
  [ ! -f "$state/before$path" ] || original=$state/before$path
  "$filter" "$original" "$path" >"$work/aside"
  cmp -s "$original" "$work/aside" || plan_file "$path" "0$(stat -c %a "$original")"
}

plan_file() {
  local number
  number=$(($(wc -l <"$work/index") + 1))
  mv "$work/aside" "$work/new/$number"
  printf '%s %s network %s\n' "$number" "$2" "$1" >>"$work/index"
}

# ifupdown's stanzas of other interfaces (interfaces(5)).
stanzas_of_others() {
  values interface | awk '
    NR == FNR { ours[$1]; next }
    $1 == "auto" || $1 ~ /^allow-/ {
      line = $1
      for (i = 2; i <= NF; i++) if (!($i in ours)) line = line " " $i
      skip = 0
      if (line != $1) print line
      next
    }
    $1 == "iface" || $1 == "mapping" || $1 ~ /^source/ { skip = $1 == "iface" && $2 in ours }
    !skip
  ' - "$1"
}

# netplan joins its files, so another one of our interfaces would add its addresses to ours.
netplan_of_others() {
  local name kind root=$work/netplan
  rm -rf "$root"
  mkdir -p "$root/etc/netplan"
  cp "$1" "$root/etc/netplan/$(basename "$2")"
  if command -v netplan >/dev/null; then
    for name in $(values interface | cut -d ' ' -f 1); do
      grep -qF -- "$name:" "$1" || continue
      for kind in ethernets bonds vlans bridges wifis; do
        [ "$(netplan get --root-dir "$root" "$kind.${name//./\\.}" 2>/dev/null || echo null)" = null ] ||
          netplan set --root-dir "$root" --origin-hint "$(basename "$2" .yaml)" "$kind.${name//./\\.}=null" >&2
      done
    done
  fi
  cat "$root/etc/netplan/$(basename "$2")" 2>/dev/null || printf 'network:\n  version: 2\n'
}
