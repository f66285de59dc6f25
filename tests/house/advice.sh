#!/bin/sh
# Messages and hand-written pages name only options that some command has.
. "${srcdir:?}/tests/house/tap.sh"
cd "${builddir:?}" || exit 1

options_of() { "./$1" --print=bash | grep -oE -e '--[a-z0-9-]+' | sort -u; }

# FILES: options named in string literals; a name that goes on with a format is left out
advised() { grep -hoE '"([^"\\]|\\.)*"' "$@" | grep -oE -e '--[a-z][a-z0-9-]+' | grep -v -e '-$' | sort -u; }

# TITLE KNOWN FILES
check() {
    title=$1 known=$2
    shift 2
    empty "$title" "$(advised "$@" | while read -r option; do
        printf '%s\n' "$known" | grep -qxF -e "$option" || grep -nF -e "$option" "$@" | head -n 1
    done)"
}

all=$(for command in ${commands?}; do options_of "$command"; done | sort -u)
check 'the library advises options that some command has' "$all" \
    "$srcdir"/src/io/*.c "$srcdir"/src/math/*.c "$srcdir"/src/model/*/*.c "$srcdir"/src/table/*.c "$srcdir"/src/plot/*.c
check 'commands advise options that some command has' "$all" "$srcdir"/src/cmd/*.c "$srcdir"/src/cmd/*/*.c "$srcdir"/src/cli/*.c
empty 'the hand-written pages name options that some command has' \
    "$(sed 's/\\-/-/g' "$srcdir"/man/*.in | grep -oE -e '--[a-z][a-z0-9-]+' | sort -u | while read -r option; do
        printf '%s\n' "$all" | grep -qxF -e "$option" || echo "$option"
    done)"
finish
