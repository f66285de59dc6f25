#!/usr/bin/env bats
# nvc-hrf: the shape of the response of a region.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    # BLA_L answers every event with t^5 exp(-t) (peak 5 s, width 5.31 s); BLA_R is noise.
    awk 'BEGIN { OFS = "\t"; print "time", "BLA_L", "BLA_R"; srand(2)
        for (k = 0; k < 30; k++) on[k] = 10 + 15 * k + k * 37 % 11 / 2
        for (i = 0; i < 240; i++) {
            t = 2 * i; y = 0
            for (k = 0; k < 30; k++) { u = t - on[k]; if (u > 0 && u < 30) y += exp(5 * log(u / 5) - (u - 5)) }
            print t, 1000 + 10 * y + 2 * (rand() + rand() - 1), 900 + 5 * (rand() + rand() - 1) } }' >series.tsv
    awk 'BEGIN { OFS = "\t"; print "onset", "duration", "trial_type"
        for (k = 0; k < 30; k++) print 10 + 15 * k + k * 37 % 11 / 2 + 0.875, 0, "face" }' >events.tsv
}

cell() { # COLUMN CONDITION, from the table on standard input
    awk -F '\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { for (n in at) v[n] = $at[n] } '"$2"' { print v[want] }'
}

near() { # VALUE WANTED TOLERANCE
    awk "BEGIN { d = $1 - $2; exit !(d * d <= $3 * $3) }"
}

@test "a known response gives its time to peak, width and height, each inside its interval" {
    nvc-hrf -e events.tsv series.tsv >out.tsv
    near "$(cell value 'v["index"] == "ttp" && v["side"] == "L"' <out.tsv)" 5 0.15
    near "$(cell value 'v["index"] == "fwhm" && v["side"] == "L"' <out.tsv)" 5.31 0.3
    near "$(cell value 'v["index"] == "hrf_height" && v["side"] == "L"' <out.tsv)" 0.99 0.05
    low=$(cell ci_low 'v["index"] == "fwhm" && v["side"] == "L"' <out.tsv)
    high=$(cell ci_high 'v["index"] == "fwhm" && v["side"] == "L"' <out.tsv)
    awk "BEGIN { exit !($low < 5.31 && 5.31 < $high) }"
    [ "$(cell class 'v["index"] == "ttp" && v["side"] == "L"' <out.tsv)" = bold-shape ]
}

@test "noise has no time to peak, and the note says why" {
    nvc-hrf -e events.tsv series.tsv >out.tsv
    [ "$(cell value 'v["index"] == "ttp" && v["side"] == "R"' <out.tsv)" = n/a ]
    [ "$(cell note 'v["index"] == "fwhm" && v["side"] == "R"' <out.tsv)" = no_response ]
}

@test "height refers to the declared event" {
    nvc-hrf -e events.tsv --event-duration face=1 series.tsv >long.tsv
    near "$(cell value 'v["index"] == "hrf_height" && v["side"] == "L"' <long.tsv)" 0.99 0.06
    nvc-hrf -e events.tsv --event-duration 4 series.tsv >longer.tsv
    near "$(cell value 'v["index"] == "hrf_height" && v["side"] == "L"' <longer.tsv)" 3.7 0.3
}

@test "the curve is that of the indices" {
    nvc-hrf -e events.tsv --curves curves.tsv -o out.tsv series.tsv
    peak=$(awk -F '\t' '$2 == "L" && $5 > most { most = $5; at = $4 } END { print at }' curves.tsv)
    near "$peak" "$(cell value 'v["index"] == "ttp" && v["side"] == "L"' <out.tsv)" 0.06
    [ -s curves.json ]
}

@test "at rest only a width is given, with an interval that a seed repeats" {
    nvc-hrf --rest --bootstrap 10 series.tsv >a.tsv
    nvc-hrf --rest --bootstrap 10 - <series.tsv >b.tsv
    cmp a.tsv b.tsv
    run grep -c ttp a.tsv
    [ "$output" -eq 0 ]
    near "$(cell value 'v["index"] == "hrf_rest_fwhm_s" && v["side"] == "L"' <a.tsv)" 5.3 1.5
    [ "$(cell class 'v["index"] == "hrf_rest_fwhm_s" && v["side"] == "L"' <a.tsv)" = bold-shape ]
    [[ "$(cell note 'v["index"] == "hrf_rest_fwhm_s" && v["side"] == "L"' <a.tsv)" == assumes_sparse_input* ]]
}

@test "the published point process is there, with its lag curve, and is marked" {
    nvc-hrf --rest --method point-process --lags lags.tsv -o out.tsv series.tsv
    [ "$(cell note 'v["index"] == "rshrf_ttp" && v["side"] == "L"' <out.tsv)" = shape_not_identified ]
    [ "$(awk -F '\t' '$5 == 1' lags.tsv | wc -l)" -eq 2 ]
    nvc-hrf --rest --method point-process --compat rshrf series.tsv >compat.tsv
    run cmp -s out.tsv compat.tsv
    [ "$status" -eq 1 ]
}

@test "what is missing is asked for" {
    run nvc-hrf series.tsv
    [ "$status" -eq 2 ]
    [[ "$output" == *"give --events for a task, or --rest"* ]]
    head -3 events.tsv >few.tsv
    run nvc-hrf -e few.tsv series.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"condition 'face': 2 events are too few"* ]]
    head -30 series.tsv >short.tsv
    run nvc-hrf --rest short.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"too few"* ]]
}
