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

main() {
  local kind rest
  printf 'start %s\n' "$(now)"
  while read -r kind rest; do
    case $kind in
      file | sysctl | module | addresses | routes | service | version | step)
        printf '%s\n' "$kind${rest:+ $rest}"
        "look_$kind" "$rest" </dev/null | awk '{ print "  " $0 }'
        ;;
      ask) break ;;
    esac
  done
  printf 'end %s\n' "$(now)"
}
