#!/usr/bin/env bats
# nvc-simulate as a user types it.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

# COLUMN TABLE: that column of all rows, one a line
column() {
    awk -F'\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) at = i } NR > 1 { print $at }' "$2"
}

# Every file but the sidecars, which say how they were made.
contents() {
    (cd "$1" && find . -type f ! -name '*.json' | LC_ALL=C sort | xargs cksum)
}

@test "a cohort has people, truth, and for each run an image, events, confounds and a brain mask" {
    nvc-simulate -q --tiny --cases 2 --controls 3 study
    [ "$(column group study/participants.tsv | sort | uniq -c | tr -s ' \n' ' ')" = " 3 control 2 patient " ]
    [ "$(wc -l <study/truth.tsv)" = 6 ]
    [ "$(find study -name '*_desc-preproc_bold.nii.gz' | wc -l)" = 5 ]
    run="study/sub-04/func/sub-04_task-faces"
    [ "$(wc -l <${run}_desc-confounds_timeseries.tsv)" = 91 ]
    [ "$(head -n 1 ${run}_events.tsv)" = "$(printf 'onset\tduration\ttrial_type')" ]
    [ -e ${run}_space-MNI152NLin2009cAsym_desc-brain_mask.nii.gz ]
    grep -q '"RepetitionTime": *2' ${run}_space-MNI152NLin2009cAsym_desc-preproc_bold.json
    grep -q '"DatasetType": *"derivative"' study/dataset_description.json
}

@test "only the seed decides, not the number of threads" {
    nvc-simulate -q --tiny --cases 2 --controls 2 --seed 7 -j 1 one
    nvc-simulate -q --tiny --cases 2 --controls 2 --seed 7 -j 3 three
    [ "$(contents one)" = "$(contents three)" ]
    nvc-simulate -q --tiny --cases 2 --controls 2 --seed 8 other
    [ "$(contents one)" != "$(contents other)" ]
}

@test "confounds have n/a in the first row of derivatives and nowhere else" {
    nvc-simulate -q --tiny --cases 1 --controls 1 study
    table=study/sub-01/func/sub-01_task-faces_desc-confounds_timeseries.tsv
    [ "$(sed 1,2d $table | grep -c 'n/a')" = 0 ]
    [ "$(column trans_x_derivative1 $table | head -n 1)" = n/a ]
    [ "$(column framewise_displacement $table | head -n 1)" = n/a ]
    [ "$(column a_comp_cor_05 $table | grep -vc 'n/a')" = 90 ]
}

@test "--series writes regional series with their facts and no image" {
    nvc-simulate -q --series --cases 1 --controls 1 study
    table=study/sub-02/func/sub-02_task-faces_space-MNI152NLin2009cAsym_desc-sim_timeseries.tsv
    [ "$(head -n 1 $table)" = "$(printf 'time\tBLA_L\tBLA_R')" ]
    [ "$(wc -l <$table)" = 201 ]
    grep -q '"s0"' "${table%.tsv}.json"
    [ -z "$(find study -name '*.nii.gz')" ]
}

@test "the truth is larger where the gain is, and the sidecar tells the population" {
    nvc-simulate -q --series --cases 6 --controls 6 --gain-case 0.3 --gain-sd 0 study
    [ "$(column gain study/truth.tsv | sort -u | tr '\n' ' ')" = "0.3 1 " ]
    awk -F'\t' 'NR > 1 { n[$2]++; sum[$2] += $4 }
        END { r = sum["patient"] / sum["control"] * n["control"] / n["patient"]; exit !(r > 0.3 && r < 0.33) }' study/truth.tsv
    # what a column of the table averages, the sidecar gives for the population
    awk -F'[:,]' '/"difference"/ { n++; if ($2 > -0.2 || $2 < -0.35) bad = 1 } END { exit bad || n != 3 }' study/truth.json
}

@test "a dataset that is there is not written over without --force" {
    nvc-simulate -q --series --cases 1 --controls 1 study
    run nvc-simulate -q --series --cases 1 --controls 1 study
    [ "$status" = 1 ]
    [[ $output == *"study: a dataset is already there"*"--force"* ]]
    nvc-simulate -q --series --cases 1 --controls 1 --force study
}

@test "wrong words end with status 2, a folder that cannot be made with 3" {
    run nvc-simulate --tiny --cases -1 study
    [ "$status" = 2 ]
    run nvc-simulate --tiny
    [ "$status" = 2 ]
    touch file
    run nvc-simulate --tiny file/study
    [ "$status" = 3 ]
    [[ $output == *"file/study"* ]]
}
