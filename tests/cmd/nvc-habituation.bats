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
