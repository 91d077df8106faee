# Part of steps system and kubernetes: the Kubernetes programs of a folder, and whether this host has those of the spec's release.

programs=/usr/local/bin

# Copies what differs, and remembers what is ours. Symbolic links stay links, so a multi-call program is copied once.
copy() {
  local source=$1 target=$2/${1##*/}
  if [ -L "$source" ]; then
    [ "$(readlink "$source")" = "$(readlink "$target" 2>/dev/null)" ] && return
  elif [ -f "$target" ] && [ "$(stat -c %s:%Y "$source")" = "$(stat -c %s:%Y "$target")" ]; then
    return 0
  fi
  listed "$state/programs" "$target" || printf '%s\n' "$target" >>"$state/programs"
  { cp -a --no-preserve=ownership "$source" "$target.dualstack" && mv -fT "$target.dualstack" "$target"; } || {
    rm -f "$target.dualstack"
    fail "cannot copy $source to $target; free space: $(df -hP "$(dirname "$target")" | tail -n 1)"
  }
  printf '%s\n' runtime >>"$state/pending"
}

# The programs of Kubernetes in a folder, and the multi-call program that they may be links to.
kubernetes_programs() {
  local name
  for name in kubeadm kubelet kubectl; do
    printf '%s\n' "$1/bin/$name"
    [ ! -L "$1/bin/$name" ] || printf '%s\n' "$1/bin/$(basename "$(readlink "$1/bin/$name")")"
  done | sort -u
}

kubelet_release() { kubelet --version 2>/dev/null | sed 's/^Kubernetes v//' || true; }

# The release of the API server on this host; nothing where there is none.
plane_release() { sed -nE 's/^ +image: .*kube-apiserver:v//p' /etc/kubernetes/manifests/kube-apiserver.yaml 2>/dev/null | head -n 1 || true; }

# Has this host joined with another release than $1? Then its kubelet and, on a control plane, its static pods follow when it is the node's turn.
lags() {
  local kubelet plane
  [ -e "$base/kubernetes/done" ] || return 1
  kubelet=$(kubelet_release)
  plane=$(plane_release)
  [ "${kubelet:-$1}" != "$1" ] || [ "${plane:-$1}" != "$1" ]
}
