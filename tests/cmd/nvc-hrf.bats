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

@test "a region that does not vary is left out with a word, the others stay" {
    awk 'BEGIN { OFS = "\t" } NR > 1 { $3 = 7 } { print }' series.tsv >flat.tsv
    run nvc-hrf -e events.tsv -o out.tsv flat.tsv
    [ "$status" -eq 0 ]
    [[ "$output" == *"region BLA_R does not vary: left out"* ]]
    [ "$(cell side 'v["index"] == "ttp"' <out.tsv)" = L ]
}

@test "every method finds the response, and canonical its latency" {
    for m in fir smooth-fir canonical; do
        nvc-hrf -e events.tsv -m "$m" series.tsv >out.tsv
        near "$(cell value 'v["index"] == "ttp" && v["side"] == "L"' <out.tsv)" 5 0.3
        [ "$(cell ci_low 'v["index"] == "hrf_auc" && v["side"] == "L"' <out.tsv)" != n/a ]
        [ "$(cell note 'v["index"] == "ttp" && v["side"] == "R"' <out.tsv)" = no_response ]
    done
    near "$(cell value 'v["index"] == "hrf_latency" && v["side"] == "L"' <out.tsv)" 0 0.3
    [ "$(cell value 'v["index"] == "hrf_latency" && v["side"] == "R"' <out.tsv)" = n/a ]
    nvc-hrf -e events.tsv series.tsv >out.tsv
    run grep -c hrf_latency out.tsv
    [ "$output" -eq 0 ]
}

@test "a bootstrap gives the other intervals, a seed repeats it, and none is asked for with 0" {
    nvc-hrf -e events.tsv --seed 3 --bootstrap 40 series.tsv >a.tsv
    nvc-hrf -e events.tsv --seed 3 --bootstrap 40 - <series.tsv >b.tsv
    nvc-hrf -e events.tsv --seed 4 --bootstrap 40 series.tsv >c.tsv
    cmp a.tsv b.tsv
    run cmp -s a.tsv c.tsv
    [ "$status" -eq 1 ]
    nvc-hrf -e events.tsv --bootstrap 0 series.tsv >none.tsv
    [ "$(cell ci_low 'v["index"] == "hrf_onset" && v["side"] == "L"' <none.tsv)" = n/a ]
    [ "$(cell ci_low 'v["index"] == "undershoot" && v["side"] == "L"' <none.tsv)" = "$(cell ci_low 'v["index"] == "undershoot" && v["side"] == "L"' <a.tsv)" ]
    [ "$(cell ci_low 'v["index"] == "ttp" && v["side"] == "L"' <none.tsv)" = "$(cell ci_low 'v["index"] == "ttp" && v["side"] == "L"' <a.tsv)" ]
    nvc-hrf -e events.tsv --intervals bootstrap series.tsv >all.tsv
    low=$(cell ci_low 'v["index"] == "ttp" && v["side"] == "L"' <all.tsv)
    near "$low" "$(cell ci_low 'v["index"] == "ttp" && v["side"] == "L"' <a.tsv)" 0.1
}

@test "a modulator has a slope, and durations make conditions" {
    awk 'BEGIN { OFS = "\t" } NR == 1 { print $0, "rating"; next } { print $1, NR % 2 ? 1 : 3, $3, NR % 4 }' events.tsv >rated.tsv
    nvc-hrf -e rated.tsv --modulator rating series.tsv >out.tsv
    low=$(cell ci_low 'v["contrast"] == "face_x_rating" && v["side"] == "L"' <out.tsv)
    high=$(cell ci_high 'v["contrast"] == "face_x_rating" && v["side"] == "L"' <out.tsv)
    awk "BEGIN { exit !($low < $high) }"
    nvc-hrf -e rated.tsv --split-duration 2 series.tsv >out.tsv
    [ "$(cut -f 11 out.tsv | sort -u | tr '\n' ' ')" = "contrast face_ge2s face_lt2s " ]
    run nvc-hrf -e rated.tsv --modulator raing series.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *raing* ]]
    run nvc-hrf -e rated.tsv --split-duration short series.tsv
    [ "$status" -eq 2 ]
    [[ "$output" == *"--split-duration short: wanted seconds"* ]]
}

@test "figures are drawn in the kind of their name" {
    for k in png svg pdf; do nvc-hrf -e events.tsv --bootstrap 0 --figure "f.$k" -o out.tsv series.tsv; done
    [ "$(head -c 4 f.pdf)" = %PDF ]
    grep -q "<svg" f.svg
    [ "$(head -c 4 f.png | tail -c 3)" = PNG ]
    run nvc-hrf -e events.tsv --figure f.gif -o out.tsv series.tsv
    [ "$status" -eq 2 ]
}

@test "two outputs of one name are refused, and none is written over the run" {
    run nvc-hrf -e events.tsv --curves new.tsv -o new.tsv series.tsv
    [ "$status" -eq 2 ]
    [[ "$output" == *"--curves would write over --output, new.tsv; give it another name" ]]
    run nvc-hrf -e events.tsv --curves series.tsv series.tsv
    [ "$status" -eq 2 ]
}

@test "maps of a run hold what a table of its voxels holds, whatever the memory and the threads" {
    PATH=${builddir:?}/tests/cmd:$PATH
    nvc-simulate --tiny --cases 0 --controls 1 sim 2>/dev/null
    run=sim/sub-01/func/sub-01_task-faces
    nvc-hrf -e "${run}_events.tsv" --maps one "${run}"_space-*_bold.nii.gz
    nvc-hrf -e "${run}_events.tsv" --maps two -j 3 --memory 16 "${run}"_space-*_bold.nii.gz
    for f in one_*.gz; do cmp "$f" "two${f#one}"; done
    [ "$(find . -name 'one_contrast-face_stat-*_statmap.nii.gz' | wc -l)" -eq 4 ]
    [ -s one_contrast-face_stat-ttp_statmap.json ]
    run nvc-hrf -e "${run}_events.tsv" --maps no series.tsv
    [ "$status" -eq 1 ]
    run nvc-hrf -e "${run}_events.tsv" --maps nowhere/x "${run}"_space-*_bold.nii.gz
    [ "$status" -eq 3 ]
    sed 's/shape/fa-ce/' "${run}_events.tsv" >twins.tsv
    run nvc-hrf -e twins.tsv --maps twins "${run}"_space-*_bold.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"would both be called contrast-face"* ]]
    zcat "${run}"_space-*_bold.nii.gz >plain.nii
    restyle torn plain.nii torn.nii
    run nvc-hrf -e "${run}_events.tsv" --maps torn torn.nii
    [ "$status" -eq 1 ]
    [[ "$output" == *"--orientation sform|qform"* ]]
    nvc-hrf -e "${run}_events.tsv" --orientation sform --memory 16 --maps torn torn.nii
    cmp one_contrast-face_stat-ttp_statmap.nii.gz torn_contrast-face_stat-ttp_statmap.nii.gz
    nvc-hrf -e "${run}_events.tsv" --orientation qform --maps moved torn.nii
    run cmp -s one_contrast-face_stat-ttp_statmap.nii.gz moved_contrast-face_stat-ttp_statmap.nii.gz
    [ "$status" -eq 1 ]
}

@test "maps of a run without a signal are refused, not written full of NaN" {
    printf 'onset\tduration\ttrial_type\n0\t1\tface\n14\t1\tface\n30\t1\tface\n' >three.tsv
    PATH=${builddir:?}/tests/cmd:$PATH
    make_asl dead.nii.gz ffffffffffffffffffffffff flow=0
    run nvc-hrf -e three.tsv --maps dead dead.nii.gz
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" == *"no voxel has a signal" ]]
    [ -z "$(find . -name 'dead_*')" ]
}

@test "at rest only a width is given, with an interval that a seed repeats" {
    nvc-hrf --rest --bootstrap 20 series.tsv >a.tsv
    nvc-hrf --rest --bootstrap 20 - <series.tsv >b.tsv
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

@test "a censored volume is no event of the point process" {
    nvc-hrf --rest -m point-process series.tsv >all.tsv
    awk 'BEGIN { OFS = "\t"; print "framewise_displacement"; for (i = 0; i < 240; i++) print (i > 20 && i < 100 ? 1 : 0.1) }' >confounds.tsv
    nvc-hrf --rest -m point-process -c confounds.tsv --confounds scrub:0.5 series.tsv >some.tsv
    all=$(cell value 'v["index"] == "rshrf_events" && v["side"] == "L"' <all.tsv)
    some=$(cell value 'v["index"] == "rshrf_events" && v["side"] == "L"' <some.tsv)
    awk "BEGIN { exit !($some < 0.85 * $all && $some > 0) }"
}

@test "what is missing is asked for" {
    run nvc-hrf series.tsv
    [ "$status" -eq 2 ]
    [[ "$output" == *"give --events for a task, or --rest"* ]]
    for wrong in "-m sparse" "--rest" "-m fir --modulator x" "--maps m -m fir" "-b mask.nii" "--tr 2" "--orientation sform" "--lags l.tsv"; do
        # shellcheck disable=SC2086
        run nvc-hrf -e events.tsv $wrong series.tsv
        [ "$status" -eq 2 ]
    done
    run nvc-hrf --rest -m fir series.tsv
    [ "$status" -eq 2 ]
    [[ "$output" == *"--method fir goes with --events"* ]]
    for wrong in "--curves c.tsv" "--lags l.tsv" "-m point-process --min-lag 9"; do
        # shellcheck disable=SC2086
        run nvc-hrf --rest $wrong series.tsv
        [ "$status" -eq 2 ]
    done
    run nvc-hrf --rest -m point-process --min-lag 8 series.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"lags from 8 to 8 s hold fewer than 3 steps"* ]]
    head -3 events.tsv >few.tsv
    run nvc-hrf -e few.tsv series.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"condition 'face': 2 events are too few"* ]]
    printf 'onset\tduration\ttrial_type\n-90\t1\tface\n10\t1\tface\n30\t1\tface\n' >early.tsv
    run nvc-hrf -e early.tsv series.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"condition 'face': 2 events are too few"* ]]
    head -30 series.tsv >short.tsv
    run nvc-hrf --rest short.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"too few"* ]]
}
