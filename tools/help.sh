# What ./caravel can say before there is a build, which takes minutes: help and
# version. tools/help.txt has what the built command prints, by sections ("== up";
# "==" is the list of all); tests/e2e/help.e2e.ts holds it to that.

# Prints a section; fails when there is none of that name.
print_help() {
  local line section="== $1" found=
  if [[ -z $1 ]]; then section="=="; fi
  while IFS= read -r line; do
    if [[ $line == "$section" ]]; then
      found=yes
    elif [[ $line == "=="* && $found ]]; then
      break
    elif [[ $found ]]; then
      printf '%s\n' "${line//.\/caravel/$CARAVEL_CALLED_AS}"
    fi
  done <"$CARAVEL_ROOT/tools/help.txt"
  [[ $found ]]
}

print_version() {
  local line
  while IFS= read -r line; do
    if [[ $line =~ ^project\(caravel\ VERSION\ ([^ ]+) ]]; then
      echo "caravel ${BASH_REMATCH[1]}"
      return
    fi
  done <"$CARAVEL_ROOT/CMakeLists.txt"
}

# Ends when that was all that the words ask for, or the first is no command;
# returns when they need a build.
answer_without_build() {
  local name=${1-} word
  case $name in
    '' | -h | --help) print_help '' && exit 0 ;;
    version | --version) print_version && exit 0 ;;
    help)
      name=${2-}
      if [[ $name == -* ]]; then name=help; fi
      if print_help "$name"; then exit 0; fi
      ;;
    wrangler) return ;; # also with --help: that is wrangler's
    *)
      for word in "${@:2}"; do
        if [[ $word == -h || $word == --help ]] && print_help "$name"; then exit 0; fi
      done
      if print_help "$name" >/dev/null; then return; fi
      ;;
  esac
  echo "caravel: there is no command \"$name\"" >&2
  echo "  see $CARAVEL_CALLED_AS help" >&2
  exit 2
}
