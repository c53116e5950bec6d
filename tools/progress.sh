# Progress of long commands, for tools/setup.sh. On a terminal the running
# command has one line that is drawn over; elsewhere a line when it begins and
# one when it ends, and builds say how far they are a few times.
#
# Each command's whole output goes to $logs/<label>.log; when it fails, its end
# is shown and the script ends.

if [[ -t 1 ]]; then on_terminal=yes; else on_terminal=; fi

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
  local label=$1 log started=$SECONDS status=0
  log=$(log_of "$1")
  shift
  if [[ $on_terminal ]]; then printf '%s …' "$label"; else echo "$label …"; fi
  "$@" >"$log" 2>&1 || status=$?
  ended "$label" "$status" "$log" $((SECONDS - started))
}

# apt_get LABEL COMMAND …: an apt-get, which tells how far it is between its other
# lines: "dlstatus:item:percent:text" (fetching), "pmstatus:package:percent:text".
apt_get() {
  local label=$1 log started=$SECONDS status=0 kind percent text
  log=$(log_of "$1")
  shift
  if [[ ! $on_terminal ]]; then echo "$label …"; fi
  "$@" -o APT::Status-Fd=1 2>&1 | tee "$log" |
    while IFS=: read -r kind _ percent text; do
      if [[ $on_terminal && $kind =~ ^(dl|pm)status$ ]]; then
        draw "$label" "${percent%%.*}" "$text"
      fi
    done || status=$?
  ended "$label" "$status" "$log" $((SECONDS - started))
}

# ninja_build LABEL FOLDER TARGET …: a failing compiler is shown as it speaks.
ninja_build() {
  local label=$1 folder=$2 log started=$SECONDS status=0 percent text next=25
  log=$(log_of "$1")
  shift 2
  if [[ ! $on_terminal ]]; then echo "$label …"; fi
  NINJA_STATUS='%p %f/%t ' ninja -C "$folder" "$@" 2>&1 | tee "$log" |
    while IFS= read -r text; do
      if [[ $text =~ ^\ *([0-9]+)%\ ([0-9]+/[0-9]+) ]]; then
        percent=${BASH_REMATCH[1]}
        if [[ $on_terminal ]]; then
          draw "$label" "$percent" "${BASH_REMATCH[2]} ${text##*/}"
        elif ((percent >= next)); then
          echo "$label: $percent % (${BASH_REMATCH[2]})"
          next=$((percent + 25))
        fi
      elif [[ $text != ninja:\ Entering* ]]; then
        erase
        echo "$text"
      fi
    done || status=$?
  ended "$label" "$status" "$log" $((SECONDS - started))
}
