#!/bin/sh
# build.sh FOLDER [TRAITS [SWIFT FLAGS...]]: builds libcodetta and its header into FOLDER: lib/libcodetta.so.MAJOR, include/codetta.h.
#
# Swift's runtime and the C++ library are linked in; what remains is glibc 2.34 or newer and its companions. Libraries for audio are loaded
# when they are first needed. The symbols of the header are the only ones that other programs see.
set -eu
cd "$(dirname "$0")/../.."
out=$1
traits=${2:-PermissiveFFT,Standalone}
[ $# -lt 2 ] || shift
shift
build=$out/build
major=$(sed -n 's/^#define CODETTA_VERSION_MAJOR //p' Sources/CCodetta/include/codetta.h)

# lld comes with Swift.
PATH=$PATH:$(dirname "$(readlink -f "$(command -v "${SWIFT:-swift}")")")
export PATH
# The static C++ library is found here before the shared one.
mkdir -p "$build/static" "$out/lib" "$out/include"
out=$(cd "$out" && pwd)
ln -sf "$(${CC:-cc} -print-file-name=libstdc++.a)" "$out/build/static/libstdc++.a"

${SWIFT:-swift} build -c release --traits "$traits" --scratch-path "$out/build" --product CodettaC "$@" \
    -Xswiftc -static-stdlib -Xswiftc -use-ld=lld -Xswiftc -ld-path="$PWD/Tools/library/ld.sh" \
    -Xlinker "-L$out/build/static" -Xlinker --version-script="$PWD/Tools/library/exports.map" -Xlinker --gc-sections \
    -Xlinker -soname="libcodetta.so.$major" -Xlinker -z -Xlinker nodelete

strip --strip-unneeded -o "$out/lib/libcodetta.so.$major.new" "$out/build/release/libCodettaC.so"
mv "$out/lib/libcodetta.so.$major.new" "$out/lib/libcodetta.so.$major"
ln -sf "libcodetta.so.$major" "$out/lib/libcodetta.so"
cp Sources/CCodetta/include/codetta.h "$out/include/"
