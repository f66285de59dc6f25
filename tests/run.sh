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

# What failed, and what it said.
detail() {
    grep -E '^(FAIL|XPASS|ERROR): |rror: |^make.*\*\*\*' "$folder/$1" | head -n 40
    find "$folder" -name test-suite.log -exec grep -h -E -A 12 '^(not ok|Bail out)' {} + | grep -E '^(not ok|Bail out|#)' | head -n 200
}

# `make check`, or another target.  A machine that is busy may fail a test that holds: what failed is shown,
# then run once more, and only what fails twice has failed.
try() { # TARGET REPETITION MAKE-VARIABLE...
    target=$1 again=$2
    shift 2
    rm -f "$folder/test-suite.log"
    make -C "$folder" -j"$jobs" "$@" "$target" >"$folder/check.log" 2>&1 && return
    detail check.log
    [ "$again" != recheck ] || [ -f "$folder/test-suite.log" ] || return # it did not come to the tests
    say "again, what failed: make $again"
    make -C "$folder" "$@" "$again" >"$folder/again.log" 2>&1 && say 'it passed when repeated' && return
    detail again.log
    return 1
}

# The whole suite: what `make check` counted.
suite() {
    say 'gcc: all tests'
    folder=$(build gcc --enable-werror) || { failed=1; return; }
    if try check recheck; then
        failed=0
    elif [ -f "$folder/test-suite.log" ]; then
        failed=$(($(count FAIL) + $(count XPASS) + $(count ERROR)))
    else
        tail -n 40 "$folder/check.log"
        failed=1
        return
    fi
    passed=$(sed -n 's/^# TOTAL: *//p' "$folder/check.log" | head -n 1)
    skipped=$(sed -n 's/^# SKIP: *//p' "$folder/check.log" | head -n 1)
    passed=$((passed - skipped - failed))
    say "$passed passed, $failed failed, $skipped skipped"
}

variant() { # TITLE NAME 'TARGET REPETITION MAKE-VARIABLE...' CONFIGURE-OPTION...
    title=$1 name=$2 arguments=$3
    shift 3
    # Word splitting is wanted.
    # shellcheck disable=SC2086
    if folder=$(build "$name" "$@") && try $arguments; then
        passed=$((passed + 1))
        say "ok: $title"
    else
        failed=$((failed + 1))
        say "not ok: $title"
        [ -n "$folder" ] && tail -n 20 "$folder/check.log" # otherwise build.sh has told why
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
    variant 'clang builds everything without a warning' clang 'check check TESTS=' CC=clang --enable-werror
    variant 'unit and command tests pass under ASan and UBSan' sanitizers 'check recheck HOUSE_TESTS=' --enable-sanitizers
    variant 'unit tests pass without ISA-L' zlib 'check recheck HOUSE_TESTS= COMMAND_TESTS=' --without-isal
    variant 'make distcheck passes' gcc 'distcheck distcheck' --enable-werror
fi
finish
