#!/bin/sh
# Fuzz the readers with clang's libFuzzer under ASan and UBSan, each target for some seconds:
#
#     tests/fuzz/run.sh [SECONDS [TARGET ...]]        (default: 60 seconds, all targets)
#
# The build and the growing corpora stay in ${FUZZ_DIR:-build-fuzz} below the current folder; seeds are in
# tests/fuzz/seed or tests/data.  A finding ends the run with status 1 and leaves crash-* in the folder of its target.
set -eu
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${1:-60}
[ $# -eq 0 ] || shift
if [ $# -eq 0 ]; then
    for file in "$source_dir"/tests/fuzz/fuzz_*.c; do
        file=${file##*/fuzz_}
        set -- "$@" "${file%.c}"
    done
fi
mkdir -p "${FUZZ_DIR:-build-fuzz}"
cd "${FUZZ_DIR:-build-fuzz}"

[ -x "$source_dir/configure" ] || (cd "$source_dir" && autoreconf -i)
[ -f Makefile ] || "$source_dir/configure" CC=clang \
    CFLAGS='-g -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined' \
    >configure.out
for target in "$@"; do
    make -s LDFLAGS=-fsanitize=fuzzer,address,undefined "tests/fuzz/fuzz_$target"
    mkdir -p "corpus/$target" "found/$target"
    seeds=$source_dir/tests/fuzz/seed/$target
    [ -d "$seeds" ] || seeds=$source_dir/tests/data/$target
    "tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="found/$target/" "corpus/$target" "$seeds" 2>"found/$target/log" ||
        { tail -n 30 "found/$target/log"; exit 1; }
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "found/$target/log")
    echo "$target: $runs runs, nothing found"
done
