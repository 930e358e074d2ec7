#!/usr/bin/env bash
# Runs each fuzz target for a while and stops at the first crash.
#
#   fuzz.sh SECONDS [TARGET…]
#
# Builds first, with libFuzzer and AddressSanitizer. Corpora grow in .build/fuzz/corpus; an input that crashes a target lands in
# .build/fuzz/crashes and is a test's fixture from then on. Prints the executions of each target.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:?"usage: fuzz.sh SECONDS [TARGET…]"}
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(container verdict entropy foreign ecdc dac safetensors config audio coded results)
work=.build/fuzz
mkdir -p "$work/crashes" "$work/logs"

${SWIFT:-swift} build --package-path Tools/fuzzers --scratch-path "$work/build" -c release \
  --sanitize=address -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address
python3 Tools/fuzzers/corpus.py "$work/corpus"

# Fatal errors shall end at once: the fuzzer prints the place itself. Swift keeps its metadata for ever, which is no leak. Short
# records of allocations and a small quarantine make short runs of little code several times faster.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0:malloc_context_size=4:quarantine_size_mb=16
for target in "${targets[@]}"; do
  log="$work/logs/$target.log"
  if ! "$work/build/release/FuzzReaders" --target="$target" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=3072 \
    -max_len=8192 -print_final_stats=1 -artifact_prefix="$work/crashes/$target-" "$work/corpus/$target" 2> "$log"; then
    tail -n 40 "$log" >&2
    echo "fuzz: $target failed; its input is in $work/crashes" >&2
    exit 1
  fi
  printf '%-12s %s executions\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
done
