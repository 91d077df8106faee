# Common part of every step. The script and then its document arrive on standard input; bash reads no further than
# the last line of the script, so the document is data and never parsed by the shell.
# Standard output belongs to results; progress and errors go to standard error.
# What the shell can do itself it does: started programs are most of a step's time on its host.
set -euo pipefail
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 022

base=/var/lib/dualstack
lock=/run/lock/dualstack
# there while a changed network waits for its confirmation
window=$base/window
guard=/etc/systemd/system/dualstack-back.service
guard_link=/etc/systemd/system/sysinit.target.wants/dualstack-back.service
# why the step ended before its time
reason=
read -r host </proc/sys/kernel/hostname

say() { printf 'dualstack: %s: %s\n' "$host" "$*" >&2 || true; }
fail() {
  reason=$*
  say "error: $*"
  exit 1
}

# What happens at the end, however it comes; the network step does more.
leave() { [ -z "${heartbeat:-}" ] || kill "$heartbeat" 2>/dev/null || true; rm -rf "$work"; }

# Hundredths of a second since the start of the host: no clock that is set can turn it back.
now() {
  local uptime
  read -r uptime _ </proc/uptime
  printf '%s' "${uptime/./}"
}

# Takes the document, refuses one that a cut connection left incomplete, and lets only one run work on this host.
receive() {
  work=$(mktemp -d /run/dualstack.XXXXXX)
  trap leave EXIT
  trap '' HUP PIPE
  mkdir "$work/new"
  cat >"$work/document"
  : >"$work/index"
  awk -v dir="$work" '
    { last = $0 }
    substr($0, 1, 2) == "  " { print substr($0, 3) > out; next }
    $1 == "step" { print $2 > (dir "/step") }
    $1 == "file" { n++; out = dir "/new/" n; printf "" > out; print n, $3, $4, $2 > (dir "/index") }
    $1 == "set" { name = $2; sub(/^set [^ ]+ ?/, ""); print > (dir "/set." name) }
    END { exit last != "end" }
  ' "$work/document" || fail "the connection was cut while the step was sent; nothing was changed, run it again"
  read -r step <"$work/step"
  state=$base/$step
  [ -d "$state" ] || mkdir -p "$state" 2>/dev/null || fail "cannot write $state: is the disk full or read-only? $(df -hP /var/lib | tail -n 1)"
  hold
}

# The kernel gives the lock free when the last process of a run is gone; the file says whose it is, its time is the last sign of life.
hold() {
  exec 9>>"$lock"
  if ! flock -n 9; then
    say "another run works on this host ($(holder)): waiting for it"
    flock -w 1200 9 || fail "another run still holds this host after 20 minutes ($(holder)): look at it with 'ps', then run again"
  fi
  printf '%s, process %s, since %s, by %s\n' "$step" "$$" "$(date -u +%H:%M:%SZ)" "$(operator)" >"$lock" || true
  (while kill -0 "$$" 2>/dev/null; do
    touch "$lock"
    sleep 5
  done) >/dev/null 2>&1 </dev/null 9>&- &
  heartbeat=$!
}

release() {
  kill "$heartbeat" 2>/dev/null || true
  flock -u 9
}

holder() { printf '%s; last sign of life %s s ago' "$(tail -n 1 "$lock")" $(($(date +%s) - $(stat -c %Y "$lock"))); }

# Who runs this, and from which machine, as far as SSH says it.
operator() { printf '%s from %s' "${SUDO_USER:-$(id -un)}" "$(peer 1)"; }

# A part of the connection: 1 the address of the other end, 3 our own.
peer() {
  # shellcheck disable=SC2086
  set -- "$1" ${connection:-unknown unknown unknown}
  shift "$1"
  printf '%s' "${1:-}"
}

family_of() { case $1 in *:*) echo ipv6 ;; *.*) echo ipv4 ;; esac; }

# A connection that came after a change of the network proves its family. When every family is proven, the change stays: nobody
# goes back any more.
prove() {
  [ -d "$window" ] && [ -e "$window/changed" ] || return 0
  [ "$arrived" -le "$(<"$window/changed")" ] || family_of "$(peer 3)" >>"$window/proven"
  unproven | grep -q . || keep_change
}

# The families that no new connection has proven yet.
unproven() { grep -vxF -f "$window/proven" "$window/families" || true; }

keep_change() {
  cp "$window/document" "$base/network/confirmed"
  # whoever moves the folder first decides: this, or the way back
  mv -T "$window" "$base/settled" || fail "the time for confirmation is over, and the host goes back to its old network"
  systemctl stop "$(cat "$base/settled/timer").timer" 2>/dev/null || true
  rm -rf "$guard_link" "$guard" "$base/back" "$base/settled" "$base/went-back"
  say "the changed network is confirmed over $(tr '\n' ' ' <"$base/network/families")and stays"
}

# Steps after the network name the document of the network that they count on.
need_network() {
  local wanted
  wanted=$(values network)
  prove
  [ -z "$wanted" ] || listed "$base/network/confirmed" "$wanted" ||
    fail "this host has not the network that was planned$(why_back): run again"
}

# Why the host went back to its old network, if it did.
why_back() { [ ! -e "$base/went-back/reason" ] || printf '; it went back to the old one: %s (the old state and what was tried: %s)' "$(cat "$base/went-back/reason")" "$base/went-back"; }

# The values that the document sets under a name, one a line; none is no error.
values() { [ ! -e "$work/set.$1" ] || printf '%s\n' "$(<"$work/set.$1")"; }

# Has a file this very line? A file that is not there has none.
listed() {
  local line
  while IFS= read -r line; do [ "$line" != "$2" ] || return 0; done 2>/dev/null <"$1"
  return 1
}

# Remembers how a path was before dualstack first touched it.
keep() {
  local path=$1
  ! listed "$state/files" "$path" || return 0
  if [ -e "$path" ] || [ -L "$path" ]; then
    mkdir -p "$state/before${path%/*}"
    cp -a "$path" "$state/before$path"
  fi
  printf '%s\n' "$path" >>"$state/files"
}

# Puts a path back to how it was before dualstack.
give_back() {
  local path=$1
  if [ -e "$state/before$path" ] || [ -L "$state/before$path" ]; then
    cp -a "$state/before$path" "$path.dualstack" && mv -fT "$path.dualstack" "$path"
    rm -f "$state/before$path"
  else
    rm -f "$path"
  fi
  say "gave back $path"
}

# Is the file at a path this one already?
same() { [ -f "$3" ] && [ ! -L "$3" ] && cmp -s "$1" "$3" && [ "$(stat -c %a:%u:%g "$3")" = "${2#0}:0:0" ]; }

# Replaces one file atomically if it differs. The handler is noted before the file, so a run that dies in between does not lose it.
put() {
  local new=$1 mode=$2 handler=$3 path=$4
  if same "$new" "$mode" "$path"; then
    keep "$path"
    return 0
  fi
  { keep "$path" && { [ -d "${path%/*}" ] || mkdir -p "${path%/*}"; } && printf '%s\n' "$handler" >>"$state/pending" &&
    install -o 0 -g 0 -m "$mode" "$new" "$path.dualstack" && mv -fT "$path.dualstack" "$path"; } || {
    rm -f "$path.dualstack"
    fail "cannot write $path; the old file is untouched. Free space: $(df -hP "$(dirname "$path")" 2>/dev/null | tail -n 1)"
  }
  say "wrote $path"
}

# Brings the files of the document in place, and takes away those that an earlier document had and this one has not.
put_files() {
  local number mode handler path
  local -A planned=()
  while read -r number mode handler path; do
    planned[$path]=1
    put "$work/new/$number" "$mode" "$handler" "$path"
  done <"$work/index"
  touch "$state/files"
  while read -r path; do
    [ -z "${planned[$path]:-}" ] || continue
    printf '%s\n' removed >>"$state/pending"
    give_back "$path"
  done < <(cat "$state/files")
  while read -r number mode handler path; do printf '%s\n' "$path"; done <"$work/index" >"$state/files.new"
  mv -f "$state/files.new" "$state/files"
}

# Is work of this handler due? A handler stays due until settled.
due() { grep -qxE -- "$1|removed" "$state/pending" 2>/dev/null; }
settle() { rm -f "$state/pending"; }

# Runs a long command with its output in a log on the host, so that a cut connection cannot stop it; shows the end on failure.
logged() {
  local log=/var/log/dualstack/$step.log
  mkdir -p /var/log/dualstack
  printf '\n# %s %s\n' "$(date -u +%FT%TZ)" "$*" >>"$log"
  "$@" >>"$log" 2>&1 </dev/null && return
  local code=$?
  # without kubeadm's long list of kernel options
  tail -n 60 "$log" | grep -v '\[0m: ' | tail -n 25 >&2 || true
  fail "'$*' ended with code $code; the whole log is $log on this host"
}

# The way back: files as they were, then nothing of the step is left.
forget_step() {
  local path
  if [ -e "$state/files" ]; then
    while read -r path; do give_back "$path"; done <"$state/files"
  fi
  rm -rf "$state"
  rmdir /var/lib/dualstack 2>/dev/null || rm -rf /var/log/dualstack/"$step".log
}

# Every step defines apply and remove; the first argument chooses. The second one is SSH_CONNECTION, which sudo does not hand on.
main() {
  arrived=$(now)
  connection=${2:-${SSH_CONNECTION:-}}
  receive
  case ${1:-} in
    apply)
      [ "$step" = network ] || need_network
      apply
      ;;
    remove) remove ;;
    confirm) confirm ;;
    back) back ;;
    *) fail "unknown action '${1:-}'" ;;
  esac
}
