# Part of step kubernetes: the virtual addresses of the API, which keepalived holds on one control plane at a time.

virtual=/etc/keepalived/keepalived.conf

# A virtual address that answers before there is a cluster is somebody's.
check_virtual() {
  local address
  while read -r address; do
    ! ping -c 1 -W 1 "$address" >/dev/null 2>&1 || fail "the virtual address $address of the spec's 'endpoint' answers already: another machine has it ($(ip neigh show "$address" | head -n 1)). Give one that is free"
  done < <(values virtual)
}

# Lets this host take its part. A reload leaves the addresses where they are.
hold_virtual() {
  values virtual | grep -q . || return 0
  command -v keepalived >/dev/null || fail "keepalived is not on this host, and the spec's 'endpoint' has virtual addresses: install the package keepalived, or give a name that leads to the control planes"
  ! systemctl -q is-active keepalived || ! systemctl -q is-enabled keepalived || changed virtual-address || return 0
  say "holding the virtual addresses of the API"
  systemctl -q enable keepalived
  systemctl reload-or-restart keepalived || fail "keepalived does not start; 'journalctl -u keepalived' on this host says why"
}

await_virtual() {
  local address
  while read -r address; do
    for _ in $(seq 1 40); do
      ! held "$address" || continue 2
      sleep 0.5
    done
    fail "this host has not taken the virtual address $address within 20 s; 'journalctl -u keepalived' says why"
  done < <(values virtual)
}

held() { ip -o address show to "$1" -tentative | grep -q .; }

leave_virtual() {
  [ ! -e "$virtual" ] || ! grep -qxF "$virtual" "$state/files" 2>/dev/null || systemctl -q disable --now keepalived 2>/dev/null || true
}
