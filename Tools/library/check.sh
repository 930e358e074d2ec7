#!/bin/sh
# check.sh FOLDER [CODETTA]: looks at the library that build.sh put into FOLDER from outside, and runs the tests and the examples that are
# written in C. CODETTA is the command, to compare codes with.
set -eu
cd "$(dirname "$0")/../.."
folder=$(cd "$1" && pwd)
command=${2:-}
library=$folder/lib/libcodetta.so.0
header=$folder/include/codetta.h
work=$folder/tests
mkdir -p "$work"
CC=${CC:-cc}
CXX=${CXX:-c++}
fail() { echo "$*" >&2; exit 1; }

# What other programs see is what the header declares.
$CC -E -P "$header" | grep -v 'static inline' | grep -oE '\bcodetta_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u > "$work/declared"
nm -D --defined-only "$library" | awk '{ print $3 }' | sort -u > "$work/exported"
diff "$work/declared" "$work/exported" >&2 || fail "the library does not export what codetta.h declares"

# It needs the C library of 2021, and nothing else.
needed=$(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
for name in $needed; do
    case $name in
        libc.so.6|libm.so.6|libgcc_s.so.1|libpthread.so.0|libdl.so.2|ld-linux*.so.*) ;;
        *) fail "the library needs $name" ;;
    esac
done
version=$(objdump -T "$library" | grep -oE 'GLIBC_[0-9.]+' | sort -Vu | tail -n 1)
[ "$(printf '%s\nGLIBC_2.34\n' "$version" | sort -V | tail -n 1)" = GLIBC_2.34 ] || fail "the library needs $version"
if nm "$folder/build/release/libCodettaC.so" | grep -qE '\$s(10Foundation|20FoundationEssentials)|fftwf_'; then
    fail "Foundation or FFTW is linked into the library"
fi
if grep -aqF "$PWD/" "$library"; then fail "the library names the folder that it was built in"; fi

# Tests and examples.
flags="-I$folder/include -L$folder/lib -Wl,-rpath,$folder/lib -O1 -Wall -Wextra -Werror"
for name in whole streams codes tokens errors families batches threads forks missing measures files leaks; do
    $CC -std=gnu11 -rdynamic "Tests/LibraryTests/$name.c" $flags -lcodetta -lm -pthread -ldl -o "$work/$name"
    "$work/$name" 2> "$work/log" || { cat "$work/log" >&2; fail "$name failed"; }
    echo "ok $name"
done
$CC -std=gnu11 Tests/LibraryTests/copies.c $flags -lm -pthread -ldl -o "$work/copies"
cp "$library" "$work/libcopy.so"
"$work/copies" "$library" "$work/libcopy.so"
echo "ok copies"
$CC -std=c99 -pedantic Examples/C/tokens.c $flags -lcodetta -lm -o "$work/tokens-example"
$CXX -std=c++17 -pedantic Examples/C/live.cpp $flags -lcodetta -o "$work/live"
"$work/tokens-example" "$work/tone.codetta"
"$work/live"
# A short run of what `make fuzz-library` does at length.
$CC -std=gnu11 Tools/library/fuzz/random_calls.c $flags -lcodetta -lm -o "$work/random_calls"
"$work/random_calls" 20000 1 > "$work/log" || fail "random calls failed"
echo "ok random_calls"
if [ -n "$command" ]; then
    [ "$("$command" --version)" = "$(sed -n 's/^#define CODETTA_VERSION_.* //p' "$header" | paste -sd .)" ] || fail "the versions of command and header differ"
    "$command" info "$work/tone.codetta" > /dev/null
    "$command" encode Samples/human-en.flac --bitrate 3 -o "$work/command.codetta" --force --quiet
    $CC -std=gnu11 Tests/LibraryTests/like_the_command.c $flags -lcodetta -lm -o "$work/like_the_command"
    "$work/like_the_command" Samples/human-en.flac "$work/command.codetta"
    echo "ok like_the_command"
fi
echo "libcodetta: $(stat -c %s "$library") bytes, $(wc -l < "$work/exported") functions, needs $(echo $needed) with $version"
