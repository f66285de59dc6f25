#!/usr/bin/env bats
# nvc-null: rows in which nothing should be found.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    # 24 events 10 to 16 s apart: BLA_L responds, BLA_R rises 6 to 2 s before them, VIS_L has no signal.
    awk 'BEGIN { OFS = "\t"; print "time", "BLA_L", "BLA_R", "VIS_L"; srand(4)
        print "onset", "duration", "trial_type" >"events.tsv"
        t = 14
        for (k = 0; k < 24; k++) { onset[k] = t; print t, 1, "face" >"events.tsv"; t += 10 + int(rand() * 7) }
        for (i = 0; i < 180; i++) {
            y = b = 0
            for (k = 0; k < 24; k++) { u = 2 * i + 0.875 - onset[k]
                if (u > 0 && u < 30) y += exp(5 * log(u / 5) - (u - 5))
                if (u >= -6 && u < -2) b++ }
            print 2 * i, 1000 + 10 * y + 2 * (rand() + rand() - 1), 1000 + 5 * b + 2 * (rand() + rand() - 1), 0 } }' >series.tsv
}

cell() { # COLUMN CONDITION, from the table on standard input
    awk -F '\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { for (n in at) v[n] = $at[n] } '"$2"' { print v[want] }'
}
within() { # INDEX REGION: |value| < 3 se, and se is a number above 0
    local value se
    value=$(cell value "v[\"index\"] == \"$1\" && v[\"side\"] == \"$2\" && v[\"region\"] == \"BLA\"" <out.tsv)
    se=$(cell se "v[\"index\"] == \"$1\" && v[\"side\"] == \"$2\" && v[\"region\"] == \"BLA\"" <out.tsv)
    awk -v v="$value" -v s="$se" 'BEGIN { exit !(s > 0 && s < 0.2 && v * v < 9 * s * s) }'
}

@test "a response is in neither control; what rises before the onsets is in one" {
    nvc-null -e events.tsv series.tsv >out.tsv
    [ "$(wc -l <out.tsv)" = 7 ]
    [ "$(cell class 'v["side"] == "R" && v["index"] == "psc_prestim"' <out.tsv)" = negative-control ]
    within psc_prestim L
    within psc_shifted L
    within psc_shifted R
    before=$(cell value 'v["index"] == "psc_prestim" && v["side"] == "R"' <out.tsv)
    awk -v b="$before" 'BEGIN { d = b - 0.5; exit !(d * d < 0.0025) }'
    [ "$(cell value 'v["index"] == "psc_shifted" && v["region"] == "VIS"' <out.tsv)" = n/a ]
}

@test "a pipe, threads and the order of the events change nothing" {
    nvc-null -e events.tsv series.tsv >out.tsv
    { head -n 1 events.tsv; tail -n +2 events.tsv | sort -r; } >reversed.tsv
    nvc-null -e events.tsv -j 3 <series.tsv | cmp - out.tsv
    nvc-null -e reversed.tsv series.tsv | cut -f 9-11 | cmp - <(cut -f 9-11 out.tsv)
    nvc-null -e reversed.tsv series.tsv | awk -F '\t' 'NR > 1 && $12 != "n/a" { printf "%.6f\n", $12 }' |
        cmp - <(awk -F '\t' 'NR > 1 && $12 != "n/a" { printf "%.6f\n", $12 }' out.tsv)
}

@test "too few onsets, and no room for shifts, are said in the row" {
    head -n 3 events.tsv >two.tsv
    nvc-null -e two.tsv series.tsv >out.tsv
    [ "$(cell value 'v["index"] == "psc_prestim" && v["side"] == "R"' <out.tsv)" = n/a ]
    [ "$(cell note 'v["index"] == "psc_prestim" && v["side"] == "R"' <out.tsv)" = few_onsets ]
    within psc_shifted R
    head -n 10 series.tsv >short.tsv
    printf 'onset\tduration\ttrial_type\n4\t3\tface\n' >one.tsv
    nvc-null -e one.tsv short.tsv >out.tsv
    [ "$(cell note 'v["index"] == "psc_shifted" && v["side"] == "R"' <out.tsv)" = overlap ]
}

@test "where two conditions alternate evenly the shifts of the second would repeat those of the first" {
    awk 'BEGIN { OFS = "\t"; print "onset", "duration", "trial_type"; for (k = 0; k < 12; k++) print 30 * k, 15, k % 2 ? "shape" : "face" }' >even.tsv
    nvc-null -e even.tsv series.tsv >out.tsv
    [ "$(cell note 'v["index"] == "psc_shifted" && v["side"] == "R" && v["contrast"] == "shape"' <out.tsv)" = repeats ]
    [ "$(cell value 'v["index"] == "psc_shifted" && v["side"] == "R" && v["contrast"] == "face"' <out.tsv)" != n/a ]
}

@test "a model that cannot be fitted is refused, or gives no rows where that is asked for" {
    awk 'BEGIN { OFS = "\t"; print "a", "b"; for (i = 0; i < 180; i++) print i % 7, 2 * (i % 7) }' >confounds.tsv
    run nvc-null -e events.tsv -c confounds.tsv --confounds a,b series.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"'a'"*"'b'"* ]]
    nvc-null -e events.tsv -c confounds.tsv --confounds a,b --where-possible series.tsv >out.tsv 2>said
    [ "$(wc -l <out.tsv)" = 1 ]
    grep -q 'no rows are written' said
    nvc-null -e events.tsv -c <(awk 'BEGIN { print "framewise_displacement"; for (i = 0; i < 180; i++) print 1 }') --confounds scrub:0.5 --where-possible series.tsv >out.tsv 2>said
    [ "$(wc -l <out.tsv)" = 1 ]
    { cat events.tsv; printf -- '-100\t1\tface\n500\t1\tface\n'; } >outside.tsv
    nvc-null -e outside.tsv series.tsv 2>said | awk -F '\t' '$12 + 0 == $12 { printf "%.6f\n", $12 }' >with
    nvc-null -e events.tsv series.tsv | awk -F '\t' '$12 + 0 == $12 { printf "%.6f\n", $12 }' | cmp - with
    [ -s with ]
    [ "$(wc -l <said)" = 2 ] # a line for each
    run nvc-null -e nowhere.tsv --where-possible series.tsv
    [ "$status" -eq 3 ]
}
