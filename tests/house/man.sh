#!/bin/sh
# The committed manual pages are those that the commands print, and are clean.
. "${srcdir:?}/tests/house/tap.sh"
cd "${builddir:?}" || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

for command in ${commands?}; do
    page=$srcdir/man/$command.1
    if "./$command" --print=man >"$scratch/page" && cmp -s "$scratch/page" "$page"; then
        ok "man/$command.1 is what $command prints (make docs)"
    else
        not_ok "man/$command.1 is what $command prints (make docs)"
        diff -u "$page" "$scratch/page" 2>&1 | head -n 20 | diagnose
    fi
    lost=$("./$command" --print=bash | grep -oE -e '--[a-z0-9-]+=?' | tr -d = | sort -u | while read -r option; do
        sed 's/\\//g' "$scratch/page" | grep -qF -e "$option" || echo "$option"
    done)
    empty "man/$command.1 documents every option" "$lost"
    empty "nvctools(7) names $command" "$(sed 's/\\//g' man/nvctools.7 | grep -q "^.BR $command (1)" || echo 'it does not')"
    empty "NEWS has a line on $command" "$(grep -q -e "$command" "$srcdir/NEWS" || echo "no $command in NEWS")"
done

# Word splitting is wanted.
# shellcheck disable=SC2086
empty 'nvc-tables(5) has the columns of every table' \
    "$(sh "$srcdir/man/page.sh" x y "$srcdir/man/nvc-tables.5.in" $commands 2>&1 >/dev/null)"

for page in "$srcdir"/man/*.[1-8] man/*.[1-8]; do
    [ -f "$page" ] || continue
    name=${page##*/}
    empty "$name is in man/man.am" "$(grep -qF "man/$name" "$srcdir/man/man.am" || echo 'it would not be installed')"
    if command -v groff >/dev/null; then
        empty "$name is clean for groff" "$(groff -ww -man -Tutf8 -z "$page" 2>&1)"
    else
        skip "$name is clean for groff" 'groff is not installed'
    fi
    if command -v mandoc >/dev/null; then
        empty "$name is clean for mandoc" "$(mandoc -T lint "$page" 2>&1)"
    else
        skip "$name is clean for mandoc" 'mandoc is not installed'
    fi
done
finish
