#!/bin/sh
# check.sh BUILD_FOLDER: fails if a program that imports Codecs alone links what no codec needs, or what the build's traits exclude.
# TRAITS=PermissiveFFT: the command must link no FFTW either.
set -eu
build=$1
libraries() {
    if command -v ldd >/dev/null; then ldd "$1"; else otool -L "$1"; fi
}
refuse() { # PROGRAM LIBRARY...
    program=$1
    shift
    for library; do
        if libraries "$build/$program" | grep -q "$library"; then
            echo "$program links $library" >&2
            exit 1
        fi
    done
}
"$build/CodecsAlone" Models/codetta-24k
refuse CodecsAlone fftw3 kissfft cairo sndfile soxr ebur128 Foundation
case ",${TRAITS:-}," in *,PermissiveFFT,*) refuse codetta fftw3 ;; esac
echo "CodecsAlone links:"
libraries "$build/CodecsAlone"
