# Part of step kubernetes: what a changed spec does to a host that has joined. Each part reads only what its own file holds.

# Was this very file changed? A file that went is no reason to restart what did not read it (common.sh: due).
changed() { grep -qxF -- "$1" "$state/pending" 2>/dev/null; }

cluster() { kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system "$@"; }

# What may change on a living control plane, by kubeadm's own phases; each for its own file only.
reconfigure() {
  await_api
  if changed kubeadm; then
    say "applying the changed kubeadm configuration"
    logged kubeadm init phase upload-config kubeadm --config "$work/kubeadm.yaml"
    logged kubeadm init phase control-plane all --config "$work/kubeadm.yaml"
    await_api
  fi
  if changed certificate; then renew_certificate; fi
  if changed kubelet; then logged kubeadm init phase upload-config kubelet --config "$work/kubeadm.yaml"; fi
  reconfigure_proxy
}

reconfigure_proxy() {
  local wanted
  wanted=$(values proxy)
  if [ "$wanted" = none ]; then
    [ "$(cat "$state/proxy" 2>/dev/null)" = none ] || logged cluster delete --ignore-not-found daemonset/kube-proxy configmap/kube-proxy
  elif changed kube-proxy; then
    say "giving kube-proxy its changed configuration"
    logged kubeadm init phase addon kube-proxy --config "$work/kubeadm.yaml"
    logged cluster rollout restart daemonset kube-proxy
  fi
}

# The API server reads its certificate again when the file is replaced, so nothing restarts; the CA and all that it signed stay.
renew_certificate() {
  local pki=/etc/kubernetes/pki name
  say "renewing the certificate of the API for its changed names"
  mkdir -m 0700 "$work/pki"
  cp -a "$pki/ca.crt" "$pki/ca.key" "$work/pki"
  sed "/^kind: ClusterConfiguration\$/a certificatesDir: $work/pki" "$work/kubeadm.yaml" >"$work/renew.yaml"
  logged kubeadm init phase certs apiserver --config "$work/renew.yaml"
  for name in apiserver.key apiserver.crt; do
    install -m "$(stat -c %a "$pki/$name")" "$work/pki/$name" "$pki/$name.dualstack"
  done
  mv -fT "$pki/apiserver.key.dualstack" "$pki/apiserver.key"
  mv -fT "$pki/apiserver.crt.dualstack" "$pki/apiserver.crt"
}

# What a joined host takes over from the cluster: kubelet's configuration and the mode of kube-proxy.
follow() {
  if changed kubelet; then
    say "giving kubelet its changed configuration"
    logged kubeadm upgrade node phase kubelet-config
    systemctl restart kubelet
  fi
  follow_proxy
}

# The planned files; a resolv.conf that goes stays until kubelet has the configuration that no longer names it: pods need it to start.
put_planned() {
  local file=/etc/dualstack/resolv.conf
  if [ ! -e "$file" ] || grep " $file\$" "$work/index" >/dev/null; then
    put_files
    return
  fi
  cp -a "$file" "$work/resolv.conf"
  put_files
  cp -a "$work/resolv.conf" "$file"
}

drop_spared() { [ ! -e "$work/resolv.conf" ] || rm -f /etc/dualstack/resolv.conf; }
