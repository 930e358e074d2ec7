#!/bin/sh
# Runs a command with checkouts of the references that are no packages:
#
#     Tools/parity/checkouts.sh FOLDER COMMAND…
#
# A checkout that one of the variables below names is used as it is. The others are fetched into FOLDER once, at the commits below.
set -eu
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift

# checkout VARIABLE REPOSITORY COMMIT
checkout() {
  eval "path=\${$1:-}"
  if [ -z "$path" ]; then
    path=$folder/${2#*/}
    [ "$(git -C "$path" rev-parse HEAD 2>/dev/null)" = "$3" ] || fetch "$@"
  fi
  export "$1=$path"
}

# fetch VARIABLE REPOSITORY COMMIT, to $path
fetch() {
  echo "Fetching $2" >&2
  rm -rf "$path"
  git init --quiet "$path"
  if ! { git -C "$path" fetch --quiet --depth 1 "https://github.com/$2" "$3" && git -C "$path" checkout --quiet --detach "$3"; }; then
    rm -rf "$path"
    echo "checkouts.sh: $2 cannot be fetched; set $1 to a folder that holds its commit $3" >&2
    exit 1
  fi
}

checkout WAVTOKENIZER jishengpeng/WavTokenizer 5cf440d91ac420ca338f117b7003a77450d64730
checkout LANGUAGECODEC jishengpeng/Languagecodec f10ffa6e62011a323edb90176496aa4764a5eece
checkout HIFICODEC yangdongchao/AcademiCodec b6ac134735f6079543db959a60eb77a7bab4277b
checkout BIGCODEC Aria-K-Alethia/BigCodec 09845ab1f5bc7a3d1589c16de820ef15bc2afefe
exec "$@"
