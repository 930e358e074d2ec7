#!/bin/sh
# libraries.sh FOLDER: gathers the libraries for audio that a wheel or a tarball brings along, with their versions and licences.
#
# They are Debian's, made to find each other in their own folder. libsoxr is built from Debian's source without OpenMP, whose library
# is GCC's and which nothing here uses. Needs cmake, a C compiler, patchelf, and apt's sources of Debian.
set -eu
out=$1
sources="libsndfile.so.1 libFLAC.so.12 libvorbis.so.0 libvorbisenc.so.2 libopus.so.0 libogg.so.0 libmp3lame.so.0 libmpg123.so.0
  libkissfft-float.so.131 libebur128.so.1"
mkdir -p "$out/licences"
out=$(cd "$out" && pwd)
versions=

# note FILE PACKAGE VERSION: writes down where a library is from.
note() {
    versions="$versions${versions:+, }\"$1\": \"$3 (Debian $2)\""
    cp "/usr/share/doc/$2/copyright" "$out/licences/$2.txt"
}

for name in $sources; do
    file=$(readlink -f "$(${CC:-cc} -print-file-name="$name")")
    [ -f "$file" ] || { echo "error: $name is not installed" >&2; exit 1; }
    package=$(dpkg -S "*/$(basename "$file")" | head -1 | cut -d: -f1)
    cp "$file" "$out/$name"
    strip --strip-unneeded "$out/$name"
    patchelf --set-rpath '$ORIGIN' "$out/$name"
    note "$name" "$package" "$(dpkg-query -W -f '${Version}' "$package" | sed 's/\${.*//')"
done

if [ ! -f "$out/libsoxr.so.0" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    . /etc/os-release
    cat > "$work/apt.sources" <<END
Types: deb-src
URIs: http://deb.debian.org/debian
Suites: $VERSION_CODENAME
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
    mkdir "$work/lists"
    options="-qq -o Dir::Etc::sourcelist=$work/apt.sources -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists=$work/lists"
    (cd "$work" && apt-get $options update && apt-get $options source --download-only libsoxr && tar xf libsoxr_*.orig.tar.*)
    cmake -S "$work"/soxr-*/ -B "$work/build" -DCMAKE_POLICY_VERSION_MINIMUM=3.5 -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE='-O2 -DNDEBUG' \
        -DWITH_OPENMP=OFF -DWITH_LSR_BINDINGS=OFF -DBUILD_TESTS=OFF -DBUILD_EXAMPLES=OFF >"$work/log" 2>&1 &&
        cmake --build "$work/build" >>"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    cp "$work"/build/src/libsoxr.so.0.* "$out/libsoxr.so.0"
    strip --strip-unneeded "$out/libsoxr.so.0"
fi
note libsoxr.so.0 libsoxr0 "$(dpkg-query -W -f '${Version}' libsoxr0), built without OpenMP"
echo "{$versions}" > "$out/versions.json"
