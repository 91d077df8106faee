# Part of step kubernetes: another release on a host that has joined, in the order of kubernetes.io "Upgrading kubeadm clusters":
# kubeadm (step system), the control plane or the node by kubeadm, then drained: kubelet and kubectl. Each part can be cut off and
# run again; `upgrading` is there from the first to the last.

# A node may see and evict its own pods, and cordon itself (k/k plugin/pkg/admission/noderestriction).
node_api() { kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout=10s "$@"; }

no_api() { fail "$1; 'crictl ps -a' on the control planes shows their static pods"; }

upgrade() {
  local wanted from
  wanted=$(values version)
  [ -e "$state/upgrading" ] || lags "$wanted" || return 0
  say "upgrading this node from v$(kubelet_release) to v$wanted"
  touch "$state/upgrading"
  from=$(values folder)
  [ -z "$from" ] || [ "$(kubelet_release)" = "$wanted" ] || PATH=$from/bin:$PATH
  patiently node_api get node "$(values node)" || no_api "the API does not answer this node, which is about to be upgraded"
  upgrade_by_kubeadm "$wanted"
  drain
  install_kubelet "$wanted" "$from"
  systemctl daemon-reload
  systemctl restart kubelet
  await_release "$wanted"
  await_steady
  uncordon
  rm -f "$state/upgrading"
  say "this node runs v$wanted"
}

upgrade_by_kubeadm() {
  local ignored found
  ignored=$(values ignore | paste -sd,)
  if [ "$(values role)" = init ]; then
    await_api
    logged kubeadm upgrade apply "v$1" --yes --ignore-preflight-errors="$ignored"
    return
  fi
  patiently look_configuration || no_api "the API does not tell this node the cluster's configuration"
  found=$(sed -n 's/^kubernetesVersion: v//p' "$work/configuration")
  [ "$found" = "$1" ] || fail "the cluster is of v$found, and no node goes before its control planes: 'pulumi up' upgrades the first one first"
  logged kubeadm upgrade node --ignore-preflight-errors="$ignored"
}

look_configuration() {
  node_api -n kube-system get configmap kubeadm-config -o 'jsonpath={.data.ClusterConfiguration}' >"$work/configuration"
}

# What `kubectl drain --ignore-daemonsets --delete-emptydir-data` does, by the node's own rights, which are not enough for that one
# (it reads DaemonSets). A node that cannot be emptied is as it was before.
drain() {
  local alone end
  patiently look_pods || no_api "the API does not list the pods of this node"
  alone=$(awk -F'|' '$4 == "" && $3 == ""' "$work/left" | titles)
  [ -z "$alone" ] || fail "no controller makes these pods anew elsewhere, so this node is not drained: $alone. Delete them, or let a Deployment make them; then run again"
  if [ "$(cat "$work/unschedulable")" != true ]; then
    touch "$state/cordoned"
    patiently node_api cordon "$(values node)" || fail "this node could not be cordoned: kubectl cordon $(values node)"
  fi
  end=$(($(now) + 100 * $(values drain)))
  until empty; do
    [ "$(now)" -lt "$end" ] && sleep 1 && continue
    uncordon
    fail "this node was not empty after $(values drain) s, so its kubelet is as it was, and pods may come again. Left: $(titles <"$work/left"). $(sort -u "$work/held" | head -n 5 | paste -sd' ') Move these pods or change their PodDisruptionBudget (it may want as many as there are), then run again"
  done
}

titles() { awk -F'|' '{ printf "%s%s/%s", sep, $1, $2; sep = ", " }'; }

# Into left: namespace|name|deleted since|controllers of each pod that goes elsewhere: not those of a DaemonSet, which come back at
# once, the node's own, and finished ones. Into unschedulable: is the node cordoned?
look_pods() {
  node_api get node "$(values node)" -o 'jsonpath={.spec.unschedulable}' >"$work/unschedulable" &&
    node_api get pods --all-namespaces --field-selector "spec.nodeName=$(values node)" \
      -o 'jsonpath={range .items[*]}{.metadata.namespace}|{.metadata.name}|{.metadata.deletionTimestamp}|{.metadata.ownerReferences[*].kind}|{.status.phase}{"\n"}{end}' |
    awk -F'|' '$4 != "DaemonSet" && $4 != "Node" && $5 != "Succeeded" && $5 != "Failed"' >"$work/left"
}

# Evicts what is left, as PodDisruptionBudgets allow; true when nothing is.
empty() {
  local namespace name deleted rest
  look_pods || return 1
  [ -s "$work/left" ] || return 0
  : >"$work/held"
  while IFS='|' read -r namespace name deleted rest; do
    [ -z "$deleted" ] || continue
    printf '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"namespace":"%s","name":"%s"}}' "$namespace" "$name" |
      node_api create --raw "/api/v1/namespaces/$namespace/pods/$name/eviction" -f - >/dev/null 2>>"$work/held" || true
  done <"$work/left"
  return 1
}

# Only where this step cordoned: who did it by hand has reasons.
uncordon() {
  [ -e "$state/cordoned" ] || return 0
  patiently node_api uncordon "$(values node)" || fail "this node could not be uncordoned: kubectl uncordon $(values node), or run again"
  rm -f "$state/cordoned"
}

install_kubelet() {
  local wanted=$1 from=$2
  if [ -n "$from" ]; then
    (
      # they belong to step system, which takes them away one day
      state=$base/system
      kubernetes_programs "$from" | while read -r program; do copy "$program" "$programs"; done
      settle
    )
  elif command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    logged apt-get -o DPkg::Lock::Timeout=600 -q -y --allow-change-held-packages install "kubelet=$wanted-*" "kubectl=$wanted-*"
    logged apt-mark hold kubelet kubectl
  else
    logged dnf -y install --disableexcludes=dualstack-kubernetes "kubelet-$wanted" "kubectl-$wanted"
  fi
  [ "$(kubelet_release)" = "$wanted" ] || fail "kubelet on this host is v$(kubelet_release) after v$wanted was installed: is another one on the way ('type -a kubelet')?"
}

# Kubelet says by its Node what it is.
await_release() {
  local found
  for _ in $(seq 1 300); do
    found=$(node_api get node "$(values node)" -o 'jsonpath={.status.nodeInfo.kubeletVersion} {.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null) || true
    [ "$found" != "v$1 True" ] || return 0
    sleep 1
  done
  fail "this node is '${found:-not there}' and not 'v$1 True' (release, Ready) 5 minutes after kubelet started; it stays cordoned. 'journalctl -u kubelet' on this host says why"
}

# A kubelet of another minor release starts the static pods anew, a moment after its node is Ready: whatever comes next, on this host or
# another, would find no API. So this node's own, not the one at an address that control planes share, has to answer for 10 s on end.
await_steady() {
  local manifest=/etc/kubernetes/manifests/kube-apiserver.yaml endpoint since end
  [ -e "$manifest" ] || return 0
  endpoint=$(sed -n 's/^ *kubeadm.kubernetes.io\/kube-apiserver.advertise-address.endpoint: //p' "$manifest" | tr -d \'\")
  since=$(now) end=$(($(now) + 18000))
  until [ "$(now)" -ge $((since + 1000)) ]; do
    admin --server "https://$endpoint" get --raw /readyz >/dev/null 2>&1 || since=$(now)
    [ "$(now)" -lt "$end" ] || fail "the API server at $endpoint was not ready for 10 s on end in 3 minutes after kubelet started; this node stays cordoned. /var/log/pods on this host says why"
    sleep 1
  done
}
