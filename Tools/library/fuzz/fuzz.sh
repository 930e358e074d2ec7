#!/bin/sh
# fuzz.sh CALLS [SEED]: random calls of libcodetta (random_calls.c), then its tests in C, with AddressSanitizer and UndefinedBehaviorSanitizer on
# both sides.
set -eu
cd "$(dirname "$0")/../../.."
calls=$1
seed=${2:-$(date +%s)}
folder=.build/library-address
Tools/library/build.sh "$folder" PermissiveFFT,Standalone --sanitize=address -Xcc -fsanitize=undefined -Xcc -fno-sanitize-recover=undefined
folder=$(cd "$folder" && pwd)
mkdir -p "$folder/tests"
# The sanitizers' runtime must be the compiler's that built the library.
clang=${CLANG:-$(dirname "$(readlink -f "$(command -v swift)")")/clang}
flags="-g -O1 -Wall -Wextra -fuse-ld=lld -fsanitize=address,undefined -fno-sanitize-recover=undefined -I$folder/include -L$folder/lib -Wl,-rpath,$folder/lib"
# Swift's metadata lives for ever, which is no leak.
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=64:allocator_may_return_null=1 SWIFT_BACKTRACE=enable=no
compile() { "$clang" -std=gnu11 "$1" $flags -lcodetta -lm -pthread -ldl -rdynamic -o "$folder/tests/$(basename "$1" .c)"; }
compile Tools/library/fuzz/random_calls.c
echo "seed $seed"
"$folder/tests/random_calls" "$calls" "$seed"
for name in whole streams codes tokens errors families batches threads forks measures files; do
    compile "Tests/LibraryTests/$name.c"
    "$folder/tests/$name"
    echo "ok $name"
done
