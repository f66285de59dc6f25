#!/usr/bin/env bats
# nvc-coupling: from the estimates of a run to one row per index.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    cat >glm.txt <<'END'
participant_id session task run space atlas region side contrast type weights effect se effect_pct se_pct stat df_num dof p z psc psc_se event_duration_s s0 noise ar ma sigma n_vol n_censored n_vox coverage tsnr note
sub-01 n/a faces n/a MNI tian BLA L face condition face 5 1 0.5 0.1 5 1 100 0 4.8 0.5 0.1 1 1000 ar1 0.3 n/a 1 200 0 30 0.9 50 n/a
sub-01 n/a faces n/a MNI tian BLA R face condition face 3 1 0.3 0.1 3 1 100 0 2.9 0.3 0.1 1 1000 ar1 0.3 n/a 1 200 0 32 0.8 40 n/a
sub-01 n/a faces n/a MNI tian BLA RL face condition face n/a n/a -0.2 0.06 n/a 1 100 0 -3.2 -0.2 0.06 1 n/a ar1 n/a n/a n/a 200 0 n/a n/a n/a n/a
sub-01 n/a faces n/a MNI tian BLA L diff t face-house 1 1 0.1 0.1 1 1 100 0.3 1.0 n/a n/a n/a 1000 ar1 0.3 n/a 1 200 0 30 0.9 50 n/a
sub-01 n/a faces n/a MNI tian BLA L any F [face;house] n/a n/a n/a n/a 9 2 100 0.001 n/a n/a n/a n/a 1000 ar1 0.3 n/a 1 200 0 30 0.9 50 n/a
END
    tr ' ' '\t' <glm.txt >glm.tsv
}

cell() { # FILE COLUMN CONDITION(awk over named columns as v["name"])
    awk -F '\t' -v want="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { for (n in at) v[n] = $at[n] } '"$3"' { print v[want] }' "$1"
}

@test "percent signal change keeps its error and gets the interval of its degrees of freedom" {
    nvc-coupling glm.tsv >out.tsv
    [ "$(cell out.tsv value 'v["index"] == "psc" && v["side"] == "L" && v["contrast"] == "face"')" = 0.5 ]
    [ "$(cell out.tsv ci_low 'v["index"] == "psc" && v["side"] == "L" && v["contrast"] == "face"' | cut -c 1-7)" = 0.30160 ]
    [ "$(cell out.tsv class 'v["index"] == "psc" && v["side"] == "L" && v["contrast"] == "face"')" = bold-response ]
}

@test "the difference of sides takes its error from the row in which the model gave it" {
    nvc-coupling glm.tsv >out.tsv
    [ "$(cell out.tsv value 'v["index"] == "psc_rl"')" = -0.2 ]
    [ "$(cell out.tsv se 'v["index"] == "psc_rl"')" = 0.06 ]
    [ "$(cell out.tsv coverage 'v["index"] == "psc_rl"')" = 0.8 ]
}

@test "without that row the error of the difference is n/a and the note says why" {
    grep -v '	RL	' glm.tsv | nvc-coupling >out.tsv
    [ "$(cell out.tsv se 'v["index"] == "psc_rl"')" = n/a ]
    [ "$(cell out.tsv note 'v["index"] == "psc_rl"')" = 'derived;covariance_unknown' ]
    [ "$(cell out.tsv value 'v["index"] == "psc" && v["side"] == "B"')" = n/a ]
}

@test "equal errors weight both sides alike in the bilateral mean" {
    nvc-coupling glm.tsv >out.tsv
    awk -v got="$(cell out.tsv value 'v["index"] == "psc" && v["side"] == "B"')" 'BEGIN { exit !(got > .3999999 && got < .4000001) }'
    # var = (vL vR - c^2) / vRL with c = (vL + vR - vRL) / 2
    awk -v got="$(cell out.tsv se 'v["index"] == "psc" && v["side"] == "B"')" 'BEGIN { c = (.02 - .0036) / 2; d = got - sqrt((.0001 - c * c) / .0036); exit !(d < 1e-12 && d > -1e-12) }'
}

@test "the laterality index is given only where both sides exceed twice their error" {
    nvc-coupling glm.tsv >out.tsv
    [ "$(cell out.tsv value 'v["index"] == "li_psc" && v["contrast"] == "face"' | cut -c 1-5)" = -0.25 ]
    sed 's/	0.3	0.1	1	1000/	0.15	0.1	1	1000/' glm.tsv | nvc-coupling >low.tsv
    [ "$(cell low.tsv value 'v["index"] == "li_psc"')" = n/a ]
    [ "$(cell low.tsv note 'v["index"] == "li_psc"')" = 'derived;li_undefined' ]
}

@test "an undefined percent signal change is a row with a note, and an F test is no row" {
    nvc-coupling glm.tsv >out.tsv
    [ "$(cell out.tsv note 'v["index"] == "psc" && v["contrast"] == "diff"')" = 'derived;psc_undefined' ]
    [ -z "$(cell out.tsv value 'v["contrast"] == "any"')" ]
}

@test "mean framewise displacement comes from the confounds, its first n/a left out" {
    printf 'trans_x\tframewise_displacement\n0\tn/a\n0\t0.1\n0\t0.3\n' >confounds.tsv
    nvc-coupling -c confounds.tsv glm.tsv >out.tsv
    [ "$(cell out.tsv mean_fd 'v["index"] == "psc_rl"')" = 0.2 ]
    printf 'trans_x\tframewise_displacment\n0\tn/a\n' >confounds.tsv
    run nvc-coupling -c confounds.tsv glm.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"framewise_displacement"*"framewise_displacment"* ]]
}

@test "a pipe and a file give the same bytes, and the file has a sidecar" {
    nvc-coupling <glm.tsv >pipe.tsv
    nvc-coupling -o file.tsv glm.tsv
    cmp pipe.tsv file.tsv
    grep -q '"psc"' file.json || grep -q '"value"' file.json
}

@test "a table of another kind is refused by the name of what it lacks" {
    printf 'onset\tduration\n1\t2\n' >events.tsv
    run nvc-coupling events.tsv
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == *events.tsv*participant_id* ]]
    grep -E '^participant_id|	F	' glm.tsv >only_f.tsv
    run nvc-coupling only_f.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"nothing to make an index of"* ]]
}
