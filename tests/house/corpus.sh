#!/bin/sh
# The images of tests/data are those that the recipes of their README make.
. "${srcdir:?}/tests/house/tap.sh"
cd "${builddir:?}" || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

tests/data/make_corpus "$srcdir/tests/data/nifti/README.md" "$scratch" >/dev/null || not_ok 'every recipe can be followed'
empty 'every line of the README has its file, every file its line' \
    "$( (cd "$srcdir/tests/data/nifti" && ls) | grep -v '^README.md$' >"$scratch/.have"; (cd "$scratch" && ls) | diff "$scratch/.have" -)"
# zlib may pack otherwise than it did, the packed corpus stays as it was.
empty 'what is not packed is made the same again' \
    "$(for file in "$scratch"/*.nii; do cmp "$file" "$srcdir/tests/data/nifti/${file##*/}"; done 2>&1 | grep -v gz-named-plain)"
finish
