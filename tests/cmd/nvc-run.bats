#!/usr/bin/env bats
# nvc-run as a user types it.

. "${srcdir:?}/tests/cmd/study.bash"

setup_file() {
    nvc-simulate -q --tiny --cases 3 --controls 3 "$BATS_FILE_TMPDIR/study"
}

name() {
    echo "sub-$1/func/sub-$1_task-faces_space-MNI152NLin2009cAsym_atlas-julich31ellipsoids_desc-nvc"
}

@test "a cohort goes from images to a table" {
    nvc-run -q "$study" out participant --contrast 'faces_vs_shapes = face - shape'
    for what in mask.nii.gz timeseries.tsv design.tsv glm.tsv coupling.tsv habituation.tsv halves.tsv null.tsv qc.tsv qc.png; do
        [ -s "out/$(name 04)_$what" ]
    done
    nvc-run -q "$study" out group --case patient --covariates age,mean_fd
    [ "$(wc -l <out/group/coupling.tsv)" -gt 20 ]
    grep -q 'faces_vs_shapes' out/group/table.tsv
    for kind in csv md tex; do
        [ -s "out/group/table.$kind" ]
    done
    grep -q nvctools out/dataset_description.json
}

@test "one run a person: its halves give the reliability beside the effect; a response without a height does without" {
    nvc-simulate -q --tiny --volumes 200 --cases 3 --controls 3 long
    nvc-run -q long out participant --contrast 'face - shape'
    nvc-run -q long out group --case patient
    [ "$(cut -f 4 out/group/halves.tsv | sort -u | tr '\n' ' ')" = 'even odd run ' ]
    awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } $at["index"] == "psc" && $at["side"] != "B" { n++; of[$at["icc_of"]] }
        END { for (word in of) words = words word; exit !(n && words == "halves") }' out/group/table.tsv
    awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } $at["contrast"] == "face-shape" && $at["side"] == "B" { n += $at["icc_of"] == "halves" }
        END { exit !n }' out/group/table.tsv
    rm out/sub-*/func/*_halves.tsv # what is not there any more is not taken for there
    nvc-run -q long out group --case patient
    [ ! -e out/group/halves.tsv ] && [ ! -e out/group/halves.json ]
    nvc-run -q "$study" short participant --hrf fir:20,2
    [ "$(wc -l <"short/$(name 04)_halves.tsv")" = 1 ]
    nvc-run -q --dry-run "$study" short group --case patient >said
    run grep -c -e --halves said
    [ "$output" = 0 ]
}

@test "the group level hands on what a study declares" {
    mkdir out
    nvc-run -q --dry-run "$study" out group --case patient --covariates age --exclude 'mean_fd>0.5' --exclude qc=fail \
        --primary psc.face.BLA_L --site site --permutations 500 --scores score --lock analysis.json --control-region CM >said
    for words in '--covariates\|-c age' "--exclude 'mean_fd>0.5'" '--exclude qc=fail' '--primary psc.face.BLA_L' '--site site' \
        '--permutations 500' '--scores score' '--lock analysis.json' '--control-region CM' '--specificity .*/specificity.tsv' \
        '--correlations .*/correlations.tsv' '--sensitivity .*/sensitivity.tsv' '--methods .*/methods.txt'; do
        grep -q -e "$words" said
    done
}

@test "the log holds the commands, and typed by hand they give the same bytes" {
    nvc-run -q "$study" out participant --participant-label 02
    before=$(contents out)
    sed -n 's/^\$ //p' out/logs/*.log >typed.sh
    [ "$(wc -l <typed.sh)" = 8 ]
    find out -name '*_desc-nvc_*' -delete
    sh -e typed.sh 2>/dev/null
    [ "$(contents out)" = "$before" ]
}

@test "--dry-run prints those commands and makes nothing" {
    nvc-run "$study" out participant --participant-label sub-02 --dry-run >plan
    [ ! -e out ]
    nvc-run -q "$study" out participant --participant-label 02
    sed -n 's/^\$ //p' out/logs/*.log | sed "s#$PWD/##g" >ran
    grep -v '^#' plan | cmp - ran
}

@test "what is done is left out, until inputs, options or outputs change or --force is given" {
    own_study
    nvc-run own out participant 2>&1 | grep -q '6 done, 0 unchanged, 0 failed'
    nvc-run own out participant 2>&1 | grep -q '0 done, 6 unchanged, 0 failed'
    touch own/sub-01/func/*_events.tsv
    nvc-run own out participant 2>&1 | grep -q '1 done, 5 unchanged'
    rm "out/$(name 03)_glm.tsv"
    nvc-run own out participant 2>&1 | grep -q '1 done, 5 unchanged'
    nvc-run own out participant --high-pass 100 2>&1 | grep -q '6 done, 0 unchanged'
    nvc-run own out participant --high-pass 100 --force 2>&1 | grep -q '6 done, 0 unchanged'
}

@test "a damaged run is named with its reason and stops no other" {
    own_study
    bold=$(echo own/sub-03/func/*_bold.nii.gz)
    head -c 100000 "$bold" >short && mv short "$bold"
    rm own/sub-05/func/*_events.tsv
    run nvc-run own out participant
    [ "$status" = 1 ]
    [[ $output == *"sub-03_task-faces"*"nvc-extract: "*"truncated"* ]]
    [[ $output == *"sub-05_task-faces"*"no events.tsv"* ]]
    [[ $output == *"stands in $PWD/out/logs"* ]]
    [[ $output == *"4 done, 0 unchanged, 2 failed"* ]]
    [ ! -e "out/$(name 03)_mask.nii.gz" ]
    [ -s "out/$(name 06)_coupling.tsv" ]
}

@test "a run that fails takes its old results with it" {
    own_study
    nvc-run -q own out participant
    bold=$(echo own/sub-03/func/*_bold.nii.gz)
    echo rubbish >"$bold"
    rm own/sub-05/func/*_events.tsv
    run nvc-run -q own out participant
    [ "$status" = 1 ]
    [ -z "$(find out/sub-03 out/sub-05 -type f)" ]
}

@test "a command that crashes takes only its own run down" {
    mkdir bin
    cp "$builddir"/nvc-run "$builddir"/nvc-qc "$builddir"/nvc-mask "$builddir"/nvc-extract "$builddir"/nvc-design "$builddir"/nvc-coupling "$builddir"/nvc-habituation "$builddir"/nvc-null bin
    printf '#!/bin/sh\ncase $* in *sub-02*) kill -SEGV $$ ;; esac\nexec "%s/nvc-glm" "$@"\n' "$builddir" >bin/nvc-glm
    chmod +x bin/nvc-glm
    run bin/nvc-run "$study" out participant
    [ "$status" = 1 ]
    [[ $output == *"sub-02_task-faces"*"nvc-glm: ended by signal 11"* ]]
    [[ $output == *"5 done, 0 unchanged, 1 failed"* ]]
}

@test "after a kill the same command goes on, and the results are the same" {
    nvc-run -q "$study" whole participant
    for after in 0.02 0.1 0.2; do
        nvc-run -q -j 1 "$study" out participant &
        sleep $after
        kill -9 $! 2>/dev/null || true
        wait $! || true
    done
    nvc-run -q "$study" out participant
    same out whole
}

@test "two at once on one folder do every run once" {
    nvc-run "$study" out participant 2>one &
    nvc-run "$study" out participant 2>two
    wait $!
    # between them: six done, six found unchanged
    cat one two | sed -n 's/.*runs: \([0-9]*\) done, \([0-9]*\) unchanged, \([0-9]*\) failed.*/\1 \2 \3/p' |
        awk '{ d += $1; u += $2; f += $3 } END { exit !(d == 6 && u == 6 && f == 0) }'
    nvc-run -q "$study" whole participant
    same out whole
}

@test "the number of jobs changes nothing" {
    nvc-run -q -j 1 "$study" one participant
    nvc-run -q -j 5 "$study" five participant
    same one five
}

@test "in a pipe it says one line and draws no progress" {
    nvc-run "$study" out participant >said 2>&1
    [ "$(wc -l <said)" = 1 ]
    [ "$(tr -dc '\r' <said | wc -c)" = 0 ]
    nvc-run -q "$study" quiet participant >said 2>&1
    [ ! -s said ]
}

@test "paths with blanks and brackets work" {
    own_study
    mv own 'my [study]'
    nvc-run -q 'my [study]' "o'ut [1] *" participant
    nvc-run -q 'my [study]' "o'ut [1] *" group --case patient
    [ -s "o'ut [1] */group/table.md" ]
}

@test "several atlases give one chain each" {
    nvc-mask -q -r BLA --binary -g "$study"/sub-01/func/*_bold.nii.gz -o "my atlas.nii.gz"
    printf 'index\tname\n1\tamy_L\n2\tamy_R\n' >labels.tsv
    nvc-run -q "$study" out participant --atlas builtin --atlas 'mine=my atlas.nii.gz,labels.tsv,amy' --participant-label 01
    [ "$(find out -name '*_coupling.tsv' | wc -l)" = 3 ] # and what they have in common: no region
    [ "$(wc -l <out/sub-01/func/*_atlas-all_desc-nvc_coupling.tsv)" = 1 ]
    [ "$(wc -l <out/sub-01/func/*_atlas-all_desc-nvc_overlap.tsv)" = 3 ]
    nvc-run -q "$study" out group --case patient --dry-run
    grep -q 'mine.*amy' out/sub-01/func/*_atlas-mine_desc-nvc_coupling.tsv
}

@test "several atlases by name: every index of each, a row of its spread, Dice and distance of the masks" {
    mkdir atlases
    "$builddir"/tests/cmd/make_image labels atlases/Tian_Subcortex_S2_3T.nii.gz 2
    printf '%s\n' lAMY-lh lAMY-rh mAMY-lh mAMY-rh x-lh x-rh >atlases/Tian_Subcortex_S2_3T_label.txt
    run nvc-run "$study" out participant --atlas builtin,tian2020-s2 --atlas-path atlases --participant-label 01
    [ "$status" = 0 ]
    [[ $output == *"2 runs: 2 done"*"1 comparison of atlases: 1 done"* ]]
    base=out/sub-01/func/sub-01_task-faces_space-MNI152NLin2009cAsym_atlas
    grep -q 'Dice' out/logs/sub-01_task-faces_space-MNI152NLin2009cAsym_atlas-all.log
    [ "$(wc -l <${base}-all_desc-nvc_overlap.tsv)" = 3 ]
    psc() { awk -F'\t' -v want="$1" '$9 == want && $11 == "face" && $8 == "L" { print $12 }' "$2"; }
    one=$(psc psc ${base}-julich31ellipsoids_desc-nvc_coupling.tsv)
    two=$(psc psc ${base}-tian2020s2_desc-nvc_coupling.tsv)
    spread=$(psc psc_spread ${base}-all_desc-nvc_coupling.tsv)
    awk -v a="$one" -v b="$two" -v s="$spread" 'BEGIN { d = a > b ? a - b : b - a; exit !(s > 0 && (d - s) ^ 2 < 1e-24) }'
    cut -f6 ${base}-all_desc-nvc_coupling.tsv | grep -q 'julich31-ellipsoids+tian2020-s2'
    nvc-run "$study" out participant --atlas builtin,tian2020-s2 --atlas-path atlases --participant-label 01 2>&1 | grep -q '1 comparison of atlases: 0 done, 1 unchanged'
    run nvc-run "$study" out participant --atlas builtin,aal3 --participant-label 01
    [ "$status" = 3 ]
    [[ $output == *"atlas aal3 is not found below --atlas-path"* ]]
    run nvc-run "$study" out participant --atlas builtin,aal4
    [ "$status" = 2 ]
}

@test "a comparison of atlases goes with its chains" {
    nvc-mask -q -r BLA --binary -g "$study"/sub-01/func/*_bold.nii.gz -o atlas.nii.gz
    printf 'index\tname\n1\tamy_L\n2\tamy_R\n' >labels.tsv
    nvc-run -q "$study" out participant --atlas builtin --atlas mine=atlas.nii.gz,labels.tsv,BLA=amy --participant-label 01
    [ "$(find out -name '*_atlas-all_desc-nvc_coupling.tsv' | wc -l)" = 1 ]
    run nvc-run "$study" out participant --atlas builtin --atlas mine=atlas.nii.gz,labels.tsv,nothing --participant-label 01
    [ "$status" = 1 ]
    [ -z "$(find out/sub-01 -name '*_atlas-all_*')" ]
}

@test "runs that fail the quality can be left out of the group" {
    own_study
    nvc-run -q own out participant --pass nvc-qc:--no-vein
    nvc-run -q own out group --case patient --pass nvc-group:-n --pass nvc-group:0
    [ "$(wc -l <out/group/qc.tsv)" = 13 ]
    nvc-run -q own strict participant --participant-label 01,02,03,04,05 --pass nvc-qc:--no-vein
    nvc-run -q own strict participant --participant-label 06 --pass nvc-qc:--no-vein --pass nvc-qc:--min-tsnr --pass nvc-qc:10000
    nvc-run -q own strict group --case patient --exclude qc=fail --pass nvc-group:-n --pass nvc-group:0
    n() { awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $1 == "psc" && $at["side"] == "L" { print $at["n_case"] + $at["n_control"]; exit }' "$1"; }
    [ "$(n out/group/table.tsv)" = 6 ]
    [ "$(n strict/group/table.tsv)" = 5 ]
    nvc-run -q own plain participant --no-qc --participant-label 01
    [ -z "$(find plain -name '*qc*')" ]
}

@test "--pass hands a word to one command" {
    nvc-run -q "$study" out participant --participant-label 01 --pass nvc-glm:--regressors
    grep -q regressor "out/$(name 01)_glm.tsv"
    run nvc-run "$study" out participant --pass nvc-foo:--bar
    [ "$status" = 2 ]
}

@test "wrong requests are refused with the status that says whose fault it is" {
    run nvc-run "$study" out everybody
    [ "$status" = 2 ]
    [[ $output == *"wanted participant or group"* ]]
    run nvc-run "$study" out participant --participant-label 77
    [ "$status" = 1 ]
    [[ $output == *"no run of participant '77'"* ]]
    run nvc-run nowhere out participant
    [ "$status" = 3 ]
    run nvc-run "$study" out participant --atlas tian
    [ "$status" = 2 ]
    mkdir empty
    run nvc-run "$study" empty group --case patient
    [ "$status" = 1 ]
    [[ $output == *"run the participant level first"* ]]
    run nvc-run "$study" empty group
    [ "$status" = 2 ]
}
