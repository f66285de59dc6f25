#!/usr/bin/env bats
# nvc-balloon: the posterior of the haemodynamic model of a region.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    awk 'BEGIN { OFS = "\t"; print "time", "BLA_L", "BLA_R"
        for (i = 0; i < 120; i++) {
            t = 2 * i; y = 0
            for (on = 20; on < 220; on += 40) { u = t - on; if (u > 0 && u < 30) y += exp(5 * log(u / 5) - (u - 5)) }
            print t, 1000 + 10 * y + (i * 7919 % 13 - 6) / 6, 900 + (i * 104729 % 11 - 5) / 5 } }' >series.tsv
    printf 'onset\tduration\ttrial_type\n' >events.tsv
    for on in 20 60 100 140 180; do printf '%d\t1\tface\n' "$on"; done >>events.tsv
}

cell() { # COLUMN CONDITION, from the table on standard input
    awk -F '\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { for (n in at) v[n] = $at[n] } '"$2"' { print v[want] }'
}

@test "a region that responds has an efficacy beyond its error, one that does not has none" {
    nvc-balloon -e events.tsv --te 0.03 --field 3 series.tsv >out.tsv
    left=$(cell value 'v["index"] == "balloon_efficacy" && v["side"] == "L"' <out.tsv)
    low=$(cell ci_low 'v["index"] == "balloon_efficacy" && v["side"] == "L"' <out.tsv)
    right=$(cell ci_low 'v["index"] == "balloon_efficacy" && v["side"] == "R"' <out.tsv)
    awk "BEGIN { exit !($left > 0 && $low > 0 && $right < 0) }"
    [ "$(cell class 'v["index"] == "balloon_transit" && v["side"] == "L"' <out.tsv)" = model ]
}

@test "what the prior alone says is marked" {
    nvc-balloon -e events.tsv --te 0.03 --field 3 series.tsv >out.tsv
    [ "$(cell note 'v["index"] == "balloon_e0" && v["side"] == "R"' <out.tsv)" = prior_dominated ]
    [ "$(cell note 'v["index"] == "balloon_efficacy" && v["side"] == "L"' <out.tsv)" = n/a ]
}

@test "posterior, covariance and curves come in tables of their own" {
    nvc-balloon -e events.tsv --te 0.03 --field 3 --posterior p.tsv --covariance c.tsv --curves k.tsv -o out.tsv series.tsv
    [ "$(wc -l <p.tsv)" -eq 15 ]
    [ "$(wc -l <c.tsv)" -eq 57 ]
    grep -q 'kernel:face' k.tsv
    [ -s out.json ] && [ -s p.json ]
    sd=$(cell sd 'v["parameter"] == "decay" && v["side"] == "L"' <p.tsv)
    variance=$(cell covariance 'v["parameter_i"] == "decay" && v["parameter_j"] == "decay" && v["side"] == "L"' <c.tsv)
    awk "BEGIN { d = $sd * $sd / $variance - 1; exit !(d * d < 1e-20) }"
}

@test "echo time and field come from the sidecar, and are asked for where they are not" {
    printf '{"EchoTime": 0.03, "MagneticFieldStrength": 3}' >bold.json
    nvc-balloon -e events.tsv --json bold.json series.tsv >a.tsv
    nvc-balloon -e events.tsv --te 0.03 --field 3 - <series.tsv >b.tsv
    cmp a.tsv b.tsv
    run nvc-balloon -e events.tsv series.tsv
    [ "$status" -eq 2 ]
    [[ "$output" == *"echo time is unknown; give --te"* ]]
    printf '{"EchoTime": 30, "MagneticFieldStrength": 3}' >bold.json
    run nvc-balloon -e events.tsv --json bold.json series.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"looks like ms"* ]]
    run nvc-balloon -e events.tsv --json nowhere.json series.tsv
    [ "$status" -eq 3 ]
    [[ "$output" == "nvc-balloon: nowhere.json: cannot open:"* ]]
    run nvc-balloon -e events.tsv --te 0.03 --field 2 series.tsv
    [ "$status" -eq 2 ]
}

@test "events after the run are named" {
    printf '900\t1\tface\n' >>events.tsv
    run nvc-balloon -e events.tsv --te 0.03 --field 3 -o late.tsv series.tsv
    [ "$status" -eq 0 ]
    [[ "$output" == *"1 of 6 events begin at or after the end of the run (240 s)"* ]]
}

@test "a condition without an event inside the run is refused by name" {
    printf '900\t1\thouse\n' >>events.tsv
    run nvc-balloon -e events.tsv --te 0.03 --field 3 series.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"events.tsv: no event of condition 'house' lies inside the run"* ]]
}
