#!/usr/bin/env bats
# nvc-habituation: how a response changes from block to block.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    # Five blocks of 12 s every 60 s whose response shrinks by a fifth of the first each time; BLA_R does not respond.
    awk 'BEGIN { OFS = "\t"; print "time", "BLA_L", "BLA_R"; srand(3)
        for (i = 0; i < 160; i++) {
            t = 2 * i + 0.875; y = 0
            for (k = 0; k < 5; k++)
                for (s = 0; s < 12; s += 0.5) { u = t - 20 - 60 * k - s; if (u > 0 && u < 30) y += (1 - k / 5) * exp(5 * log(u / 5) - (u - 5)) / 10 }
            print 2 * i, 1000 + 10 * y + (rand() + rand() - 1), 900 + (rand() + rand() - 1) } }' >series.tsv
    printf 'onset\tduration\ttrial_type\n' >events.tsv
    for k in 0 1 2 3 4; do printf '%d\t12\tface\n' $((20 + 60 * k)); done >>events.tsv
}

cell() { # COLUMN CONDITION, from the table on standard input
    awk -F '\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { for (n in at) v[n] = $at[n] } '"$2"' { print v[want] }'
}

@test "a response that shrinks has a negative slope and its decrement" {
    nvc-habituation -e events.tsv series.tsv >out.tsv
    first=$(cell value 'v["index"] == "psc_first" && v["side"] == "L"' <out.tsv)
    slope=$(cell value 'v["index"] == "habituation" && v["side"] == "L"' <out.tsv)
    high=$(cell ci_high 'v["index"] == "habituation" && v["side"] == "L"' <out.tsv)
    decrement=$(cell value 'v["index"] == "habituation_decrement" && v["side"] == "L"' <out.tsv)
    awk "BEGIN { a = $slope / $first + 0.2; b = $decrement - 80; exit !(a * a < 0.0004 && $high < 0 && b * b < 9) }"
    [ "$(cell class 'v["index"] == "habituation" && v["side"] == "L"' <out.tsv)" = bold-response ]
}

@test "without a response the decrement is n/a" {
    nvc-habituation -e events.tsv series.tsv >out.tsv
    [ "$(cell value 'v["index"] == "habituation_decrement" && v["side"] == "R"' <out.tsv)" = n/a ]
    [ "$(cell note 'v["index"] == "habituation_decrement" && v["side"] == "R"' <out.tsv)" = weak_response ]
}

trials() { # 24 events 14 s apart whose response loses 0.03 of the first each time; $1: seed
    awk -v seed="$1" 'BEGIN { OFS = "\t"; print "time", "BLA_L"; srand(seed); gain = 0.6 + rand()
        for (i = 0; i < 190; i++) {
            t = 2 * i + 0.875; y = 0
            for (k = 0; k < 24; k++) { u = t - 10 - 14 * k - k % 3; if (u > 0 && u < 30) y += gain * (1 - 0.03 * k) * exp(5 * log(u / 5) - (u - 5)) }
            print 2 * i, 1000 + 10 * y + 2 * (rand() + rand() - 1) } }' >trials.tsv
    printf 'onset\tduration\ttrial_type\n' >trial_events.tsv
    for k in $(seq 0 23); do printf '%d\t0.5\tface\n' $((10 + 14 * k + k % 3)); done >>trial_events.tsv
}

@test "trials have a slope, a decrement and halves of their own" {
    trials 1
    nvc-habituation -e trial_events.tsv --block-gap 30 trials.tsv >out.tsv
    run grep -c psc_first$'\t' out.tsv
    [ "$output" -eq 0 ]
    slope=$(cell value 'v["index"] == "habituation_trial"' <out.tsv)
    first=$(cell value 'v["index"] == "psc_first_trial"' <out.tsv)
    awk "BEGIN { d = $slope / $first + 0.03; exit !(d * d < 0.004 * 0.004) }"
    decrement=$(cell value 'v["index"] == "habituation_trial_decrement"' <out.tsv)
    awk "BEGIN { d = $decrement - 69; exit !(d * d < 64) }"
    [ "$(cell unit 'v["index"] == "habituation_trial"' <out.tsv)" = %/trial ]
    nvc-habituation -e trial_events.tsv trials.tsv >blocks.tsv # a gap of 8 s: every trial is a block
    run grep -c trial$'\t' blocks.tsv
    [ "$output" -eq 0 ]
}

@test "a trial after the end of the run is left out, its number stays" {
    trials 1
    nvc-habituation -e trial_events.tsv --block-gap 30 trials.tsv >all.tsv
    printf '5000\t0.5\tface\n' >>trial_events.tsv
    nvc-habituation -e trial_events.tsv --block-gap 9000 trials.tsv >some.tsv
    x=$(cell value 'v["index"] == "habituation_trial"' <some.tsv)
    y=$(cell value 'v["index"] == "habituation_trial"' <all.tsv)
    awk "BEGIN { d = $x / $y - 1; exit !(d * d < 1e-16) }"
}

@test "the halves of a cohort give its reliability" {
    : >halves.tsv
    for id in 1 2 3 4 5 6; do
        trials "$id"
        { printf '#nvc {"table":"series","tr_s":2,"n_volumes":190,"participant_id":"sub-0%s","regions":[{"column":"BLA_L","region":"BLA","side":"L"}]}\n' "$id"
          cat trials.tsv; } >one.tsv
        nvc-habituation -e trial_events.tsv --block-gap 30 --halves "half$id.tsv" -o out.tsv one.tsv
    done
    nvc-reliability --by run half?.tsv >reliability.tsv
    awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } $at["index"] == "psc" { found = 1; good = $at["n"] == 6 && $at["icc31"] > 0.8 }
        END { exit !(found && good) }' reliability.tsv || { head -2 reliability.tsv; false; }
}

@test "threads, pipes and the scale of the series change nothing that should not change" {
    nvc-habituation -e events.tsv series.tsv >a.tsv
    nvc-habituation -e events.tsv -j 2 - <series.tsv >b.tsv
    cmp a.tsv b.tsv
    awk 'BEGIN { OFS = "\t"; CONVFMT = OFMT = "%.15g" } NR > 1 { $2 *= 4; $3 *= 4 } { print }' series.tsv >scaled.tsv
    nvc-habituation -e events.tsv scaled.tsv >c.tsv
    x=$(cell value 'v["index"] == "habituation" && v["side"] == "L"' <a.tsv)
    y=$(cell value 'v["index"] == "habituation" && v["side"] == "L"' <c.tsv)
    awk "BEGIN { d = $x / $y - 1; exit !(d * d < 1e-10) }"
}

@test "two blocks have no curvature, one block no slope" {
    head -3 events.tsv >two.tsv
    nvc-habituation -e two.tsv series.tsv >out.tsv
    [ "$(cell note 'v["index"] == "habituation_quadratic" && v["side"] == "L"' <out.tsv)" = few_blocks ]
    head -2 events.tsv >one.tsv
    run nvc-habituation -e one.tsv series.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"one.tsv: no condition has two blocks"* ]]
}
