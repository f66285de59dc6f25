#!/bin/sh
# The examples of every manual page run as they stand, in a folder made by nvc-simulate --tiny where the chain has
# left bla.nii.gz, series.tsv, design.tsv, glm.tsv and coupling.tsv of one person, and coupling/ of all.
. "${srcdir:?}/tests/house/tap.sh"
cd "${builddir:?}" || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
PATH=$PWD:$PATH

for needed in nvc-simulate nvc-run nvc-mask nvc-extract nvc-design nvc-glm nvc-coupling; do
    case " ${commands?} " in
    *" $needed "*) ;;
    *)
        skip 'examples run' "there is no $needed"
        finish
        ;;
    esac
done

prepare() { # in the folder of a tiny cohort
    nvc-run -q . out participant --contrast 'faces_vs_shapes = face - shape' || return 1
    set -- out/sub-*/func/*_desc-nvc_glm.tsv
    first=${1%_glm.tsv}
    for pair in mask.nii.gz:bla.nii.gz mask.tsv:bla.tsv timeseries.tsv:series.tsv timeseries.json:series.json \
        design.tsv:design.tsv design.json:design.json glm.tsv:glm.tsv coupling.tsv:coupling.tsv; do
        cp "${first}_${pair%:*}" "${pair#*:}" || return 1
    done
    mkdir coupling && cp out/sub-*/func/*_desc-nvc_coupling.tsv coupling && rm -r out
    for session in pre post; do # a retest, for nvc-reliability
        mkdir "$session" || return 1
        for file in coupling/*.tsv; do
            awk -F '\t' -v OFS='\t' -v session="$session" \
                'NR > 1 { $2 = session; if (session == "post" && $12 != "n/a") $12 = 0.9 * $12 + 0.01 * (NR % 3) } { print }' \
                "$file" >"$session/${file##*/}" || return 1
        done
    done
}

if nvc-simulate -q --tiny --asl "$scratch/tiny" 2>"$scratch/said" && (cd "$scratch/tiny" && prepare) 2>"$scratch/said"; then
    ok 'a tiny cohort passes through the chain'
else
    not_ok 'a tiny cohort passes through the chain'
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
