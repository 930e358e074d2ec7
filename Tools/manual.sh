#!/bin/sh
# manual.sh BUILD FOLDER: the manual pages of BUILD/codetta, one for each verb, by swift-argument-parser's generator.
set -eu
cd "$(dirname "$0")/.."
build=$1
folder=$2
swift=${SWIFT:-swift}
# The package's plugin would build everything anew. Asked for its help, it builds the generator alone.
"$swift" package --scratch-path .build/manual generate-manual --help > /dev/null
generator=$(find .build/manual -type f -perm -u+x \( -name generate-manual -o -name generate-manual-tool \) | head -n 1)
rm -rf "$folder"
mkdir -p "$folder"
day=$(git log -1 --format=%cs 2> /dev/null || date +%F)
"$generator" "$build/codetta" --multi-page --date "$day" --output-directory "$folder"
