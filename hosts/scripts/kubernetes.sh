# Step kubernetes: kubeadm init or kubeadm join, and the way back.

config=/etc/dualstack/kubeadm.yaml
identity=/etc/dualstack/identity

# What a cluster is born with cannot be changed in place: it is compared before anything is written.
refuse_new_identity() {
  local number
  [ -e "$state/done" ] && [ -e "$identity" ] || return 0
  number=$(awk -v path="$identity" '$4 == path { print $1 }' "$work/index")
  cmp -s "$work/new/$number" "$identity" && return
  diff -U 3 --label "this cluster" --label "the spec" "$identity" "$work/new/$number" >&2 || true
  fail "families, their order, ranges and names of a running cluster cannot be changed in place: make a new cluster, or take the change back"
}

# Settles what an earlier run left: ours and complete, ours and half-way, or somebody else's.
look_before() {
  [ ! -e "$state/done" ] || return 0
  [ -e /etc/kubernetes/kubelet.conf ] || [ -e /etc/kubernetes/manifests/kube-apiserver.yaml ] || [ -e /var/lib/etcd/member ] || [ -e "$state/started" ] || return 0
  [ -e "$state/started" ] || fail "this host already belongs to a cluster that dualstack did not make: 'kubeadm reset' it first, or take it out of the spec"
  say "an earlier run was cut off in the middle of kubeadm: starting afresh"
  reset_kubernetes
}

init() {
  one_file
  if [ ! -e "$state/done" ]; then
    check_port
    check_virtual
    touch "$state/started"
    hold_virtual
    await_virtual
    say "kubeadm init"
    logged kubeadm init --config "$work/kubeadm.yaml"
    values proxy >"$state/proxy"
    touch "$state/done"
  else
    hold_virtual
    upgrade
    reconfigure
    follow
  fi
  settle
  await_api
  cat /etc/kubernetes/admin.conf
}

# kubeadm reads its documents from one file.
one_file() {
  local name
  for name in kubeadm kubelet kube-proxy; do
    [ ! -e "/etc/dualstack/$name.yaml" ] || { echo --- && cat "/etc/dualstack/$name.yaml"; }
  done >"$work/kubeadm.yaml"
}

check_port() {
  local port holder
  port=$(values port)
  holder=$(ss -H -l -t -n -p "sport = :$port" | head -n 1 || true)
  [ -z "$holder" ] || fail "port $port of the API server is taken on this host: $holder. Stop that program, or set another port in the spec's 'endpoint'"
}

await_api() {
  for _ in $(seq 1 120); do
    kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /readyz >/dev/null 2>&1 && return
    sleep 0.5
  done
  fail "the API server is not ready within 60 s; 'crictl logs' or /var/log/pods on this host says why"
}

join() {
  if [ ! -e "$state/done" ]; then
    touch "$state/started"
    say "kubeadm join"
    logged kubeadm join --config "$1"
    # kubelet closes its connections when its first certificate comes, and for seconds refuses every pod since it has not read
    # the Services again; started with the certificate it has, it reads them at once
    systemctl restart kubelet
    values proxy >"$state/proxy"
    touch "$state/done"
  else
    upgrade
    follow
  fi
  settle
  say "joined"
}

# The key under which the cluster's keys wait for this host goes into the file for this one call; argument lists are no place for it.
join_control_plane() {
  if [ ! -e "$state/done" ]; then
    check_port
    (umask 077 && awk -v file=/var/lib/dualstack/certificate-key '
      $1 == "certificateKey:" { getline key < file; sub(/:.*/, ": \"" key "\"") } { print }' "$config" >"$work/join.yaml")
  else
    cp /etc/dualstack/control-plane.yaml "$work/kubeadm.yaml"
    hold_virtual
    upgrade
    if changed control-plane; then logged kubeadm init phase control-plane all --config "$work/kubeadm.yaml"; fi
    if changed certificate; then renew_certificate; fi
  fi
  join "$work/join.yaml"
  await_api
  hold_virtual
}

# A control plane leaves etcd while its Node is there: kubeadm finds the member by it, and a member that is gone, but still
# counted, costs the others their majority. Its API ends with its member, so a virtual address goes to another one first.
leave_control_plane() {
  [ "$(values role)" = join-control-plane ] || return 0
  leave_virtual
  # a cluster that does not answer has no member to lose
  patiently admin get --raw /readyz || return 0
  kubeadm reset phase remove-etcd-member >"$work/leave" 2>&1 </dev/null || true
  cat "$work/leave" >>/var/log/dualstack/"$step".log
  if grep -E 'Unable to fetch|Failed to remove' "$work/leave" >&2; then
    fail "this control plane could not leave etcd (above), so it stays as it is: see 'etcdctl member list' on another control plane, then run again"
  fi
  patiently admin delete node "$(values node)" --ignore-not-found --wait=false ||
    say "the Node of this host could not be deleted: kubectl delete node $(values node)"
}

admin() { kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=5s "$@"; }

# For half a minute: an address may be on its way to another host.
patiently() {
  local end=$(($(now) + 3000))
  until "$@" >/dev/null 2>&1; do
    [ "$(now)" -lt "$end" ] || return 1
    sleep 1
  done
}

reset_kubernetes() {
  leave_virtual
  systemctl -q is-active containerd || systemctl restart containerd || true
  kubeadm reset --force >>/var/log/dualstack/"$step".log 2>&1 </dev/null || say "kubeadm reset was not clean; taking away what is left"
  stop_pods
  clean_network
  # containerd ends itself when the folder of CNI configurations goes: only what is in it
  rm -rf /etc/kubernetes /var/lib/kubelet /var/lib/etcd /var/lib/cni /run/flannel /etc/cni/net.d/*
  rm -f "$state/started" "$state/done" "$state/proxy" "$state/upgrading" "$state/cordoned"
}

# kubeadm leaves pods behind when the kubelet was gone before it.
stop_pods() {
  local id
  for id in $(ctr -n k8s.io tasks list -q 2>/dev/null || true); do ctr -n k8s.io tasks kill -s SIGKILL "$id" >/dev/null 2>&1 || true; done
  for id in $(ctr -n k8s.io containers list -q 2>/dev/null || true); do
    ctr -n k8s.io tasks delete -f "$id" >/dev/null 2>&1 || true
    ctr -n k8s.io containers delete "$id" >/dev/null 2>&1 || true
  done
}

# Interfaces, rules and routes of the CNI and of kube-proxy: kubeadm reset leaves them (its own text says so).
clean_network() {
  local link family table
  for link in $(ip -o link show | sed -nE 's/^[0-9]+: (flannel[^:@]*|cni0|kube-ipvs0|veth[0-9a-f]+)(@[^:]*)?:.*/\1/p'); do ip link delete "$link" 2>/dev/null || true; done
  ip netns list 2>/dev/null | awk '/^cni-/ { print $1 }' | while read -r link; do ip netns delete "$link" || true; done
  if command -v nft >/dev/null; then
    nft list tables 2>/dev/null | awk '$3 ~ /^(kube-proxy|flannel-)/ { print $2, $3 }' | while read -r family table; do nft delete table "$family" "$table" || true; done
  fi
  clean_iptables iptables ip
  clean_iptables ip6tables ip6
}

# Remembers which tables of the packet filter were there before.
note_tables() {
  [ -e "$state/tables" ] || nft list tables >"$state/tables" 2>/dev/null || true
}

# Takes out the rules and chains of Kubernetes, the CNI plugins and flannel; the host's own rules stay.
clean_iptables() {
  local table
  command -v "$1-save" >/dev/null || return 0
  "$1-save" 2>/dev/null >"$work/rules" || return 0
  if grep -qE '(KUBE|CNI|FLANNEL)-' "$work/rules"; then
    grep -vE '(KUBE|CNI|FLANNEL)-' "$work/rules" | "$1-restore" || say "cannot clean the rules of $1"
  fi
  # tables that kube-proxy or the CNI made by their mere use, when nothing is in them
  for table in raw mangle nat filter; do
    grep -qx "table $2 $table" "$state/tables" && continue
    "$1-save" -t "$table" 2>/dev/null | grep -qE '^-A|^:[^ ]+ -' || nft delete table "$2" "$table" 2>/dev/null || true
  done
}

apply() {
  refuse_new_identity
  look_before
  note_tables
  put_planned
  case $(values role) in
    init) init ;;
    join) join "$config" ;;
    join-control-plane) join_control_plane ;;
    *) fail "unknown role '$(values role)'" ;;
  esac
  drop_spared
}

remove() {
  [ ! -e "$state/done" ] || leave_control_plane
  [ ! -e "$state/started" ] || reset_kubernetes
  forget_step
  rmdir /etc/dualstack 2>/dev/null || true
  say "out of the cluster"
}
