#!/bin/sh
# threads.sh: the concurrent tests of libcodetta with ThreadSanitizer on both sides.
set -eu
cd "$(dirname "$0")/../.."
folder=.build/library-thread
Tools/library/build.sh "$folder" PermissiveFFT,Standalone --sanitize=thread
folder=$(cd "$folder" && pwd)
mkdir -p "$folder/tests"
# The sanitizer's runtime must be the compiler's that built the library.
clang=${CLANG:-$(dirname "$(readlink -f "$(command -v swift)")")/clang}
# Which needs libdispatch.
runtime=$(dirname "$clang")/../lib/swift/linux
export TSAN_OPTIONS=halt_on_error=1:suppressions=$PWD/Tools/sanitizers/thread.txt SWIFT_BACKTRACE=enable=no
for name in threads batches; do
    "$clang" -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=thread -fuse-ld=lld "-I$folder/include" "-L$folder/lib" "-Wl,-rpath,$folder/lib" \
        "Tests/LibraryTests/$name.c" -lcodetta "-L$runtime" "-Wl,-rpath,$runtime" -ldispatch -lBlocksRuntime -lm -pthread -rdynamic -o "$folder/tests/$name"
    "$folder/tests/$name"
    echo "ok $name"
done
