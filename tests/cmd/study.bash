# What the tests of nvc-run share: the study of the file, and what a run and its repetition must agree in.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    study=$BATS_FILE_TMPDIR/study
}

# A copy whose files may be damaged.
own_study() {
    cp -R "$study" own
    study=own
}

# Tables and masks of a folder of results.
contents() {
    (cd "$1" && find sub-* \( -name '*.tsv' -o -name '*.nii.gz' \) | LC_ALL=C sort | xargs cksum)
}

same() { # A B: says what differs
    diff <(contents "$1") <(contents "$2")
}
