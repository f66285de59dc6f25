#!/bin/sh
# Run a command again and again, with its first, second, ... call of a kind failing, until it calls no more:
#
#     tests/faults/run.sh KIND[:ERRNO][:on] OUTPUT COMMAND [ARGUMENT ...]
#
# KIND is one of faults.c.  Each run must end with status 3 and one line of complaint, leaving OUTPUT (a file, a
# folder with a / at its end, or - for standard output) absent or as an undisturbed run makes it, or with status 0
# and exactly that output; never by a signal, and without leftovers.  In a folder this holds for every file.  With KIND
# kill or term the signal comes from outside: OUTPUT is then absent or whole, and after a kill one temporary file
# may be left.  Later calls are sampled; NVC_FAULT_ALL=1 takes every one.
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
folder=$(dirname "${output}x")

complain() {
    echo "$kind, call $n: $1"
    bad=1
}

# Take away what the run before left.
clear() {
    case $output in
    -) ;;
    */) rm -rf "$output" && mkdir "$output" ;;
    *) rm -f "$output" ;;
    esac
}

# Nothing is left of the output but what an undisturbed run makes.
none_or_whole() {
    case $output in
    -) ;;
    */) for file in "$output"*; do
        [ ! -e "$file" ] || cmp -s "$file" "$scratch/expected/${file##*/}" || return 1
    done ;;
    *) [ ! -e "$output" ] || cmp -s "$output" "$scratch/expected" ;;
    esac
}

# The output is that of an undisturbed run.
whole() {
    case $output in
    -) cmp -s "$scratch/stdout" "$scratch/expected" ;;
    */) diff -r "$output" "$scratch/expected" >"$scratch/differ" ;;
    *) cmp -s "$output" "$scratch/expected" ;;
    esac
}

clear
"$@" >"$scratch/expected" 2>"$scratch/said" </dev/null || { echo "undisturbed: status $?: $(cat "$scratch/said")"; exit 1; }
[ "$output" = - ] || { rm -f "$scratch/expected" && cp -r "$output" "$scratch/expected"; } || exit 1
n=1
while [ "$n" -lt 100000 ]; do
    clear
    rm -f "$scratch/mark"
    NVC_FAULT_MARK=$scratch/mark NVC_FAULT=$(echo "$kind" | sed "s/^\([^:]*\)/\1:$n/") LD_PRELOAD=$shim \
        timeout 60 "$@" >"$scratch/stdout" 2>"$scratch/said" </dev/null
    status=$?
    [ -e "$scratch/mark" ] || break
    case $status in
    0) whole || complain "status 0, but the output is another" ;;
    3)
        [ "$(grep -vc ': warning: ' "$scratch/said")" -eq 1 ] || complain "status 3 with $(wc -l <"$scratch/said") lines of complaint"
        none_or_whole || complain 'status 3, and half an output is left'
        ;;
    1) # the thread library ends the program itself when it has no memory
        grep -qE '^libgomp: (Out of memory|Thread creation failed)' "$scratch/said" || complain "status 1: $(head -c 300 "$scratch/said")"
        none_or_whole || complain 'half an output is left'
        ;;
    137 | 143)
        case $kind in
        kill | term) none_or_whole || complain 'half an output is left' ;;
        *) complain "ended by a signal" ;;
        esac
        ;;
    *) complain "status $status: $(head -c 300 "$scratch/said")" ;;
    esac
    left=$(find "$folder" -maxdepth 1 -name '.*.nvc-??????' | wc -l)
    [ "$left" -eq 0 ] || { [ "$kind" = kill ] && [ "$left" -eq 1 ]; } || complain "$left temporary files are left"
    rm -f "$folder"/.*.nvc-??????
    n=$((n + 1 + (${NVC_FAULT_ALL:-0} == 0 ? n / 5 : 0)))
done
[ "$n" -gt 1 ] || { echo "$kind: no such call was made"; bad=1; }
exit $bad
