#!/bin/sh
# The examples of every manual page run, in a folder made by nvc-simulate --tiny.
. "${srcdir:?}/tests/house/tap.sh"
cd "${builddir:?}" || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
PATH=$PWD:$PATH
export PATH NVC_DATA="$srcdir/atlases"

case " ${commands?} " in
*' nvc-simulate '*) ;;
*)
    skip 'examples run' 'there is no nvc-simulate yet'
    finish
    ;;
esac
if ! nvc-simulate --tiny "$scratch/tiny" 2>"$scratch/said"; then
    not_ok 'nvc-simulate --tiny makes the folder of the examples'
    diagnose <"$scratch/said"
    finish
fi
for command in $commands; do
    rm -rf "$scratch/run"
    cp -R "$scratch/tiny" "$scratch/run" || exit 1
    "./$command" --print=examples >"$scratch/examples"
    empty "$command has an example" "$(test -s "$scratch/examples" || echo none)"
    while read -r line; do
        if (cd "$scratch/run" && sh -e -c "$line") >"$scratch/out" 2>"$scratch/said" </dev/null; then
            ok "$command: $line"
        else
            not_ok "$command: $line"
            diagnose <"$scratch/said"
        fi
    done <"$scratch/examples"
done
finish
