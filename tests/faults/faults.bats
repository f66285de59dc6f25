#!/usr/bin/env bats
# What the commands do when memory, a read or a write fails them: tests/faults/run.sh says what is held.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    PATH=${builddir:?}/tests/cmd:$PATH
    make_image run run.nii.gz 6
    nvc-mask -q -g run.nii.gz -o bla.nii.gz
}

# KIND... -- OUTPUT COMMAND...
each() {
    kinds=
    while [ "$1" != -- ]; do kinds="$kinds $1" && shift; done
    shift
    for kind in $kinds; do
        run "$srcdir/tests/faults/run.sh" "$kind" "$@"
        [ "$status" -ne 77 ] || skip "the shim cannot be loaded here"
        echo "$output"
        [ "$status" -eq 0 ]
    done
}

input_output=(open open:EMFILE read read:EINTR short-read write write:ENOSPC:on write:EINTR short-write fsync rename close)

@test "nvc-mask lives with a failing allocation, its own or a library's" {
    each malloc malloc:on malloc-all -- mask.nii.gz nvc-mask -q -g run.nii.gz -o mask.nii.gz
}

@test "nvc-mask lives with failing input and output" {
    each "${input_output[@]}" -- mask.nii.gz nvc-mask -q -g run.nii.gz -o mask.nii.gz
}

@test "nvc-extract lives with a failing allocation, its own or a library's" {
    each malloc malloc:on malloc-all -- series.tsv nvc-extract -q -m bla.nii.gz -o series.tsv run.nii.gz
}

@test "nvc-extract lives with failing input and output" {
    each "${input_output[@]}" -- series.tsv nvc-extract -q -m bla.nii.gz -o series.tsv run.nii.gz
    each read write:ENOSPC short-write close -- - nvc-extract -q -m bla.nii.gz run.nii.gz
}

@test "killed at any moment, nvc-mask and nvc-extract leave no output or a whole one" {
    each kill term -- mask.nii.gz nvc-mask -q -g run.nii.gz -o mask.nii.gz
    each kill term -- series.tsv nvc-extract -q -m bla.nii.gz -o series.tsv run.nii.gz
}

@test "standard output that is full or closed is told, for an image and for a table" {
    [ -e /dev/full ] || skip "no /dev/full"
    for command in "nvc-mask -q -g run.nii.gz" "nvc-extract -q -m bla.nii.gz run.nii.gz"; do
        run sh -c "$command >/dev/full"
        [ "$status" -eq 3 ]
        [[ "$output" == *"standard output: cannot write: No space left on device" ]]
        run sh -c "$command >&-"
        [ "$status" -eq 3 ]
        [[ "$output" == *"standard output"* ]]
    done
}
