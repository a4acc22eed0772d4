#!/usr/bin/env bash
# Makes the tables of networks and robots anew from the packages that they come from.
#   crates/networks/refresh.sh             the built-in tables (crates/networks/data) and target/networks
#   crates/networks/refresh.sh --into DIR  only the optional tables, into a server's data directory
# Needs npm and cargo. Apple's list of relay addresses is in no package; see data/README.md.
set -euo pipefail
cd "$(dirname "$0")/../.."

# A package at a version; the newest one for "latest".
at() { printf '%s@%s\n' "$1" "$([ "$2" = latest ] && npm view "$1" version || printf %s "$2")"; }

# A newer version is a change of these lines, and then of the figures in docs/ACCURACY.md.
asn=$(at @ip-location-db/asn "${KAIFU_ASN_VERSION:-2.3.2026061719}")
country=$(at @ip-location-db/asn-country "${KAIFU_COUNTRY_VERSION:-2.3.2026061719}")
crawlers=$(at crawler-user-agents "${KAIFU_CRAWLERS_VERSION:-1.60.0}")

into=target/networks
built_in=yes
if [ "${1:-}" = --into ]; then
  into=${2:?--into needs a directory}
  built_in=
fi
mkdir -p "$into" target/networks/packages

# What the registry said of each pinned package when it was pinned.
integrity() {
  case $1 in
    @ip-location-db/asn@2.3.2026061719)
      echo sha512-PpqYi7wyEyWwunXBtl+y3Vi403SvNywotWwvmiYCOUtE0SVol/Sf492Ee+eErEznmGapxEQB2SAfrpXuZ9a+vQ== ;;
    @ip-location-db/asn-country@2.3.2026061719)
      echo sha512-KN/mUGqf/nwkI0RDvv4knOc5xGXxbooU1MlTXThEJcJVyWxHoCx6oRed8p7NguGKZRpQPmZWdWw/zslHZsUC6Q== ;;
    crawler-user-agents@1.60.0)
      echo sha512-p8hKVsnZl3msolBhGW8s86V0tmmcuBSwhTXkzkegGQzTt0A/ysKDHKzek9fichfqL5qBEgDrR9CuGBU0Y7bDrg== ;;
  esac
}

# Ends here when a pinned package is another one than was pinned; others are taken as they are.
check() {
  local name=$1 file=$2 expected found
  expected=$(integrity "$name")
  [ -n "$expected" ] || return 0
  found=sha512-$(node -e 'process.stdout.write(crypto.createHash("sha512").update(fs.readFileSync(process.argv[1])).digest("base64"))' "$file")
  [ "$found" = "$expected" ] || {
    echo "$name is not what it was when it was pinned: $found" >&2
    exit 1
  }
}

# Unpacks a package once for each version, and prints where.
package() {
  local name=$1 directory
  directory=target/networks/packages/$(printf %s "$name" | tr -c 'A-Za-z0-9.\n' -)
  if [ ! -e "$directory/done" ]; then
    echo "fetching $name" >&2
    rm -rf "$directory" && mkdir -p "$directory"
    local archive
    archive=$(npm pack --silent --pack-destination "$directory" "$name" | tail -n 1)
    check "$name" "$directory/$archive"
    tar -xzf "$directory/$archive" -C "$directory" --strip-components 1
    rm "$directory/$archive"
    touch "$directory/done"
  fi
  printf '%s\n' "$directory"
}

asn=$(package "$asn")
country=$(package "$country")
crawlers=$(package "$crawlers")
tables() { cargo run --quiet --release -p kaifu-networks --features refresh --bin kaifu-networks -- "$@"; }

if [ -n "$built_in" ]; then
  tables named "$asn" crates/networks/data/named-networks.csv
  tables agents "$crawlers" crates/networks/data/agents.txt
fi
tables full "$asn" "$country" "$into/networks.bin"
tables agents "$crawlers" "$into/agents.txt"
