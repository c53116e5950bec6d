#!/usr/bin/env bash
# Installs and builds Caravel; ./caravel calls it.
#
#   setup.sh install [test|bench]   Debian packages of packages.txt (and of the
#                                   tests or benchmarks), npm packages by lockfile
#   setup.sh build                  install, then build $CARAVEL_PRESET
#
# What stands already is not touched. On a terminal the running step has a bar;
# elsewhere it says each half minute how far it is. Whole logs are in build/setup/.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/progress.sh

preset=${CARAVEL_PRESET:-dev}
logs=build/setup
mkdir -p "$logs"

fail() {
  printf 'caravel: %s\n' "$@" >&2
  exit 1
}

# One setup at a time in this tree; the second finds the work done.
exec 9>"$logs/lock"
if ! flock --nonblock 9; then
  echo "Another ./caravel installs or builds in this tree; waiting for it …"
  flock 9
fi

# Names in the given package lists that dpkg does not have. `nodejs` and `npm`
# count as present when the commands are, whoever packaged them.
missing_packages() {
  local name
  local -A present=()
  while read -r name; do present[$name]=1; done < <(
    dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' |
      sed -n 's/^installed //p')
  if command -v node >/dev/null; then present[nodejs]=1; fi
  if command -v npm >/dev/null; then present[npm]=1; fi
  sed 's/#.*//' "$@" | while read -r name; do
    if [[ -n $name && -z ${present[$name]-} ]]; then echo "$name"; fi
  done
}

install_debian() {
  local stamp=$1 as_root=() missing
  shift
  local list newer=
  for list in "$@"; do [[ $stamp -nt $list ]] || newer=yes; done
  if [[ -z $newer ]]; then return; fi
  command -v apt-get >/dev/null || fail \
    "this machine has no apt-get; Caravel builds on Debian 12." \
    "Install what $* name by other means, then: touch $stamp"
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]})); then
    echo "Going to install ${#missing[@]} Debian packages:"
    printf '%s ' "${missing[@]}" | fold -s -w 76 | sed 's/^/  /'
    echo
    if ((EUID != 0)); then
      command -v sudo >/dev/null || fail \
        "installing needs root, and this machine has no sudo. As root, run:" \
        "  apt-get install --no-install-recommends ${missing[*]}"
      as_root=(sudo)
    fi
    step "Package lists" "${as_root[@]}" apt-get update
    apt_get "Debian packages" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install --yes --no-install-recommends "${missing[@]}"
  fi
  touch "$stamp"
}

# npm leaves its own copy of the lockfile when it has installed all of it.
install_npm() {
  local folder=$1 what=$2
  if [[ $folder/node_modules/.package-lock.json -nt $folder/package-lock.json ]]; then return; fi
  echo "Going to install $what from $folder/package-lock.json with npm ci"
  step "$what" npm ci --prefix "$folder" --no-progress
}

configure_and_build() {
  local folder=build/$preset
  if [[ ! -e $folder/.ready ]]; then
    echo "The first build takes some minutes, once: 4 to 10 on two cores, as network and cores are."
  fi
  if [[ ! -e $folder/build.ninja ]]; then
    step "Configure ($preset)" cmake --preset "$preset"
  fi
  local started=$folder/.ready.new
  touch "$started"
  ninja_build "Build ($preset)" "$folder" caravel caraveld caravel_snapshot
  mv "$started" "$folder/.ready"
}

case ${1-} in
  install)
    install_debian "$logs/packages" packages.txt
    install_npm . "npm packages"
    case ${2-} in
      test) install_debian "$logs/packages-tests" tests/packages.txt ;;
      bench)
        install_debian "$logs/packages-bench" bench/packages.txt
        install_npm bench "peers to compare with"
        ;;
    esac
    ;;
  build)
    install_debian "$logs/packages" packages.txt
    install_npm . "npm packages"
    configure_and_build
    ;;
  *) fail "tools/setup.sh: unknown step \"${1-}\"; known are install and build" ;;
esac
