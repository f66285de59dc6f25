#!/bin/sh
# Every script is clean for shellcheck.
. "${srcdir:?}/tests/house/tap.sh"
cd "$srcdir" || exit 1

if ! command -v shellcheck >/dev/null; then
    skip 'scripts are clean' 'shellcheck is not installed'
    finish
fi
for file in .ci/run examples/*.sh tests/*.sh tests/*/*.sh; do
    [ -f "$file" ] && empty "$file is clean for shellcheck" "$(shellcheck -s sh -e SC1091,SC2013,SC2016,SC2154 -f gcc "$file" 2>&1)"
done
for file in tests/*/*.bats tests/*/*.bash; do
    [ -f "$file" ] && empty "$file is clean for shellcheck" \
        "$(shellcheck -s bats -e SC1090,SC1091,SC2013,SC2016,SC2030,SC2031,SC2154 -f gcc "$file" 2>&1)"
done
finish
