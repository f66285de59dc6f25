#!/bin/sh
# Completion loads in bash, and offers what --help shows; --help fits a terminal.
. "${srcdir:?}/tests/house/tap.sh"
cd "${builddir:?}" || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

if ! command -v bash >/dev/null; then
    skip 'completion loads' 'bash is not installed'
    finish
fi
for command in ${commands?}; do
    "./$command" --print=bash >"$scratch/completion" || not_ok "$command prints its completion"
    bash -uc '
        source "$1"
        COMP_WORDS=("$2" --) COMP_CWORD=1
        "_${2//-/_}"
        printf "%s\n" "${COMPREPLY[@]%=}"' - "$scratch/completion" "$command" 2>&1 | sort >"$scratch/offered"
    "./$command" --help | sed -nE '/^Example/q; s/^  (-., |    )(--[a-z0-9-]+).*/\2/p' | sort >"$scratch/shown"
    empty "--help of $command fits 80 columns" "$("./$command" --help | awk 'length($0) > 80')"
    if [ -s "$scratch/shown" ] && cmp -s "$scratch/shown" "$scratch/offered"; then
        ok "completion of $command offers the options of its --help"
    else
        not_ok "completion of $command offers the options of its --help"
        diff "$scratch/shown" "$scratch/offered" | diagnose
    fi
done
[ "$tap_n" -gt 0 ] || skip 'completion' 'there is no command yet'
finish
