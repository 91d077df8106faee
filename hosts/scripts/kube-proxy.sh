# Part of step kubernetes: what a changed mode of kube-proxy means on every host.

# The mode in which kube-proxy runs here, by its own word; nothing when it does not run.
proxy_mode() {
  local address
  for address in 127.0.0.1 ::1; do
    { printf 'GET /proxyMode HTTP/1.0\r\n\r\n' >&3 && timeout 5 tail -n 1 <&3; } 3<>"/dev/tcp/$address/10249" && return
  done 2>/dev/null
  return 0
}

follow_proxy() {
  local wanted
  wanted=$(values proxy)
  [ "$wanted" != "$(cat "$state/proxy" 2>/dev/null)" ] || return 0
  await_proxy "$wanted"
  if old_rules "$wanted"; then clean_proxy "$wanted"; fi
  printf '%s\n' "$wanted" >"$state/proxy"
}

# The pods are replaced node by node, so a host may have to wait for its turn.
await_proxy() {
  local found
  for _ in $(seq 1 1800); do
    found=$(proxy_mode)
    [ "${found:-none}" != "$1" ] || return 0
    sleep 0.5
  done
  fail "kube-proxy on this host is '${found:-not there}' after 15 minutes and should be '$1': 'kubectl -n kube-system rollout status daemonset kube-proxy' says which node it waits for"
}

# Does this host have rules of another mode than $1? From nftables to iptables and back kube-proxy cleans up by itself when it
# starts; between iptables and ipvs, and when it goes, nobody does (k/k cmd/kube-proxy/app/server_linux.go platformCleanup).
old_rules() {
  case $1 in
    nftables) in_iptables '^:KUBE-SERVICES' || in_ipvs ;;
    iptables) in_nftables || in_ipvs ;;
    ipvs) in_nftables || in_iptables '^:KUBE-SEP-' ;;
    none) in_nftables || in_iptables '^:KUBE-SERVICES' || in_ipvs ;;
  esac
}

in_nftables() { command -v nft >/dev/null && nft list tables | grep ' kube-proxy$' >/dev/null; }
in_ipvs() { ip link show kube-ipvs0 >/dev/null 2>&1; }
in_iptables() {
  local program
  for program in iptables ip6tables; do
    ! command -v "$program-save" >/dev/null || ! "$program-save" 2>/dev/null | grep -- "$1" >/dev/null || return 0
  done
  return 1
}

# kube-proxy's own way, by the image that is here (kubernetes.io: "run kube-proxy --cleanup"). It takes the rules of every mode,
# so a kube-proxy that is there starts again at once and writes its own anew.
clean_proxy() {
  local image
  image=$(ctr -n k8s.io images list -q | grep '/kube-proxy:v' | sort -V | tail -n 1 || true)
  [ -n "$image" ] || fail "no image of kube-proxy is on this host, to take away what its old mode left: 'crictl images' shows what there is"
  say "taking away what the old mode of kube-proxy left"
  ctr -n k8s.io containers delete dualstack-cleanup >/dev/null 2>&1 || true
  touch /run/xtables.lock
  logged ctr -n k8s.io run --rm --privileged --net-host --mount type=bind,src=/run/xtables.lock,dst=/run/xtables.lock,options=rbind:rw "$image" dualstack-cleanup kube-proxy --cleanup
  [ "$1" = none ] || restart_proxy "$1"
}

restart_proxy() {
  local id
  for id in $(ctr -n k8s.io containers list -q 'labels."io.kubernetes.container.name"==kube-proxy'); do
    ctr -n k8s.io tasks kill "$id" >/dev/null 2>&1 || true
  done
  for _ in $(seq 1 20); do
    [ -n "$(proxy_mode)" ] || break
    sleep 0.5
  done
  await_proxy "$1"
}
