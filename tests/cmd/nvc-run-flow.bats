#!/usr/bin/env bats
# nvc-run on perfusion, and on perfusion with rest.

. "${srcdir:?}/tests/cmd/study.bash"

setup_file() {
    nvc-simulate -q --tiny --rest --asl --cases 3 --controls 3 --volumes 120 --gain-case 0.2 --gain-sd 0 --noise 0.6 "$BATS_FILE_TMPDIR/study"
}

blocks=blocks=$BATS_FILE_TMPDIR/study/tpl-MNI152NLin2009cAsym_atlas-blocks_dseg.nii.gz
space="space-MNI152NLin2009cAsym"

# Fewer confounds, since the runs are short; and few replicates.
chain() {
    nvc-run "$@" --task-label rest --confounds 6p --pass nvc-hrf:--bootstrap --pass nvc-hrf:20 --pass nvc-coupling:--bootstrap --pass nvc-coupling:20
}

rest() { # PARTICIPANT
    echo "sub-$1/func/sub-$1_task-rest_${space}_atlas-julich31ellipsoids"
}

flow() { # PARTICIPANT
    echo "sub-$1/perf/sub-$1_${space}_atlas-julich31ellipsoids"
}

@test "rest and flow from images to the table: patients lack at rest what their flow does not explain" {
    run chain "$study" out participant --parcels "$blocks"
    [ "$status" = 0 ]
    [[ $output == *"12 runs: 12 done"*"6 pairs of flow and activity: 6 done"* ]]
    [ -s "out/$(flow 04)_cbf.nii.gz" ]
    chain "$study" out participant --parcels "$blocks" 2>&1 | grep -q '6 pairs of flow and activity: 0 done, 6 unchanged'
    chain -q "$study" out group --case patient --primary nvc_residual.rest.BLA_L
    awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $1 == "nvc_residual" && $at["task"] == "rest" { n++; bad += !($at["diff"] < -0.1 && $at["diff_ci_high"] < 0) }
        $1 == "cbf" && $at["region"] == "BLA" { n++; bad += !($at["diff_ci_low"] < 0 && $at["diff_ci_high"] > 0) }
        $1 == "nvc_r_alff" || $1 == "nvc_logratio_alff" { n++ }
        END { exit !(n == 8 && !bad) }' out/group/table.tsv
}

@test "typed by hand the commands give the same bytes, and so do several jobs" {
    chain -q "$study" out participant --participant-label 02 --parcels "$blocks"
    before=$(contents out)
    for log in "out/logs/$(basename "$(flow 02)").log" "out/logs/$(basename "$(rest 02)").log" "out/logs/$(basename "$(rest 02)")_flow.log"; do
        sed -n 's/^\$ //p' "$log"
    done >typed.sh
    [ "$(wc -l <typed.sh)" = 9 ]
    find out/sub-02 -type f -delete
    sh -e typed.sh 2>/dev/null
    [ "$(contents out)" = "$before" ]
    chain -q -j 3 "$study" jobs participant --participant-label 02 --parcels "$blocks"
    [ "$(contents jobs)" = "$before" ]
    chain "$study" plan participant --participant-label 02 --parcels "$blocks" --dry-run | grep -v '^#' | sed "s#$PWD/##g; s#$BATS_FILE_TMPDIR/##g" >plan.sh
    [ ! -e plan ]
    sed "s#$PWD/out#plan#g; s#$PWD/##g; s#$BATS_FILE_TMPDIR/##g" typed.sh | LC_ALL=C sort >ran.sh
    LC_ALL=C sort plan.sh | cmp - ran.sh
}

@test "flow on another grid is said, nothing is resampled, and regions and parcels are coupled all the same" {
    own_study
    nvc-simulate -q --asl --cases 1 --controls 0 --volumes 80 big
    rm -r own/sub-01/perf && cp -R big/sub-01/perf own/sub-01
    run chain own out participant --participant-label 01 --parcels "$blocks"
    [ "$status" = 0 ]
    [[ $output == *"1 of 1 resting runs have flow on another grid, "*"sub-01_task-rest"*"no map is resampled"*"output-spaces"* ]]
    [ ! -e "out/$(rest 01)_stat-alff_boldmap.nii.gz" ]
    cut -f 9 "out/$(rest 01)_desc-nvc_coupling.tsv" | sort -u >indices
    grep -qx nvc_residual indices && grep -qx nvc_logratio_alff indices
    run grep -c nvc_r_alff indices
    [ "$output" = 0 ]
}

@test "a map of flow stands for the run that it was made of" {
    own_study
    chain -q "$study" out participant --participant-label 01
    cp "out/$(flow 01)_cbf.nii.gz" "own/sub-01/perf/sub-01_${space}_cbf.nii.gz"
    chain -q own out participant --participant-label 01
    grep -q '^\$ nvc-cbf .*--cbf-map.*_cbf.nii.gz$' "out/logs/$(basename "$(flow 01)").log"
    run grep -c -e --halves "out/logs/$(basename "$(flow 01)").log"
    [ "$output" = 0 ]
    grep -q 'nvc_r_alff' "out/$(rest 01)_desc-nvc_coupling.tsv"
    grep -q $'\tcbf\t' "out/$(flow 01)_desc-nvc_cbf.tsv"
}

@test "flow that fails is named, and takes with it what was made of it, but not the rest" {
    own_study
    chain -q "$study" out participant --participant-label 01
    rm own/sub-01/perf/*_aslcontext.tsv
    run chain own out participant --participant-label 01
    [ "$status" = 1 ]
    [[ $output == *"sub-01_${space}_atlas-julich31ellipsoids: nvc-cbf: "*"_aslcontext.tsv"* ]]
    [ -s "out/$(rest 01)_desc-nvc_activity.tsv" ]
    [ ! -e "out/$(rest 01)_desc-nvc_coupling.tsv" ]
    [ -z "$(find out/sub-01/perf -type f)" ]
}

@test "flow in the space of the scanner is refused; --no-asl and other tasks leave it alone" {
    own_study
    for file in own/sub-01/perf/*; do mv "$file" "${file%%_space*}${file##*2009cAsym}"; done
    run chain own out participant --participant-label 01
    [ "$status" = 1 ]
    [[ $output == *"no space- in the name"*"ASLPrep"* ]]
    [[ $output == *"1 of 1 resting runs have flow in another space only"* ]]
    chain own out participant --participant-label 01 --no-asl 2>&1 | grep -q '1 run: 0 done, 1 unchanged'
    [ "$(nvc-run own out participant --participant-label 01 --task-label faces --dry-run | grep -c nvc-cbf)" = 0 ]
}

@test "several atlases couple each, and grey matter is said once" {
    nvc-mask -q -r BLA --binary -g "$study"/sub-01/perf/*_asl.nii.gz -o atlas.nii.gz
    printf 'index\tname\n1\tamy_L\n2\tamy_R\n' >labels.tsv
    chain -q "$study" out participant --atlas builtin --atlas mine=atlas.nii.gz,labels.tsv,BLA=amy --participant-label 01,02,05,06
    [ "$(find out -name '*_desc-nvc_coupling.tsv' | wc -l)" = 16 ] # of each person two pairs, and the spread of rest and of flow
    grep -q cbf_spread out/sub-01/perf/*_atlas-all_desc-nvc_coupling.tsv
    chain -q "$study" out group --case patient
    [ "$(grep -c $'\tGM\tB\tcbf\t' out/group/coupling.tsv)" = 4 ]
}

@test "a person in two spaces is compared in the one that is named" {
    own_study
    for who in 01 02 05 06; do
        for file in own/sub-"$who"/perf/*"$space"*; do cp "$file" "${file/2009cAsym/6Asym}"; done
    done
    nvc-run -q own out participant --participant-label 01,02,05,06 --task-label rest --confounds 6p --pass nvc-hrf:--bootstrap --pass nvc-hrf:0
    run nvc-run own out group --case patient
    [ "$status" = 1 ]
    [[ $output == *"sub-01 has results in the spaces MNI152NLin2009cAsym and MNI152NLin6Asym: say with --space which to compare"* ]]
    nvc-run -q own out group --case patient --space MNI152NLin6Asym
    [ "$(cut -f 5 out/group/coupling.tsv | sort -u | tr '\n' ' ')" = 'MNI152NLin6Asym space ' ]
    awk -F '\t' '$2 != "patient" || !n++' own/participants.tsv >few.tsv
    run nvc-run own out group --case patient --space MNI152NLin6Asym -p few.tsv
    [[ $output == *"few.tsv: group 'patient' has 1 member"* ]]
}
