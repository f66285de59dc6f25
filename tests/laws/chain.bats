#!/usr/bin/env bats
# Laws of the whole chain: ways that must lead to the same place.

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    nvc-simulate -q --tiny --cases 2 --controls 2 noisy
    nvc-simulate -q --tiny --cases 2 --controls 2 --noise 0 silent
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    noisy=$BATS_FILE_TMPDIR/noisy
    silent=$BATS_FILE_TMPDIR/silent
    func=$noisy/sub-02/func
    run=sub-02_task-faces_space-MNI152NLin2009cAsym
    ours=out/sub-02/func/${run}_atlas-julich31ellipsoids_desc-nvc
}

confounds=24p,acompcor5,scrub:0.5

@test "a pipe gives the coupling table of nvc-run, byte for byte" {
    nvc-run -q "$noisy" out participant --participant-label 02 --contrast 'faces_vs_shapes = face - shape'
    bold=$func/${run}_desc-preproc_bold.nii.gz
    nvc-mask -q -r BLA -g "$bold" |
        nvc-extract -q -m - --brain-mask "$func/${run}_desc-brain_mask.nii.gz" "$bold" |
        nvc-glm -q -e "$func"/*_events.tsv -c "$func"/*_desc-confounds_timeseries.tsv --confounds $confounds \
            --contrast 'faces_vs_shapes = face - shape' |
        nvc-coupling -q -c "$func"/*_desc-confounds_timeseries.tsv >pipe.tsv
    cmp pipe.tsv "${ours}_coupling.tsv"
}

@test "files between the commands give the same as pipes between them" {
    bold=$func/${run}_desc-preproc_bold.nii.gz
    nvc-mask -q -r BLA -g "$bold" -o mask.nii.gz
    nvc-extract -q -m mask.nii.gz "$bold" -o series.tsv
    nvc-design -q -e "$func"/*_events.tsv -c "$func"/*_desc-confounds_timeseries.tsv --confounds 6p series.tsv -o design.tsv
    nvc-glm -q -d design.tsv series.tsv -o glm.tsv
    nvc-mask -q -r BLA -g "$bold" | nvc-extract -q -m - "$bold" | tee piped.tsv |
        nvc-glm -q -e "$func"/*_events.tsv -c "$func"/*_desc-confounds_timeseries.tsv --confounds 6p >piped_glm.tsv
    cmp glm.tsv piped_glm.tsv
    sed 1d piped.tsv | cmp - series.tsv
    nvc-design -q -e "$func"/*_events.tsv -c "$func"/*_desc-confounds_timeseries.tsv --confounds 6p piped.tsv | nvc-glm -q -d - series.tsv |
        cmp - glm.tsv
}

@test "standard input, gzip and plain images give the same series" {
    bold=$func/${run}_desc-preproc_bold.nii.gz
    name=${run}_desc-preproc_bold.nii.gz
    nvc-mask -q -r BLA -g "$bold" -o mask.nii.gz
    nvc-extract -q -m mask.nii.gz "$bold" >file.tsv
    nvc-extract -q -m mask.nii.gz --tr 2 --bids-name "$name" - <"$bold" | sed 1d >stdin.tsv
    zcat "$bold" >plain.nii
    nvc-extract -q -m mask.nii.gz --tr 2 --bids-name "$name" plain.nii | sed 1d >plain.tsv
    sed 1d file.tsv | cmp - stdin.tsv
    sed 1d file.tsv | cmp - plain.tsv
}

@test "the number of threads changes no byte" {
    for threads in 1 3; do
        OMP_NUM_THREADS=$threads nvc-run -q -j 1 "$noisy" out$threads participant
    done
    (cd out1 && find sub-* -name '*.tsv' -exec cksum {} +) >one
    (cd out3 && find sub-* -name '*.tsv' -exec cksum {} +) >three
    cmp one three
}

@test "without noise the chain finds the truth" {
    nvc-run -q "$silent" out participant
    for side in L R; do
        for person in 01 02 03 04; do
            awk -F'\t' -v side=$side 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
                $at["index"] == "psc" && $at["contrast"] == "face" && $at["side"] == side { print $at["value"] }' \
                out/sub-$person/func/*_coupling.tsv
        done >found
        awk -F'\t' -v side=$side 'NR > 1 { print $(side == "L" ? 5 : 6) }' "$silent/truth.tsv" >truth
        # what is left is the rounding of the image to whole numbers
        paste found truth | awk '{ d = $1 / $2 - 1; if (d > 0.005 || d < -0.005) bad = 1 } END { exit bad || NR != 4 }'
    done
}

@test "the order of regions permutes rows and changes none" {
    bold=$func/${run}_desc-preproc_bold.nii.gz
    for order in 'CM BLA' 'BLA CM'; do
        # shellcheck disable=SC2086
        set -- $order
        nvc-mask -q -r "$1" -r "$2" -g "$bold" | nvc-extract -q -m - "$bold" |
            nvc-glm -q --noise ols -e "$func"/*_events.tsv | LC_ALL=C sort >"sorted_$1"
    done
    cmp sorted_CM sorted_BLA
}
