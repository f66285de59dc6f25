#!/usr/bin/env bats
# nvc-reliability: repeated measurements.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    # the six targets and the first two judges of Shrout & Fleiss (1979), as sessions
    awk 'BEGIN {
        OFS = "\t"
        print "participant_id", "session", "run", "index", "contrast", "region", "side", "value", "unit", "coverage"
        split("9 6 8 7 10 6", a, " "); split("2 1 4 1 5 2", b, " ")
        for (i = 1; i <= 6; i++) {
            print "sub-0" i, "pre", "n/a", "psc", "face", "BLA", "L", a[i], "%", 0.9
            print "sub-0" i, "post", "n/a", "psc", "face", "BLA", "L", b[i], "%", 0.9
        }
    }' >two.tsv
}

cell() { awk -F '\t' -v want="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at[want] }' "$1"; }
near() { awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; exit !(d < 1e-9 && d > -1e-9) }'; }
refuses() { # TEXT COMMAND...
    local text=$1
    shift
    run "$@"
    echo "$output"
    [ "$status" -eq 1 ] && [ "${#lines[@]}" -eq 1 ] && [[ "$output" == *"$text"* ]]
}

@test "occasions are compared in the order of their labels" {
    nvc-reliability two.tsv >r.tsv
    [ "$(cell r.tsv occasions)" = post,pre ]
    near "$(cell r.tsv bias)" 5.166666666666667
    near "$(cell r.tsv loa_low_ci_high)" 5.105687193738817
}

@test "who lacks an occasion is left out and counted" {
    sed '3d' two.tsv >gap.tsv
    nvc-reliability gap.tsv >r.tsv
    [ "$(cell r.tsv n)" = 5 ]
    [ "$(cell r.tsv n_incomplete)" = 1 ]
    sed '3s/0\.9/0.2/' two.tsv >dropout.tsv
    nvc-reliability dropout.tsv >r2.tsv
    cmp r.tsv r2.tsv
}

@test "rows in any order, in one file or many, give the same bytes" {
    nvc-reliability two.tsv >one.tsv
    { head -n 1 two.tsv; tail -n +2 two.tsv | sort -r; } | nvc-reliability >reversed.tsv
    { head -n 1 two.tsv; grep -w pre two.tsv; } >pre.tsv
    { head -n 1 two.tsv; grep -w post two.tsv | sed 's/^sub-//'; } >post.tsv
    nvc-reliability pre.tsv post.tsv >many.tsv
    cmp one.tsv reversed.tsv
    cmp one.tsv many.tsv
}

@test "with groups it gives the effect without the noise of measurement, the same for a seed" {
    printf 'participant_id\tgroup\n01\tpatient\n02\tcontrol\n03\tpatient\n04\tcontrol\n05\tpatient\n06\tcontrol\n' >p.tsv
    nvc-reliability -p p.tsv --case patient two.tsv >r.tsv
    nvc-reliability -p p.tsv --case patient two.tsv >again.tsv
    cmp r.tsv again.tsv
    awk -v g="$(cell r.tsv hedges_g)" -v true_g="$(cell r.tsv g_true)" 'BEGIN { exit !(g > 0 && true_g > g) }'
}

@test "the figure and every kind of table are written" {
    nvc-reliability -o r.tsv --figure r.svg two.tsv
    grep -q '<svg' r.svg
    [ -s r.json ]
    for kind in md tex html csv; do nvc-reliability -o r.$kind two.tsv; done
    [ "$(cat r.md r.tex r.html | grep -c 'nan\|n/a')" -eq 0 ]
    grep -q '\\midrule' r.tex
    run nvc-reliability -o none.tsv --figure none.svg --show nope two.tsv
    [ "$status" -eq 2 ]
    [[ "$output" == *"a name that --show gives"* ]]
    [ ! -e none.tsv ] && [ ! -e none.svg ]
}

@test "what cannot be compared gets one clear line" {
    refuses 'no index was measured on two sessions' nvc-reliability <(grep -vw post two.tsv)
    refuses 'was a table given twice' nvc-reliability two.tsv two.tsv
    { cat two.tsv; tail -n 1 two.tsv | sed 's/n\/a/2/'; } >runs.tsv
    refuses 'use --by run' nvc-reliability runs.tsv
    printf 'participant_id\tgroup\n01\tpatient\n02\tpatient\n03\tcontrol\n04\tcontrol\n' >p.tsv
    refuses 'sub-05 has rows but is not in the participants table' nvc-reliability -p p.tsv --case patient two.tsv
}
