#!/usr/bin/env bash
# Brings what Debian's source package of nodejs carries: the Web Platform Tests
# into build/nodejs_source/wpt, Node's own tests into build/nodejs_source/test. apt
# verifies the package; its sources and lists are private to this script, so the
# machine's own apt stays as it is.
set -euo pipefail
cd "$(dirname "$0")/.."

# Expectations belong to these very tests.
upstream=18.20.4
folder=$PWD/build/nodejs_source
if [[ -e $folder/.$upstream ]]; then exit 0; fi

# Two suites may ask at once: one fetches, the other waits for it.
mkdir -p "$folder"
exec 9>"$folder/.lock"
flock 9
if [[ -e $folder/.$upstream ]]; then exit 0; fi

mkdir -p "$folder"/{lists/partial,cache/archives/partial}
cd "$folder"

# The mirror that the machine installs Debian from has the sources too.
mirror=$(apt-get indextargets 'Created-By: Packages' 'Origin: Debian' \
  'Codename: bookworm' 'Component: main' --format '$(REPO_URI)' | head -n 1)
if [[ -z $mirror ]]; then
  echo "tests/nodejs_source.sh: apt knows no mirror of Debian 12 (bookworm), main; add one and run apt-get update" >&2
  exit 1
fi
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bookworm main" >sources.list
private=(
  -o "Dir::Etc::SourceList=$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null
  -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
  -o "Dir::State::Lists=$folder/lists" -o "Dir::Cache=$folder/cache"
)
apt-get "${private[@]}" -q update
apt-get "${private[@]}" -q source --download-only nodejs

archive=$(echo nodejs_"$upstream"*.orig.tar.xz)
if [[ ! -e $archive ]]; then
  echo "tests/nodejs_source.sh: Debian has $(echo nodejs_*.dsc) now, the expectations are for $upstream; renew both" >&2
  exit 1
fi
rm -rf wpt test
mkdir wpt test
unpack() { # DIRECTORY STRIPPED PATTERN …
  tar --extract --file "$archive" --directory "$1" --wildcards \
    --strip-components "$2" "${@:3}"
}
unpack wpt 4 '*/test/fixtures/wpt/*'
unpack test 2 '*/test/parallel/*' '*/test/common/*' '*/test/fixtures/*' --exclude '*/test/fixtures/wpt/*'
# They are CommonJS, whatever the folders above say.
echo "{}" >test/package.json
rm -rf lists cache nodejs_*
touch ".$upstream"
