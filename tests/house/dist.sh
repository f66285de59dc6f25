#!/bin/sh
# Every committed file is in the distribution that `make dist` makes, by itself or with its folder.
. "${srcdir:?}/tests/house/tap.sh"

if ! git -C "$srcdir" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    skip 'every committed file is distributed' 'not a git checkout'
    finish
fi
listed=$(MAKEFLAGS='' make -s -C "${builddir:?}" dist-list | sort -u)
left=$(git -C "$srcdir" ls-files -- . ':!.gitignore' ':!*.gitkeep' | while read -r file; do
    place=$file
    until printf '%s\n' "$listed" | grep -qxF -e "$place"; do
        case $place in
        */*) place=${place%/*} ;;
        *) echo "$file: add it to EXTRA_DIST" && break ;;
        esac
    done
done)
empty 'every committed file is distributed' "$left"
finish
