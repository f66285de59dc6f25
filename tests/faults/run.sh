#!/bin/sh
# Run a command again and again, with its first, second, ... call of a kind failing, until it calls no more:
#
#     tests/faults/run.sh KIND[:ERRNO][:on] OUTPUT COMMAND [ARGUMENT ...]
#
# KIND is one of faults.c.  Each run must end with status 3 and one line of complaint, leaving OUTPUT (a file,
# or - for standard output) absent or as an undisturbed run makes it, or with status 0 and exactly that output;
# never by a signal, and without leftovers.  With KIND kill or term the signal comes from outside: OUTPUT is then
# absent or whole, and after a kill one temporary file may be left.  Later calls are sampled; NVC_FAULT_ALL=1
# takes every one.
# Prints what went wrong; status 1 when something did, 77 when the shim cannot be used.
set -u
kind=$1 output=$2
shift 2
shim=${builddir:?}/tests/faults/faults.so
[ -f "$shim" ] || exit 77
! grep -q __asan_init "$(command -v "$1")" || exit 77 # the sanitizer wants to be loaded first
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
bad=0

complain() {
    echo "$kind, call $n: $1"
    bad=1
}

[ "$output" = - ] || rm -f "$output"
"$@" >"$scratch/expected" 2>"$scratch/said" </dev/null || { echo "undisturbed: status $?: $(cat "$scratch/said")"; exit 1; }
[ "$output" = - ] || cp "$output" "$scratch/expected"
n=1
while [ "$n" -lt 100000 ]; do
    [ "$output" = - ] || rm -f "$output"
    rm -f "$scratch/mark"
    NVC_FAULT_MARK=$scratch/mark NVC_FAULT=$(echo "$kind" | sed "s/^\([^:]*\)/\1:$n/") LD_PRELOAD=$shim \
        timeout 60 "$@" >"$scratch/stdout" 2>"$scratch/said" </dev/null
    status=$?
    [ -e "$scratch/mark" ] || break
    made=$output
    [ "$output" != - ] || made=$scratch/stdout
    case $status in
    0) cmp -s "$made" "$scratch/expected" || complain "status 0, but the output is another" ;;
    3)
        [ "$(grep -vc ': warning: ' "$scratch/said")" -eq 1 ] || complain "status 3 with $(wc -l <"$scratch/said") lines of complaint"
        [ "$output" = - ] || [ ! -e "$output" ] || cmp -s "$output" "$scratch/expected" || complain 'status 3, and half an output is left'
        ;;
    1) # the thread library ends the program itself when it has no memory
        grep -q '^libgomp: Out of memory' "$scratch/said" || complain "status 1: $(head -c 300 "$scratch/said")"
        [ "$output" = - ] || [ ! -e "$output" ] || cmp -s "$output" "$scratch/expected" || complain 'half an output is left'
        ;;
    137 | 143)
        case $kind in
        kill | term) [ ! -e "$output" ] || cmp -s "$output" "$scratch/expected" || complain 'half an output is left' ;;
        *) complain "ended by a signal" ;;
        esac
        ;;
    *) complain "status $status: $(head -c 300 "$scratch/said")" ;;
    esac
    left=$(find "$(dirname "$output")" -maxdepth 1 -name '.*.nvc-??????' | wc -l)
    [ "$left" -eq 0 ] || { [ "$kind" = kill ] && [ "$left" -eq 1 ]; } || complain "$left temporary files are left"
    rm -f "$(dirname "$output")"/.*.nvc-??????
    n=$((n + 1 + (${NVC_FAULT_ALL:-0} == 0 ? n / 5 : 0)))
done
[ "$n" -gt 1 ] || { echo "$kind: no such call was made"; bad=1; }
exit $bad
