#!/bin/sh
# All tests, from a fresh Debian 12: installs the packages that are missing, builds out of tree, runs everything.
#     tests/run.sh [--quick]      --quick: only the default build, not the other compilers and options
# Each result of `make check` counts as one test, each further build as one.  The last line is
# "N passed, N failed"; the status is 0 when something passed and nothing failed.
set -u
exec </dev/null
root=$(cd "$(dirname "$0")/.." && pwd -P) || exit 3
jobs=$(nproc)
passed=0 failed=0 skipped=0
if [ -z "${NVC_REFERENCE-}" ] && [ -d "$root/../shared" ]; then
    NVC_REFERENCE=$root/../shared
    export NVC_REFERENCE
fi

say() { printf '== %s\n' "$*"; }

finish() {
    [ "$skipped" -eq 0 ] || say "$skipped skipped"
    printf '%s passed, %s failed\n' "$passed" "$failed"
    [ "$passed" -gt 0 ] && [ "$failed" -eq 0 ]
    exit
}

build() { # NAME CONFIGURE-OPTION...: prints the folder
    name=$1
    shift
    NVC_BUILD=$root/build-test/$name "$root/examples/build.sh" "$@"
}

count() { sed -n "s/^# $1: *//p" "$folder/test-suite.log" | head -n 1; }

# The whole suite: what `make check` counted.
suite() {
    say 'gcc: all tests'
    folder=$(build gcc --enable-werror) || { failed=1; return; }
    rm -f "$folder/test-suite.log"
    make -C "$folder" -j"$jobs" check >"$folder/check.log" 2>&1
    if [ ! -f "$folder/test-suite.log" ]; then
        tail -n 40 "$folder/check.log"
        failed=1
        return
    fi
    grep -E '^(FAIL|XPASS|ERROR): ' "$folder/check.log"
    grep -E -A 8 '^(not ok|Bail out)' "$folder/test-suite.log" | head -n 200
    passed=$(($(count PASS) + $(count XFAIL)))
    failed=$(($(count FAIL) + $(count XPASS) + $(count ERROR)))
    skipped=$(count SKIP)
    say "$passed passed, $failed failed, $skipped skipped"
}

variant() { # TITLE NAME 'MAKE-ARGUMENTS' CONFIGURE-OPTION...
    title=$1 name=$2 arguments=$3
    shift 3
    # Word splitting is wanted.
    # shellcheck disable=SC2086
    if folder=$(build "$name" "$@") && make -C "$folder" -j"$jobs" $arguments >"$folder/check.log" 2>&1; then
        passed=$((passed + 1))
        say "ok: $title"
    else
        failed=$((failed + 1))
        say "not ok: $title"
        [ -n "$folder" ] || return # build.sh has told why
        grep -E '^(FAIL|ERROR): |rror: ' "$folder/check.log" | head -n 40
        tail -n 20 "$folder/check.log"
    fi
}

case ${1-} in
'' | --quick) ;;
*) echo "run.sh: unknown option '$1'; wanted --quick or nothing" >&2 && exit 2 ;;
esac
say 'packages'
"$root/examples/dependencies.sh" --tests || { failed=1; finish; }
suite
if [ "${1-}" != --quick ]; then
    variant 'clang builds everything without a warning' clang 'check TESTS=' CC=clang --enable-werror
    variant 'unit and command tests pass under ASan and UBSan' sanitizers 'check HOUSE_TESTS=' --enable-sanitizers
    variant 'unit tests pass without ISA-L' zlib 'check HOUSE_TESTS= COMMAND_TESTS=' --without-isal
    variant 'make distcheck passes' gcc distcheck --enable-werror
fi
finish
