# Step system: container runtime, Kubernetes programs and images, from a folder on the host or from the official packages.

cni=/opt/cni/bin

# On a host that has joined with another release, the programs of Kubernetes wait for the node's turn; $2 says so.
install_folder() {
  local from=$1 later=$2 program
  mkdir -p "$programs" "$cni"
  : >"$work/later"
  [ -z "$later" ] || kubernetes_programs "$from" >"$work/later"
  for program in "$from"/bin/* "$from"/cni/*; do
    ! grep -qxF -- "$program" "$work/later" || continue
    case $program in "$from"/bin/*) copy "$program" "$programs" ;; *) copy "$program" "$cni" ;; esac
  done
}

# Imports each archive once for each of its versions.
import_images() {
  local from=$1 kind archive mark
  while read -r kind; do
    for archive in "$from/images/$kind"/*.tar; do
      [ -e "$archive" ] || continue
      mark="$kind/$(basename "$archive") $(stat -c %s:%Y "$archive")"
      grep -qxF -- "$mark" "$state/images" 2>/dev/null && continue
      say "importing $kind/$(basename "$archive")"
      logged ctr -n k8s.io images import "$archive"
      printf '%s\n' "$mark" >>"$state/images"
    done
  done < <(values images)
}

# The official repositories: pkgs.k8s.io for Kubernetes, one for each minor release, Docker's for a current containerd. Versions are held.
install_packages() {
  local version=$1 later=$2 minor brought
  minor=${version%.*}
  brought=(kubeadm)
  [ -n "$later" ] || brought=(kubelet kubeadm kubectl)
  # shellcheck disable=SC1091
  . /etc/os-release
  if command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    logged apt-get -o DPkg::Lock::Timeout=600 -q -y install --no-install-recommends ca-certificates curl
    source_apt kubernetes "https://pkgs.k8s.io/core:/stable:/v$minor/deb/" "Release.key" /
    source_apt docker "https://download.docker.com/linux/$ID" "gpg" "$VERSION_CODENAME" stable
    logged apt-get -o DPkg::Lock::Timeout=600 -q update
    note_packages dpkg -s
    logged apt-get -o DPkg::Lock::Timeout=600 -q -y --allow-change-held-packages install "${brought[@]/%/=$version-*}" containerd.io conntrack $(values package)
    logged apt-mark hold kubelet kubeadm kubectl containerd.io
  elif command -v dnf >/dev/null; then
    source_dnf kubernetes "https://pkgs.k8s.io/core:/stable:/v$minor/rpm/" "https://pkgs.k8s.io/core:/stable:/v$minor/rpm/repodata/repomd.xml.key"
    source_dnf docker "https://download.docker.com/linux/centos/${VERSION_ID%%.*}/\$basearch/stable" https://download.docker.com/linux/centos/gpg
    note_packages rpm -q
    logged dnf -y install --disableexcludes=dualstack-kubernetes "${brought[@]/%/-$version}" containerd.io conntrack-tools $(values package)
  else
    fail "this host has neither apt-get nor dnf: stage the programs in a folder and set 'kubernetes.install: {folder: ...}'"
  fi
}

# Only a package that was not there before is removed with the step.
note_packages() {
  local package
  for package in kubelet kubeadm kubectl containerd.io $(values package); do
    "$@" "$package" >/dev/null 2>&1 || printf '%s\n' "$package" >>"$state/packages"
  done
}

source_apt() {
  local name=$1 url=$2 key=$3 keyring=/etc/apt/keyrings/dualstack-$1.asc
  shift 3
  mkdir -p /etc/apt/keyrings
  curl -fsSL --retry 3 --max-time 60 "$url/$key" -o "$work/key" || fail "cannot fetch $url/$key: does this host reach the internet? Else set 'kubernetes.install: {folder: ...}'"
  put_made "$work/key" "$keyring"
  printf 'deb [signed-by=%s] %s %s\n' "$keyring" "$url" "$*" >"$work/source"
  put_made "$work/source" "/etc/apt/sources.list.d/dualstack-$name.list"
}

source_dnf() {
  local name=$1 url=$2 key=$3 exclude=''
  [ "$name" != kubernetes ] || exclude='exclude=kubelet kubeadm kubectl cri-tools kubernetes-cni'
  printf '[dualstack-%s]\nname=%s\nbaseurl=%s\nenabled=1\ngpgcheck=1\ngpgkey=%s\n%s\n' "$name" "$name" "$url" "$key" "$exclude" >"$work/source"
  put_made "$work/source" "/etc/yum.repos.d/dualstack-$name.repo"
}

# A file that is made on the host, not planned: removed with the step.
put_made() {
  grep -qxF -- "$2" "$state/programs" 2>/dev/null || printf '%s\n' "$2" >>"$state/programs"
  install -o 0 -g 0 -m 0644 "$1" "$2"
}

check_version() {
  local wanted=$1 found
  found=$(kubeadm version -o short) || fail "kubeadm does not run on this host"
  [ "$found" = "v$wanted" ] || fail "the spec wants Kubernetes v$wanted, but kubeadm on this host is $found: put the programs of v$wanted into the staged folder"
}

start_runtime() {
  # what was enabled counts from the next start of the host; systemd reads its files again where it has to, below
  systemctl -q --no-reload enable containerd kubelet
  if due runtime || ! systemctl -q is-active containerd; then
    systemctl daemon-reload
    systemctl restart containerd || fail "containerd does not start; 'journalctl -u containerd' on this host says why"
  fi
  for _ in $(seq 1 60); do
    ctr version >/dev/null 2>&1 && return
    sleep 0.5
  done
  fail "containerd does not answer within 30 s; 'journalctl -u containerd' on this host says why"
}

# A host that joins makes its own bootstrap token (k8s.io/docs: [a-z0-9]{6}.[a-z0-9]{16}); it is worth nothing but for the minutes in which the cluster takes it.
make_join_token() {
  local token=/var/lib/dualstack/join-token
  # 23 characters and no line break: kubeadm sends the file as it is
  if [ "$(stat -c %s "$token" 2>/dev/null)" != 23 ]; then
    (umask 077 && od -An -N 11 -tx1 /dev/urandom | tr -d ' \n' | sed -E 's/^(.{6})/\1./' >"$token")
  fi
  cat "$token"
}

# A control plane that joins also makes the key under which the first one lays out the cluster's keys for it (kubeadm: 32 bytes).
make_certificate_key() {
  local key=/var/lib/dualstack/certificate-key
  if [ "$(stat -c %s "$key" 2>/dev/null)" != 64 ]; then
    (umask 077 && od -An -v -N 32 -tx1 /dev/urandom | tr -d ' \n' >"$key")
  fi
  printf ' '
  cat "$key"
}

# Folders that were not there before go with the step.
note_folders() {
  local folder
  [ ! -e "$state/folders" ] || return 0
  for folder in /var/lib/containerd /opt/containerd /etc/cni /opt/cni /etc/containerd; do
    [ -e "$folder" ] || printf '%s\n' "$folder"
  done >"$state/folders"
}

# Releases go up, by one minor release at a time (kubernetes.io/releases/version-skew-policy).
refuse_release() {
  local wanted=$1 running
  running=$(plane_release)
  [ -n "$running" ] || return 0
  [ "$(printf '%s\n' "$running" "$wanted" | sort -V | tail -n 1)" = "$wanted" ] ||
    fail "this control plane runs v$running, and Kubernetes does not go back: set 'kubernetes.version' to $running or a later one"
  [ "$(minor_of "$wanted")" -le $(($(minor_of "$running") + 1)) ] ||
    fail "this control plane runs v$running, and kubeadm upgrades by one minor release at a time: go to 1.$(($(minor_of "$running") + 1)) first"
}

minor_of() { printf '%s\n' "$1" | cut -d . -f 2; }

apply() {
  local from version later=''
  version=$(values version)
  from=$(values folder)
  refuse_release "$version"
  [ -z "$from" ] || [ -d "$from/bin" ] ||
    fail "the spec says that the programs are in $from on this host, but $from/bin is not there: copy the folder to the host or set 'kubernetes.install: packages'"
  if lags "$version"; then
    later=yes
    [ -z "$from" ] || PATH=$from/bin:$PATH
  fi
  note_folders
  put_files
  if [ -n "$from" ]; then install_folder "$from" "$later"; elif due runtime || ! kubeadm version -o short 2>/dev/null | grep -qxF "v$version"; then install_packages "$version" "$later"; fi
  check_version "$version"
  # what the runtime is told to use from now on, such as another pause image, is there when it starts again
  [ -z "$from" ] || ! systemctl -q is-active containerd || import_images "$from"
  start_runtime
  # before kubeadm has given it a configuration it could not run
  [ ! -e /var/lib/kubelet/config.yaml ] || systemctl -q is-active kubelet || systemctl start kubelet
  [ -z "$from" ] || import_images "$from"
  settle
  say "container runtime and Kubernetes $version ready"
  case $(values joins) in
    worker) make_join_token ;;
    control-plane) make_join_token && make_certificate_key ;;
  esac
}

remove_packages() {
  local packages
  mapfile -t packages <"$state/packages"
  if command -v apt-get >/dev/null; then
    apt-mark unhold "${packages[@]}" >/dev/null
    logged apt-get -q -y --allow-change-held-packages purge "${packages[@]}"
  else
    logged dnf -y remove "${packages[@]}"
  fi
}

remove() {
  local path
  if [ -e "$state/folders" ]; then
    systemctl -q disable --now kubelet containerd 2>/dev/null || true
    [ ! -e "$state/packages" ] || remove_packages
    # mounts of pods that outlived the reset would keep the folders busy
    umount -R /run/containerd/io.containerd.runtime.v2.task/k8s.io/*/rootfs /run/containerd/io.containerd.grpc.v1.cri/sandboxes/*/shm 2>/dev/null || true
    [ ! -e "$state/programs" ] || while read -r path; do rm -f "$path"; done <"$state/programs"
    while read -r path; do rm -rf "$path"; done <"$state/folders"
  fi
  rm -f /var/lib/dualstack/join-token /var/lib/dualstack/certificate-key
  forget_step
  systemctl daemon-reload
  say "container runtime and Kubernetes programs removed"
}
