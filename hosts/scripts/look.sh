# Looks at a host and changes nothing. The questions come on standard input behind this script, one a line; each answer is the
# question and, indented by two blanks, what is there. An answer that cannot be given is empty: whoever asked judges that.
set -uo pipefail
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec 2>/dev/null

now() { date +%s.%N; }

# Mode, owner and size, then the content.
look_file() {
  if [ -L "$1" ] || { [ -e "$1" ] && [ ! -f "$1" ]; }; then
    stat -c %F "$1"
  elif [ -e "$1" ]; then
    stat -c '%a %u:%g %s' "$1" && head -c 1048576 "$1"
  fi
}

# /proc/sys path of a key: its dots are slashes, unless a slash comes first (sysctl.d(5)).
sysctl_path() {
  local separators=${1//[^.\/]/} swapped=${1//./$'\1'}
  swapped=${swapped//\//.}
  case $separators in /*) path=$1 ;; *) path=${swapped//$'\1'//} ;; esac
}

declare -A boot=()

# What systemd-sysctl sets when the host starts: files by name, those of /etc before others of the same name (sysctl.d(5)).
read_boot() {
  local name folder key value path
  while IFS= read -r name; do
    for folder in /etc /run /usr/local/lib /usr/lib; do
      [ -e "$folder/sysctl.d/$name" ] || continue
      while IFS='=' read -r key value || [ -n "$key" ]; do
        read -r key <<<"$key"
        read -r value <<<"$value"
        case $key in '#'* | ';'* | '') continue ;; esac
        sysctl_path "${key#-}"
        boot[$path]="$value $folder/sysctl.d/$name"
      done <"$folder/sysctl.d/$name"
      break
    done
  done < <(ls /etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d | grep '\.conf$' | sort -u)
  boot[.]=read
}

# The value now, then the value and the file of the next start.
look_sysctl() {
  local path
  [ -n "${boot[.]:-}" ] || read_boot
  sysctl_path "$1"
  tr -s '\t' ' ' <"/proc/sys/$path" || echo
  printf '%s\n' "${boot[$path]:-}"
}

look_module() {
  if [ -d "/sys/module/${1//-/_}" ]; then
    echo loaded
  elif grep -q "/${1//[-_]/[-_]}\.ko" "/lib/modules/$(uname -r)/modules.builtin"; then
    echo builtin
  elif modprobe -n -q "$1"; then
    echo loadable
  fi
}

look_addresses() { ip -o address show; }
look_routes() { ip -o "-$1" route show; }
look_service() { printf '%s %s\n' "$(systemctl is-enabled "$1" || true)" "$(systemctl is-active "$1" || true)"; }
look_version() {
  case $1 in
    kubeadm) timeout 20 kubeadm version -o short ;;
    *) timeout 20 "$1" --version ;;
  esac | head -n 1
}

# What dualstack itself has noted of a step.
look_step() {
  local state=/var/lib/dualstack/$1
  [ -d "$state" ] && echo made
  [ -e "$state/done" ] && echo "done"
  [ -s "$state/pending" ] && echo pending
  [ -e "$state/files" ] && sed 's/^/file /' "$state/files"
}

# One fact a line: what the machine and its system are.
look_system() {
  local cluster=none
  # shellcheck disable=SC1091
  (. /etc/os-release && printf 'os %s %s\n' "$ID" "${VERSION_ID:-}")
  printf 'kernel %s\n' "$(uname -r)"
  printf 'hostname %s\n' "$(hostname)"
  printf 'machine-id %s\n' "$(cat /etc/machine-id)"
  printf 'product-uuid %s\n' "$(cat /sys/class/dmi/id/product_uuid)"
  printf 'init %s\n' "$([ -d /run/systemd/system ] && echo systemd || echo other)"
  printf 'cgroup %s\n' "$([ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] && echo v2 || echo v1)"
  printf 'cpus %s\n' "$(getconf _NPROCESSORS_ONLN)"
  awk '$1 == "MemTotal:" { print "memory", $2 } $1 == "SwapTotal:" { print "swap", $2 }' /proc/meminfo
  df -Pk /var/lib | awk 'NR == 2 { print "disk", $4, $2 }'
  printf 'packages %s\n' "$(command -v apt-get dnf | head -n 1)"
  printf 'ping %s\n' "$(command -v ping)"
  printf 'ipv6 %s\n' "$([ -e /proc/net/if_inet6 ] && echo yes)"
  printf 'cloud-init %s\n' "$(command -v cloud-init >/dev/null && timeout 10 cloud-init status | awk '$1 == "status:" { print $2 }')"
  if [ -e /var/lib/dualstack/kubernetes/started ] || [ -e /var/lib/dualstack/kubernetes/done ]; then
    cluster=ours
  elif [ -e /etc/kubernetes/kubelet.conf ] || [ -e /etc/kubernetes/manifests/kube-apiserver.yaml ] || [ -e /var/lib/etcd/member ]; then
    cluster=foreign
  fi
  printf 'cluster %s\n' "$cluster"
  grep -hE '^nameserver ' /etc/resolv.conf
}

# Interfaces that carry addresses: name, largest packet, hardware address.
look_links() {
  local link
  for link in /sys/class/net/*; do
    printf '%s %s %s\n' "${link##*/}" "$(cat "$link/mtu")" "$(cat "$link/address")"
  done
}

look_ports() { ss -H -l -n -t -p | awk '{ print $4, $6 }'; }
look_hostkeys() { awk '{ print $1, $2 }' /etc/ssh/ssh_host_*_key.pub; }
look_names() { getent ahosts "$1" | awk '{ print $1 }' | sort -u; }

# Which runtimes are there, and whether this tool put them there.
look_runtimes() {
  local program
  for program in containerd dockerd crio; do
    command -v "$program" >/dev/null && printf '%s %s\n' "$program" "$([ -d /var/lib/dualstack/system ] && echo ours || echo foreign)"
  done
}

# Who configures which interface, in the words of each network service.
look_managers() {
  local service
  for service in systemd-networkd NetworkManager networking network; do
    systemctl -q is-active "$service" && printf 'active %s\n' "$service"
  done
  ls /etc/netplan/*.yaml | sed 's/^/netplan /'
  systemctl -q is-active systemd-networkd && networkctl list --no-legend --no-pager | awk '{ print "networkd", $2, $5 }'
  systemctl -q is-active NetworkManager && nmcli -t -f DEVICE,STATE device | awk -F: '{ print "NetworkManager", $1, $2 }' &&
    nmcli -t -f DEVICE,FILENAME connection show --active | awk -F: '$2 ~ "/network-scripts/ifcfg-" { print "ifcfg", $1 }'
  # its hook makes ifupdown's bonds; NetworkManager's dispatcher calls it as well
  [ -x /etc/network/if-post-down.d/ifenslave ] &&
    printf 'ifenslave %s\n' "$([ -x /etc/NetworkManager/dispatcher.d/01-ifupdown ] && echo dispatched)"
  cat /etc/network/interfaces /etc/network/interfaces.d/* | awk '$1 == "iface" { print "ifupdown", $2, $4 }' | sort -u
}

# What filters packets that come in.
look_firewall() {
  if systemctl -q is-active firewalld; then
    printf 'firewalld %s\n' "$(timeout 10 firewall-cmd --get-default-zone)"
  fi
  timeout 10 ufw status | grep -q '^Status: active' && echo ufw
  nft list ruleset | awk '
    $1 == "table" { table = $2 " " $3 }
    $1 == "chain" { chain = $2 }
    /hook input/ && /policy drop/ { print "nft", table, chain }
    /hook input/ && /policy accept/ { open[table " " chain] = 1 }
  '
}

# Two packets of a size; asked again with more patience, since a busy host is no filter.
pings() {
  ping -n -q -c 2 -i 0.2 -W 1 "$@" >/dev/null || ping -n -q -c 3 -i 0.5 -W 3 "$@" >/dev/null
}

# Nothing need listen on a port: a refused connection came through.
knock() {
  local address=$1 port=$2 said seconds
  for seconds in 2 4 6; do
    if said=$(timeout "$seconds" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$address" "$port" 2>&1); then echo "$port open" && return; fi
    case $said in *refused*) echo "$port refused" && return ;; esac
  done
  echo "$port filtered"
}

# One peer: does it answer at the full size of the link's packets, does it answer at all, and which of its ports can be reached.
look_peer() {
  local family=$1 address=$2 ports=$3 device mtu header=28 answer=none port
  [ "$family" = 4 ] || header=48
  device=$(ip -o "-$family" route get "$address" | sed -nE 's/.* dev ([^ ]+).*/\1/p' | head -n 1)
  mtu=$(cat "/sys/class/net/$device/mtu")
  if [ -z "$mtu" ]; then
    answer=noroute
  elif pings "-$family" -M do -s "$((mtu - header))" "$address"; then
    answer=full
  elif pings "-$family" "$address"; then
    answer=small
  fi
  printf '%s %s\n' "$answer" "${mtu:-0}"
  for port in ${ports//,/ }; do knock "$address" "$port"; done
}

# All peers at the same time. awk writes a whole answer in one go, so they do not mix; bash would write line by line.
ask_peers() {
  local peer
  for peer in "${peers[@]}"; do
    # shellcheck disable=SC2086
    look_peer $peer </dev/null | awk -v peer="$peer" 'BEGIN { print "peer " peer } { print "  " $0 }' &
  done
  wait
}

main() {
  local kind rest
  peers=()
  printf 'start %s\n' "$(now)"
  while read -r kind rest; do
    case $kind in
      peer) peers+=("$rest") ;;
      file | sysctl | module | addresses | routes | service | version | step | system | links | ports | hostkeys | names | runtimes | managers | firewall)
        printf '%s\n' "$kind${rest:+ $rest}"
        "look_$kind" "$rest" </dev/null | awk '{ print "  " $0 }'
        ;;
      ask) break ;;
    esac
  done
  ask_peers
  printf 'end %s\n' "$(now)"
}
