#!/usr/bin/env bash
# Brings the Web Platform Tests that Debian's source package of nodejs carries
# into build/wpt/fixtures. apt verifies the package; its sources and lists are
# private to this script, so the machine's own apt stays as it is.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Expectations belong to these very tests.
upstream=18.20.4
folder=$PWD/build/wpt
fixtures=$folder/fixtures
if [[ -e $fixtures/.$upstream ]]; then exit 0; fi

mkdir -p "$folder"/{lists/partial,cache/archives/partial}
cd "$folder"

# The mirror that the machine installs Debian from has the sources too.
mirror=$(apt-get indextargets 'Created-By: Packages' 'Origin: Debian' \
  'Codename: bookworm' 'Component: main' --format '$(REPO_URI)' | head -n 1)
if [[ -z $mirror ]]; then
  echo "tests/wpt/get.sh: apt knows no mirror of Debian 12 (bookworm), main; add one and run apt-get update" >&2
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
  echo "tests/wpt/get.sh: Debian has $(echo nodejs_*.dsc) now, the expectations are for $upstream; renew both" >&2
  exit 1
fi
rm -rf "$fixtures"
mkdir "$fixtures"
tar --extract --file "$archive" --directory "$fixtures" --wildcards --strip-components 4 '*/test/fixtures/wpt/*'
touch "$fixtures/.$upstream"
rm -rf lists cache nodejs_*
