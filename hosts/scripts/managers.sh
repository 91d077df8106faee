# What makes a host's network manager take its files: systemd-networkd.

# Has the manager of the spec take the new files; runs as a unit of its own, so that a cut connection does not stop it half-way.
change() {
  local code=0
  (activate) 2>"$window/log" || code=$?
  now >"$window/changed"
  printf '%s\n' "$code" >"$window/code.new"
  mv "$window/code.new" "$window/code"
}

activate() {
  local interface
  command -v networkctl >/dev/null || fail "this host has no systemd-networkd: set 'network.backend: none' in the spec and give the host its addresses yourself"
  systemctl -q is-enabled systemd-networkd || systemctl -q enable systemd-networkd
  # networkd reads its own settings only when it starts; a link whose file changed is configured anew, the others are left alone
  if [ -e "$window/restart" ]; then systemctl restart systemd-networkd; else systemctl start systemd-networkd; fi
  networkctl reload
  # a link whose file is as it was is left alone by that, even where somebody took an address from it
  while read -r interface; do networkctl reconfigure "$interface" || true; done <"$window/incomplete"
}

# The managers take the old files again.
reactivate() {
  ! systemctl -q is-active systemd-networkd || networkctl reload
}
