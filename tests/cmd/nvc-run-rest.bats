#!/usr/bin/env bats
# nvc-run on resting runs, and on studies that have both.

. "${srcdir:?}/tests/cmd/study.bash"

setup_file() {
    nvc-simulate -q --tiny --rest --cases 3 --controls 3 --volumes 120 --gain-case 0.2 --gain-sd 0 --noise 0.6 "$BATS_FILE_TMPDIR/study"
}

# Fewer confounds, since the runs are short; and few replicates.
chain() {
    nvc-run "$@" --confounds 6p --pass nvc-hrf:--bootstrap --pass nvc-hrf:20
}

name() { # PARTICIPANT TASK
    echo "sub-$1/func/sub-$1_task-$2_space-MNI152NLin2009cAsym_atlas-julich31ellipsoids_desc-nvc"
}

@test "people with a task and a resting run: both chains, one table, and what was planted at rest is found" {
    chain -q "$study" out participant --report
    for what in mask.nii.gz timeseries.tsv activity.tsv hrf.tsv qc.tsv qc.png; do
        [ -s "out/$(name 04 rest)_$what" ]
    done
    [ -s "out/$(name 04 faces)_coupling.tsv" ]
    [ ! -e "out/$(name 04 rest)_design.tsv" ]
    sed 's/<[^>]*>/ /g' out/sub-04.html >page
    grep -q 'lnalff' page && grep -q 'psc' page
    chain -q "$study" out group --case patient --covariates age,mean_fd
    # the task stays apart from the rest, and patients fluctuate less on both sides
    awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { task[$1] = task[$1] $at["task"] " " }
        $1 == "lnalff" { n++; bad += !($at["diff"] < -0.1 && $at["diff_ci_high"] < 0) }
        END { exit !(n == 2 && !bad && task["lnalff"] == "rest rest " && task["hrf_rest_fwhm_s"] == "rest rest " && task["psc"] ~ /^(faces )+$/) }' out/group/table.tsv
}

@test "typed by hand the commands of a resting run give the same bytes, and so do several jobs" {
    chain -q "$study" out participant --participant-label 02 --task-label rest
    before=$(contents out)
    sed -n 's/^\$ //p' out/logs/*.log >typed.sh
    [ "$(wc -l <typed.sh)" = 5 ]
    find out -name '*_desc-nvc_*' -delete
    sh -e typed.sh 2>/dev/null
    [ "$(contents out)" = "$before" ]
    chain "$study" out participant --participant-label 02 --task-label rest --force 2>&1 | grep -q '1 done'
    chain "$study" out participant --participant-label 02 2>&1 | grep -q '1 done, 1 unchanged'
    chain -q -j 3 "$study" jobs participant --participant-label 02
    same jobs out
}

@test "the confounds are taken out once: of the image and of the series as they were" {
    chain "$study" out participant --participant-label 01 --task-label rest --dry-run >plan
    grep -q 'nvc-activity .*-c .*_desc-confounds_timeseries.tsv --confounds 6p .*_desc-preproc_bold.nii.gz$' plan
    grep -q 'nvc-hrf --rest -c .*_desc-confounds_timeseries.tsv --confounds 6p .*_desc-nvc_timeseries.tsv$' plan
    [ "$(grep -c -e '--confounds' plan)" = 2 ]
    nvc-run "$study" out participant --participant-label 01 --rest-confounds 24p --dry-run >plan
    grep -q 'nvc-activity .*--confounds 24p ' plan
    grep -q 'nvc-design .*--confounds 24p,acompcor5,scrub:0.5 ' plan
    nvc-run "$study" out participant --participant-label 01 --no-confounds --dry-run >plan
    run grep -c -e '--confounds' plan
    [ "$output" = 0 ]
    run nvc-run "$study" out participant --no-confounds --rest-confounds 24p
    [ "$status" = 2 ]
}

@test "a resting run with events, and a task without, are named with what to do" {
    own_study
    mv own/sub-01/func/sub-01_task-faces_events.tsv own/sub-01/func/sub-01_task-rest_events.tsv
    run nvc-run own out participant --participant-label 01 --confounds 6p
    [ "$status" = 1 ]
    [[ $output == *"sub-01_task-faces_"*"no events.tsv"*"--rest"* ]]
    [[ $output == *"sub-01_task-rest_"*"it has an events.tsv: name the resting tasks with --rest"* ]]
    [[ $output == *"2 runs: 0 done, 0 unchanged, 2 failed"* ]]
    chain own out participant --participant-label 01 --rest rest,faces
    [ -s "out/$(name 01 rest)_activity.tsv" ]
    [ -s "out/$(name 01 faces)_activity.tsv" ]
    run grep -h -c events out/logs/*_task-rest_*.log
    [ "$output" = 0 ]
    run nvc-run own out participant --participant-label 02 --task-label rest --dummy-scans 2
    [ "$status" = 1 ]
    [[ $output == *"--dummy-scans is for runs with a task"* ]]
}

@test "several atlases: how far the indices of rest depend on them" {
    nvc-mask -q -r BLA --binary -g "$study"/sub-01/func/*_task-rest_*_bold.nii.gz -o atlas.nii.gz
    printf 'index\tname\n1\tamy_L\n2\tamy_R\n' >labels.tsv
    chain -q "$study" out participant --atlas builtin --atlas mine=atlas.nii.gz,labels.tsv,BLA=amy --participant-label 01 --task-label rest
    cut -f 9 out/sub-01/func/*_task-rest_*_atlas-all_desc-nvc_coupling.tsv | grep -qx lnalff_spread
}
