#!/bin/sh
# One list of packages: what configure asks for and what README.md tells stands in examples/dependencies.sh.
. "${srcdir:?}/tests/house/tap.sh"
cd "$srcdir" || exit 1

listed=$(examples/dependencies.sh --list)
told=$(sed -n '/^## Dependencies/,/^## /s/^|.*| *\(.*\) *|$/\1/p' README.md | tail -n +3 | tr ' ' '\n' | sort -u)
asked=$(grep -oE '\[lib[a-z0-9-]+-dev\]|\[zlib1g-dev\]|apt-get install [a-z0-9-]+|Debian: lib[a-z0-9-]+-dev' configure.ac |
    grep -oE '(lib|zlib)[a-z0-9-]+-dev' | sort -u)
unlisted() { for name in $1; do printf '%s\n' "$2" | grep -qxF -e "$name" || echo "$name"; done; }

empty 'every package that configure names is installed by examples/dependencies.sh' "$(unlisted "$asked" "$listed")"
empty 'README.md tells every package of examples/dependencies.sh' "$(unlisted "$listed" "$told")"
empty 'README.md tells no other' "$(unlisted "$told" "$listed")"
finish
