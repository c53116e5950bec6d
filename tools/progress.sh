# Progress of long commands, for tools/setup.sh. On a terminal the running
# command has one line that is drawn over; elsewhere a line when it begins, which
# names its log, one when it ends, and each $beat_seconds between them one that
# says how far it is.
#
# Each command's whole output goes to $logs/<label>.log; when it fails, its end
# is shown and the script ends.
# Tests: progress.test.ts.

if [[ -t 1 ]]; then on_terminal=yes; else on_terminal=; fi
beat_seconds=${CARAVEL_BEAT_SECONDS:-30}

# Ctrl-C ends what runs too, which has much to say about that: one line instead.
trap 'erase; echo "caravel: interrupted; the next start goes on from there" >&2; exit 130' INT

# begin LABEL LOG: also starts the beat.
begin() {
  beat_label=$1 beat_started=$SECONDS beat_last=$SECONDS
  if [[ ! $on_terminal ]]; then echo "$1 … (log: $2)"; fi
}

# beat TEXT: how far it is, when it is time to say so.
beat() {
  if [[ $on_terminal ]] || ((SECONDS - beat_last < beat_seconds)); then return; fi
  beat_last=$SECONDS
  echo "$beat_label: $1after $((SECONDS - beat_started)) s"
}

# read_line NAME: the next line of standard input into that variable, or after
# $beat_seconds an empty one; fails at the end. A line that comes in pieces is put
# together.
read_line() {
  local -n into=$1
  local status=0
  IFS= read -r -t "$beat_seconds" into || status=$?
  if ((status > 128)); then
    pieces+=$into
    into=
    return 0
  fi
  into=$pieces$into
  pieces=''
  ((status == 0)) || [[ $into ]]
}

log_of() {
  local name=${1//[^A-Za-z0-9 ]/}
  name=${name// /-}
  echo "$logs/${name,,}.log"
}

# draw LABEL PERCENT TEXT
draw() {
  local width=24 filled=$(($2 * 24 / 100)) bar
  printf -v bar '%*s' "$filled" ''
  printf -v bar '%-*s' "$width" "${bar// /#}"
  printf '\r\e[K%s [%s] %3d %% %.40s' "$1" "$bar" "$2" "$3"
}

erase() {
  if [[ $on_terminal ]]; then printf '\r\e[K'; fi
}

# ended LABEL STATUS LOG SECONDS
ended() {
  erase
  if (($2 == 0)); then
    echo "$1: done in $4 s"
  else
    echo "$1 failed; the end of $3:" >&2
    tail -n 40 "$3" >&2
    exit "$2"
  fi
}

# step LABEL COMMAND …: a command that does not tell how far it is.
step() {
  local label=$1 log started=$SECONDS status=0 text pieces=''
  log=$(log_of "$1")
  shift
  if [[ $on_terminal ]]; then printf '%s …' "$label"; fi
  begin "$label" "$log"
  "$@" 2>&1 | tee "$log" |
    while read_line text; do beat "runs "; done || status=$?
  ended "$label" "$status" "$log" $((SECONDS - started))
}

# apt_get LABEL COMMAND …: an apt-get, which tells how far it is between its other
# lines: "dlstatus:item:percent:text" (fetching), "pmstatus:package:percent:text".
apt_get() {
  local label=$1 log started=$SECONDS status=0 line kind percent='' text pieces=''
  log=$(log_of "$1")
  shift
  begin "$label" "$log"
  "$@" -o APT::Status-Fd=1 2>&1 | tee "$log" |
    while read_line line; do
      if [[ $line =~ ^(dl|pm)status: ]]; then
        IFS=: read -r kind _ percent text <<<"$line"
        percent=${percent%%.*}
        if [[ $kind == dlstatus ]]; then kind=fetched; else kind=installed; fi
        if [[ $on_terminal ]]; then draw "$label" "$percent" "$text"; fi
      fi
      beat "${percent:+$percent % $kind }"
    done || status=$?
  ended "$label" "$status" "$log" $((SECONDS - started))
}

# ninja_build LABEL FOLDER TARGET …: a failing compiler is shown as it speaks.
ninja_build() {
  local label=$1 folder=$2 log started=$SECONDS status=0 far='' text pieces=''
  log=$(log_of "$1")
  shift 2
  begin "$label" "$log"
  NINJA_STATUS='%p %f/%t ' ninja -C "$folder" "$@" 2>&1 | tee "$log" |
    while read_line text; do
      if [[ $text =~ ^\ *([0-9]+)%\ ([0-9]+/[0-9]+) ]]; then
        far="${BASH_REMATCH[1]} % (${BASH_REMATCH[2]}) "
        if [[ $on_terminal ]]; then
          draw "$label" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]} ${text##*/}"
        fi
      elif [[ $text && $text != ninja:\ Entering* ]]; then
        erase
        echo "$text"
      fi
      beat "$far"
    done || status=$?
  ended "$label" "$status" "$log" $((SECONDS - started))
}
