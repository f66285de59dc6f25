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

# A map of flow and one of activity, on the grid of make_image, with regions.
maps() {
    PATH=${builddir:?}/tests/cmd:$PATH
    make_image brain brain.nii.gz
    nvc-mask -q -g brain.nii.gz -o mask.nii.gz
    make_asl flow.nii.gz f flow=50 noise=4
    make_image run run.nii.gz
    nvc-activity -q -m mask.nii.gz --brain-mask brain.nii.gz --reho none --maps rest --bids-name sub-01_bold - <run.nii.gz >rest.tsv
    nvc-cbf -q -m mask.nii.gz --grey brain.nii.gz --cbf-map flow.nii.gz --bids-name sub-01_asl >flow.tsv
}
map_options=(-m mask.nii.gz --cbf flow.nii.gz --activity alff=rest_stat-alff_boldmap.nii.gz)

@test "maps of flow and activity give every index with its class, unit and an interval or a note" {
    maps
    nvc-coupling "${map_options[@]}" --grey brain.nii.gz >out.tsv
    [ "$(cell out.tsv index 'v["side"] == "L"' | tr '\n' ' ')" = "nvc_r_alff nvc_z_alff nvc_neff_alff nvc_rpartial_alff nvc_logratio_alff nvc_ratio_alff imco_alff imco_r2_alff " ]
    [ "$(cell out.tsv class 1 | sort -u)" = coupling ]
    [ -z "$(cell out.tsv index 'v["ci_low"] == "n/a" && v["note"] == "n/a"')" ]
    [ "$(cell out.tsv note 'v["index"] == "nvc_logratio_alff" && v["side"] == "L"')" = flow_error_unknown ]
}

@test "local coupling comes as maps of slope and R2, too" {
    maps
    nvc-coupling "${map_options[@]}" --grey brain.nii.gz --bids-name sub-01 --imco-maps local >out.tsv
    [ "$(voxel_values local_imco-alff_slope.nii.gz 0 0 0)" = nan ]
    voxel_values local_imco-alff_r2.nii.gz 20 20 20 | awk '{ exit !($1 >= 0 && $1 <= 1) }'
    grep -q '"NoiseRatio": "assumed"' local_imco-alff_slope.json
    run nvc-coupling --imco-maps local glm.tsv
    [ "$status" -eq 2 ]
}

@test "rows from maps belong to somebody: by name, by the rows beside them, or with a warning" {
    maps
    nvc-coupling "${map_options[@]}" 2>said >out.tsv
    grep -q 'warning: flow.nii.gz:.*--bids-name' said
    nvc-coupling "${map_options[@]}" --rows flow.tsv 2>said >out.tsv
    [ ! -s said ]
    [ "$(cell out.tsv participant_id 1 | sort -u)" = sub-01 ]
    nvc-coupling "${map_options[@]}" --bids-name sub-02_ses-1 >out.tsv
    [ "$(cell out.tsv participant_id 1 | sort -u)" = sub-02 ]
}

@test "zero-padded volumes correlate whatever the region does, and the option says so" {
    maps
    nvc-coupling "${map_options[@]}" --compat mica >out.tsv 2>said
    grep -q 'warning.*+0.924.*-0.875' said
    awk -v r="$(cell out.tsv value 'v["index"] == "mica_r_alff" && v["side"] == "L"')" 'BEGIN { exit !(r > 0.9) }'
    awk -v r="$(cell out.tsv value 'v["index"] == "nvc_r_alff" && v["side"] == "L"')" 'BEGIN { exit !(r < 0.5 && r > -0.5) }'
}

@test "rows of flow and activity make ratios without any map" {
    maps
    nvc-coupling --rows flow.tsv --rows rest.tsv >out.tsv
    [ "$(cell out.tsv class 'v["index"] == "nvc_logratio_alff" && v["side"] == "L"')" = coupling ]
    nvc-activity -q -m mask.nii.gz --brain-mask brain.nii.gz --grey-mask brain.nii.gz --bids-name sub-01_bold - <run.nii.gz >grey.tsv
    nvc-coupling --rows flow.tsv --rows grey.tsv >four.tsv
    [ "$(cell grey.tsv index 'v["region"] == "GM"' | tr '\n' ' ')" = "alff falff rsfa reho " ]
    for index in alff falff reho; do # each against its own grey matter
        awk -v l="$(cell four.tsv value "v[\"index\"] == \"nvc_ratio_$index\" && v[\"side\"] == \"L\"")" \
            -v a="$(cell grey.tsv value "v[\"index\"] == \"$index\" && v[\"side\"] == \"L\"")" -v b="$(cell grey.tsv value "v[\"index\"] == \"$index\" && v[\"region\"] == \"GM\"")" \
            -v c="$(cell flow.tsv value 'v["index"] == "cbf" && v["side"] == "L"')" -v d="$(cell flow.tsv value 'v["index"] == "cbf" && v["region"] == "GM"')" \
            'BEGIN { x = l / (c / d) * (a / b); exit !(x > 0.98 && x < 1.02) }'
    done
    [ "$(cell four.tsv note 'v["index"] == "nvc_logratio_reho" && v["side"] == "L"')" = flow_error_unknown ]
    sed 's/^sub-01/sub-09/' rest.tsv >other.tsv
    run nvc-coupling --rows flow.tsv --rows other.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"one person"* ]]
    run nvc-coupling --rows rest.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"no region has both"* ]]
}

@test "a response is scaled by the vessels of its region, but not by a denominator that may be 0" {
    printf 'participant_id\tregion\tside\tindex\tvalue\tse\n' >cvr.tsv
    printf 'sub-01\tBLA\tL\tcvr\t0.25\t0.02\nsub-01\tBLA\tR\tcvr\t0.03\t0.02\n' >>cvr.tsv
    nvc-coupling --rows cvr.tsv glm.tsv >out.tsv
    [ "$(cell out.tsv value 'v["index"] == "psc_per_cvr" && v["side"] == "L" && v["contrast"] == "face"')" = 2 ]
    [ "$(cell out.tsv unit 'v["index"] == "psc_per_cvr" && v["side"] == "L" && v["contrast"] == "face"')" = mmHg ]
    [ "$(cell out.tsv value 'v["index"] == "psc_per_cvr" && v["side"] == "R"')" = n/a ]
    [ "$(cell out.tsv note 'v["index"] == "psc_per_cvr" && v["side"] == "R"')" = 'derived;denominator_small' ]
    nvc-coupling glm.tsv >plain.tsv
    grep -v psc_per out.tsv | cmp - plain.tsv
}

@test "a calibrated run gives M, CMRO2 and n with intervals" {
    sed 's/	face	/	co2	/g' glm.tsv | grep -v diff | grep -v any | sed 's/	0.5	0.1	1	1000/	2.5	0.1	1	1000/' >co2.tsv
    { cat glm.tsv; tail -n +2 co2.tsv; } >both.tsv
    sed 's/	0.5	0.1	1	1000/	40	3	1	1000/; s/	2.5	0.1	1	1000/	45	3	1	1000/; s/	0.3	0.1	1	1000/	30	3	1	1000/' both.tsv >flow.tsv
    nvc-coupling --flow-glm flow.tsv --co2 co2 both.tsv >out.tsv
    awk -v m="$(cell out.tsv value 'v["index"] == "davis_m" && v["side"] == "L"')" 'BEGIN { exit !(m > 7.45 && m < 7.4516) }'
    awk -v n="$(cell out.tsv value 'v["index"] == "nvc_n" && v["side"] == "L"')" -v low="$(cell out.tsv ci_low 'v["index"] == "nvc_n" && v["side"] == "L"')" \
        'BEGIN { exit !(low < n) }'
    run nvc-coupling --flow-glm flow.tsv --co2 air both.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"'air'"* ]]
}

@test "flow and BOLD series of one run correlate through time" {
    awk 'BEGIN { print "time\tBLA_L"; srand(3); for (t = 0; t < 60; t++) printf "%g\t%g\n", 4 * t, 10 + (x[t] = rand()) }' >flow.tsv
    awk 'BEGIN { print "time\tBLA_L"; srand(3); for (t = 0; t < 60; t++) printf "%g\t%g\n", 4 * t, 1000 + 5 * rand() }' >bold.tsv
    nvc-coupling --flow-series flow.tsv --bold-series bold.tsv >out.tsv
    awk -v r="$(cell out.tsv value 'v["index"] == "nvc_rt"')" 'BEGIN { exit !(r > 0.999) }'
    [ "$(cell out.tsv value 'v["index"] == "nvc_rt_lag"')" = 0 ]
    head -n 30 bold.tsv >short.tsv
    run nvc-coupling --flow-series flow.tsv --bold-series short.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"60 volumes"*"29"* ]]
}

@test "a name of activity is plain and stands once" {
    for wrong in '<b>=a.nii' 'a b=a.nii' '=a.nii' 'alff='; do
        run nvc-coupling -m mask.nii.gz --cbf flow.nii.gz --activity "$wrong"
        [ "$status" -eq 2 ]
        [[ "$output" == *"NAME=MAP is wanted"* ]]
    done
    run nvc-coupling -m mask.nii.gz --cbf flow.nii.gz --activity alff=a.nii --activity alff=b.nii
    [ "$status" -eq 2 ]
    [[ "$output" == *"rows of one name"* ]]
}

@test "parcels draw the flow line, few parcels do not, and neither do maps of another grid" {
    maps
    nvc-coupling "${map_options[@]}" --parcels mask.nii.gz >out.tsv
    [ "$(cell out.tsv note 'v["index"] == "nvc_residual" && v["side"] == "L"')" = few_parcels ]
    printf 'participant_id\tregion\tside\tindex\tvalue\tse\tcoverage\n' >parcels.tsv
    awk 'BEGIN { OFS = "\t"; for (i = 0; i < 60; i++) { c = 40 + i; print "n/a?", "P" i, "L", "cbf", c, 1, 1; print "n/a?", "P" i, "L", "alff", 3 * (c / 60) ^ 0.5, "n/a", 1 } }' |
        sed 's/n.a?/sub-01/' >>parcels.tsv
    printf 'participant_id\tregion\tside\tindex\tvalue\tse\tcoverage\n' >own.tsv
    printf 'sub-01\tBLA\tL\tcbf\t60\t2\t1\nsub-01\tBLA\tL\talff\t3.6\tn/a\t1\nsub-01\tBLA\tL\tlnalff\t0.1\t0.03\t1\n' >>own.tsv
    nvc-coupling --rows own.tsv --parcel-rows parcels.tsv >line.tsv
    awk -v e="$(cell line.tsv value 'v["index"] == "nvc_residual"')" 'BEGIN { exit !(e > 0.178 && e < 0.186) }' # ln 1.2, the line's slope a little over .5
    make_image brain other.nii.gz 4
    run nvc-coupling "${map_options[@]}" --grey other.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *other.nii.gz*flow.nii.gz* ]]
}

@test "halves of maps give the reliability of each map, of the class of the map, and halves of every index" {
    maps
    make_asl odd.nii.gz f flow=50 noise=6 seed=2
    make_asl even.nii.gz f flow=50 noise=6 seed=3
    cp rest_stat-alff_boldmap.nii.gz first.nii.gz
    cp rest_stat-falff_boldmap.nii.gz second.nii.gz
    half_options=(--cbf-half odd.nii.gz --cbf-half even.nii.gz --activity-half alff=first.nii.gz --activity-half alff=second.nii.gz)
    nvc-coupling "${map_options[@]}" "${half_options[@]}" --halves halves.tsv --bids-name sub-01_run-02_asl >out.tsv
    [ "$(cell out.tsv class 'v["index"] == "rel_cbf" && v["side"] == "L"')" = perfusion ]
    [ "$(cell out.tsv class 'v["index"] == "rel_alff" && v["side"] == "L"')" = bold-fluctuation ]
    [ "$(cut -f 4 halves.tsv | sort -u | tr '\n' ' ')" = '02-even 02-odd run ' ]
    # a half is what its maps give by themselves
    nvc-coupling -m mask.nii.gz --cbf even.nii.gz --activity alff=second.nii.gz --bids-name sub-01_run-02_asl >even.tsv
    [ "$(cell even.tsv value 'v["index"] == "nvc_r_alff" && v["side"] == "L"')" = "$(cell halves.tsv value 'v["index"] == "nvc_r_alff" && v["side"] == "L" && v["run"] == "02-even"')" ]
    [ "$(cell even.tsv value 'v["index"] == "nvc_logratio_alff" && v["side"] == "R"')" = "$(cell halves.tsv value 'v["index"] == "nvc_logratio_alff" && v["side"] == "R" && v["run"] == "02-even"')" ]
    run grep -c rel_ halves.tsv
    [ "$output" -eq 0 ]
    run nvc-coupling "${map_options[@]}" --halves halves.tsv
    [ "$status" -eq 2 ]
    [[ "$output" == *"--halves goes with --cbf-half and --activity-half"* ]]
}

@test "options that lack their partner are refused before anything is read" {
    for wrong in '--cbf x.nii' '-m x.nii' '--flow-series x.tsv' '--co2 air' '--parcel-rows x.tsv' '--cbf x.nii --activity x.nii -m x.nii' \
        '--cbf x.nii --activity a=x.nii -m x.nii --cbf-half x.nii' '--cbf x.nii --activity a=x.nii -m x.nii --activity-half a=x.nii' '--rows x.tsv -c x.tsv'; do
        # shellcheck disable=SC2086
        run nvc-coupling $wrong
        [ "$status" -eq 2 ]
    done
}

@test "a region minus its control has the error of the series of their difference" {
    printf 'onset\tduration\ttrial_type\n20\t10\tface\n60\t10\tface\n100\t10\tface\n' >events.tsv
    awk 'BEGIN { srand(5); n = 80
        for (t = 0; t < n; t++) { a[t] = (c = 6 * rand()) + 4 * rand(); b[t] = 0.7 * c + 3 * rand(); ma += a[t] / n; mb += b[t] / n }
        print "time\tBLA_L\tCM_L\tD_L"
        for (t = 0; t < n; t++) { a[t] += 1000 - ma; b[t] += 1000 - mb; printf "%g\t%.12g\t%.12g\t%.12g\n", 2 * t, a[t], b[t], 1000 + a[t] - b[t] } }' >series.tsv
    nvc-glm -e events.tsv --noise ols --minus CM --bids-name sub-01_task-x_bold.nii.gz series.tsv >both.tsv
    nvc-coupling both.tsv >out.tsv
    [ "$(cell out.tsv class 'v["index"] == "psc_minus" && v["region"] == "BLA-CM"')" = bold-response ]
    [ "$(cell out.tsv index 'v["region"] == "BLA-CM"')" = psc_minus ] # one row: no z, no sides
    for what in value se; do
        awk -v x="$(cell out.tsv $what 'v["index"] == "psc_minus" && v["region"] == "BLA-CM"')" \
            -v y="$(cell out.tsv $what 'v["index"] == "psc" && v["region"] == "D"')" 'BEGIN { exit !(x / y > 1 - 1e-6 && x / y < 1 + 1e-6) }'
    done
    run nvc-glm -e events.tsv --minus XY series.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"'XY'"*"--minus"* ]]
}
