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

massed() { # four blocks of eight faces and of eight houses, a second apart; two sides that share their noise
    awk 'BEGIN { OFS = "\t"; print "onset", "duration", "trial_type"
        for (b = 0; b < 8; b++) for (k = 0; k < 8; k++) print 12 + 28 * b + k, 0.5, (b % 2 ? "house" : "face") }' >massed_events.tsv
    { printf '#nvc {"table":"series","tr_s":2,"n_volumes":120,"participant_id":"sub-01","run":"02","regions":[{"column":"BLA_L","region":"BLA","side":"L"},{"column":"BLA_R","region":"BLA","side":"R"},{"column":"CM_L","region":"CM","side":"L"}]}\n'
      awk 'BEGIN { OFS = "\t"; print "time", "BLA_L", "BLA_R", "CM_L"; srand(7)
        for (i = 0; i < 120; i++) {
            t = 2 * i + 0.875; y = 0
            for (b = 0; b < 8; b++) for (k = 0; k < 8; k++) { u = t - 12 - 28 * b - k; if (u > 0 && u < 30) y += (b % 2 ? 0.5 : 1) * exp(5 * log(u / 5) - (u - 5)) / 4 }
            c = rand()
            print 2 * i, 1000 + 4 * y + 2 * (rand() + c), 900 + 4 * y + 2 * (rand() + c), 950 + 2 * rand() } }'; } >massed.tsv
}

@test "halves are those of blocks where trials cannot be told apart" {
    massed
    nvc-habituation -e massed_events.tsv --halves halves.tsv massed.tsv >out.tsv
    nvc-glm -e massed_events.tsv massed.tsv >glm.tsv
    whole=$(cell psc_se 'v["contrast"] == "face" && v["side"] == "L" && v["region"] == "BLA"' <glm.tsv)
    for half in odd even; do
        se=$(cell se 'v["run"] == "02-'$half'" && v["index"] == "psc" && v["contrast"] == "face" && v["side"] == "L" && v["region"] == "BLA"' <halves.tsv)
        awk "BEGIN { exit !($se > $whole && $se < 2.5 * $whole) }" || { echo "$half: $se, whole $whole"; false; }
    done
}

@test "halves of contrasts, of both sides together and of a difference of regions average to the effect" {
    massed
    nvc-habituation -e massed_events.tsv -C 'face - house' --minus CM --halves halves.tsv massed.tsv >out.tsv
    nvc-glm -e massed_events.tsv -C 'face - house' --minus CM massed.tsv | nvc-coupling >coupling.tsv
    for what in 'v["side"] == "B" && v["index"] == "psc" && v["contrast"] == "face-house"' 'v["side"] == "B" && v["index"] == "psc" && v["contrast"] == "house"' \
        'v["side"] == "RL" && v["index"] == "psc_rl" && v["contrast"] == "face"' 'v["region"] == "BLA-CM" && v["index"] == "psc_minus" && v["contrast"] == "face-house"'; do
        odd=$(cell value 'v["run"] == "02-odd" && '"$what" <halves.tsv)
        even=$(cell value 'v["run"] == "02-even" && '"$what" <halves.tsv)
        effect=$(cell value "$what" <coupling.tsv)
        se=$(cell se "$what" <coupling.tsv)
        awk "BEGIN { d = ($odd + $even) / 2 - $effect; exit !(d * d < $se * $se / 4) }" || { echo "$what: $odd $even $effect"; false; }
    done
    # no row of the other half, nor of what has none
    run grep -c '@' halves.tsv
    [ "$output" -eq 0 ]
}

@test "a contrast has slopes: those of its conditions, subtracted" {
    massed
    nvc-habituation -e massed_events.tsv -C 'face - house' massed.tsv >out.tsv
    for index in habituation habituation_log habituation_trial psc_first psc_last_trial; do
        for c in face house face-house; do
            eval "v_${c//-/_}=$(cell value 'v["index"] == "'$index'" && v["contrast"] == "'$c'" && v["side"] == "R"' <out.tsv)"
        done
        # shellcheck disable=SC2154
        awk "BEGIN { d = $v_face - $v_house - $v_face_house; exit !(d * d < 1e-3 * ($v_face_house) ^ 2) }" || { echo "$index: $v_face - $v_house = $v_face_house"; false; }
    done
    [ "$(cell note 'v["index"] == "habituation" && v["contrast"] == "face-house" && v["side"] == "R"' <out.tsv)" = derived ]
}

@test "more trials than volumes, blocks that cannot be parted: what can be told is told" {
    awk 'BEGIN { OFS = "\t"; print "onset", "duration", "trial_type"; for (k = 0; k < 200; k++) print 6 + 1.5 * k, 0.2, (k % 4 < 2 ? "face" : "house") }' >many.tsv
    nvc-habituation -e many.tsv --halves halves.tsv series.tsv >out.tsv # one block each
    [ "$(grep -c habituation_trial$'\t' out.tsv)" -eq 4 ]
    [ "$(cut -f 4 halves.tsv | sort | uniq -c | wc -l)" -eq 3 ]
    run nvc-habituation -e many.tsv --block-gap 0.1 --halves halves.tsv -o out.tsv series.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"blocks: the design has"* ]]
    nvc-habituation -e many.tsv --block-gap 0.1 --where-possible --halves halves.tsv -o out.tsv series.tsv 2>messages
    grep -q 'blocks: .*left out' messages
    [ "$(grep -c habituation_trial$'\t' out.tsv)" -eq 4 ]
    [ "$(cut -f 4 halves.tsv | sort | uniq -c | wc -l)" -eq 3 ]
}

@test "halves, slopes and the response are of the model that is asked for" {
    massed
    for noise in ols ar1 ar1-reml; do
        nvc-habituation -e massed_events.tsv -n $noise --hrf glover+derivative --halves halves.tsv massed.tsv >out.tsv
        [ "$(cell noise 'v["index"] == "habituation" && v["contrast"] == "face" && v["side"] == "R"' <out.tsv)" = $noise ]
        [ "$(cell noise 'v["index"] == "psc" && v["contrast"] == "face" && v["run"] == "02-odd" && v["side"] == "R"' <halves.tsv)" = $noise ]
    done
    run nvc-habituation -e massed_events.tsv --hrf fir:20,2 massed.tsv
    [ "$status" -eq 2 ]
    [[ "$output" == *"no single height"* ]]
    nvc-habituation -e massed_events.tsv --hrf fir:20,2 --where-possible --halves halves.tsv massed.tsv >out.tsv 2>messages
    [ "$(wc -l <out.tsv)" -eq 1 ]
    [ "$(wc -l <halves.tsv)" -eq 1 ]
    grep -q 'no single height' messages
}

@test "a contrast of other columns, an F test and a name given twice are refused, or left out where possible" {
    massed
    for contrast in 'face - hous' '[face; house]' 'face = house'; do
        run nvc-habituation -e massed_events.tsv -C "$contrast" massed.tsv
        [ "$status" -eq 1 ]
        [[ "$output" == *"$contrast"* ]]
        nvc-habituation -e massed_events.tsv -C "$contrast" --where-possible massed.tsv >out.tsv 2>messages
        grep -q 'left out' messages
        grep -q habituation out.tsv
    done
    run nvc-habituation -e massed_events.tsv --event-duration fase=2 massed.tsv
    [ "$status" -eq 2 ]
    [[ "$output" == *"fase"* ]]
}

@test "a series that does not vary has no slopes and no halves, two tables do not share standard output" {
    awk 'BEGIN { OFS = "\t" } NR > 1 { $3 = 900 } { print }' series.tsv >constant.tsv
    nvc-habituation -e events.tsv --halves halves.tsv constant.tsv >out.tsv
    [ "$(cell value 'v["side"] == "R"' <out.tsv | sort -u)" = n/a ]
    [ "$(cell note 'v["side"] == "R"' <out.tsv | sort -u)" = not_estimable ]
    [ "$(cell value 'v["side"] == "R"' <halves.tsv | sort -u)" = n/a ]
    [ "$(cell value 'v["side"] == "L" && v["index"] == "psc"' <halves.tsv | grep -vc n/a)" = 2 ]
    run nvc-habituation -e events.tsv --halves - series.tsv
    [ "$status" -eq 2 ]
    [[ "$output" == *"--halves and --output would both go to standard output"* ]]
}
