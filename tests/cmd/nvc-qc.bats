#!/usr/bin/env bats
# nvc-qc as a user types it.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    PATH=${builddir:?}/tests/cmd:$PATH
    make_image run run.nii.gz
    nvc-mask -q -g run.nii.gz -o mask.nii.gz
}

# COLUMN [TABLE]: that column of all rows, blank-separated
column() {
    awk -F'\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) at = i }
        NR > 1 { printf "%s%s", sep, $at; sep = " " }' "${2:-qc.tsv}"
}

# Motion of 24 volumes: N mm to and fro in every volume.
confounds() {
    awk -v mm="$1" 'BEGIN { OFS = "\t"; print "trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z", "framewise_displacement"
        for (t = 0; t < 24; t++) print t % 2 * mm, 0, 0, 0, 0, 0, t ? mm : "n/a" }'
}

# A block design of 24 volumes as nvc-design writes it.
design() {
    awk 'BEGIN { OFS = "\t"
        print "#nvc {\"table\":\"design\",\"tr_s\":2,\"frame_offset_s\":0.875,\"microtime\":16,\"high_pass_s\":null,\"columns\":[{\"name\":\"face\",\"role\":\"task\",\"condition\":\"face\",\"basis\":\"hrf\",\"modulator\":null,\"event_duration_s\":8,\"h_ref\":1,\"n_events\":3},{\"name\":\"constant\",\"role\":\"constant\"}]}"
        print "time", "face", "constant"
        for (t = 0; t < 24; t++) print 2 * t, int(t / 4) % 2, 1 }'
}

@test "a good run passes, one row for each region" {
    confounds 0.1 >confounds.tsv
    nvc-qc -q -m mask.nii.gz -c confounds.tsv run.nii.gz >qc.tsv
    [ "$(column region) $(column side)" = "BLA BLA L R" ]
    [ "$(column verdict_coverage) $(column verdict_tsnr) $(column verdict_motion)" = "pass pass pass pass pass pass" ]
    [ "$(column coverage)" = "1 1" ]
    column fd_mean_mm | awk '{ exit !($1 > 0.0999 && $1 < 0.1001) }'
    column tsnr_median | awk '{ exit !($1 > 80 && $1 < 120) }'
    column dvars_pct | awk '{ exit !($1 > 1 && $1 < 2) }'
}

@test "every number agrees with nvc-extract where both give it" {
    make_image brain brain.nii.gz
    nvc-qc -q -m mask.nii.gz --brain-mask brain.nii.gz run.nii.gz >qc.tsv
    nvc-extract -m mask.nii.gz --brain-mask brain.nii.gz --summary weighted run.nii.gz | head -n 1 >facts
    for pair in s0:s0 tsnr_median:tsnr coverage:coverage; do
        got=$(column "${pair%%:*}" | tr ' ' '\n')
        want=$(grep -o "\"${pair##*:}\":[^,}]*" facts | cut -d: -f2)
        paste <(echo "$got") <(echo "$want") | awk '{ d = $1 / $2 - 1; if (d * d > 1e-20) bad = 1 } END { exit bad || NR != 2 }'
    done
}

@test "signal lost below the amygdala is flagged or fails, and only --fail-status tells the shell" {
    make_image run dropout.nii.gz 3 dropout
    run nvc-qc -m mask.nii.gz dropout.nii.gz -o qc.tsv
    [ "$status" -eq 0 ]
    [[ "$(column verdict)" != *pass* ]]
    column n_zero | awk '{ exit !($1 > 5 && $2 > 5) }'
    column signal_coverage | awk '{ exit !($1 < 0.9 && $2 < 0.9) }'
    run nvc-qc -q -m mask.nii.gz --min-coverage 0.95 --fail-status dropout.nii.gz -o failed.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"2 of 2 regions fail"* ]]
    [ "$(column verdict failed.tsv)" = "fail fail" ]
}

@test "motion fails by its mean and is flagged when it goes with the task" {
    confounds 0.7 >confounds.tsv
    nvc-qc -q -m mask.nii.gz -c confounds.tsv run.nii.gz >qc.tsv
    [ "$(column verdict_motion)" = "fail fail" ]
    [ "$(column fd_share)" = "1 1" ] # the first volume has no displacement
    design >design.tsv
    awk 'BEGIN { OFS = "\t"; print "trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"
        for (t = 0; t < 24; t++) print 0, 0, 0.01 * (int(t / 4) % 2) + 0.001 * (t % 3), 0, 0, 0 }' >with.tsv
    nvc-qc -q -m mask.nii.gz -c with.tsv -d design.tsv run.nii.gz >qc.tsv
    [ "$(column verdict_task_motion)" = "flag flag" ]
    column task_motion_r | awk '{ exit !($1 > 0.9) }'
}

@test "the vein needs MNI space, and can be left out" {
    design >design.tsv
    nvc-qc -q -m mask.nii.gz -d design.tsv run.nii.gz >qc.tsv
    column n_vein | awk '{ exit !($1 >= 5 && $2 >= 5) }'
    [[ "$(column vein_t)" != *n/a* ]]
    nvc-qc -q -m mask.nii.gz -d design.tsv --no-vein run.nii.gz >qc.tsv
    [ "$(column n_vein) $(column verdict_vein)" = "n/a n/a n/a n/a" ]
    nvc-qc -q -m mask.nii.gz --space T1w run.nii.gz >qc.tsv
    [ "$(column n_vein) $(column note)" = "n/a n/a vein_needs_mni vein_needs_mni" ]
}

@test "the design must be of this run, and a contrast needs it" {
    design | sed '$d' >short.tsv
    run nvc-qc -m mask.nii.gz -d short.tsv run.nii.gz -o qc.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"23 rows"*"24"* ]]
    [ ! -e qc.tsv ]
    run nvc-qc -m mask.nii.gz --contrast face run.nii.gz
    [ "$status" -eq 2 ]
    design >design.tsv
    run nvc-qc -m mask.nii.gz -d design.tsv --contrast fase run.nii.gz
    [ "$status" -eq 1 ]
    confounds 0.1 | sed '$d' >short.tsv
    run nvc-qc -m mask.nii.gz -c short.tsv run.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"23 rows for a run of 24 volumes"* ]]
}

@test "dummy scans are left out of noise and motion alike" {
    confounds 0.1 >confounds.tsv
    nvc-qc -q -m mask.nii.gz -c confounds.tsv --dummy-scans 4 run.nii.gz >qc.tsv
    nvc-extract -m mask.nii.gz --dummy-scans 4 run.nii.gz | head -n 1 | grep -o '"s0":[^,]*' | cut -d: -f2 >want
    paste <(column s0 | tr ' ' '\n') want | awk '{ d = $1 / $2 - 1; if (d * d > 1e-20) bad = 1 } END { exit bad }'
}

@test "the tSNR map holds what nvc-extract gives for a voxel" {
    nvc-qc -q -m mask.nii.gz --tsnr-map tsnr.nii run.nii.gz >qc.tsv
    nvc-extract -m mask.nii.gz --summary all --voxels voxels.tsv run.nii.gz >all.tsv
    head -n 1 all.tsv | grep -o '"tsnr":[^,]*' | cut -d: -f2 >want
    tail -n +2 voxels.tsv | cut -f2-4 | while read -r i j k; do
        od -An -t f4 -j $((352 + 4 * (i + 41 * (j + 41 * k)))) -N 4 tsnr.nii
    done | paste - want | awk '{ d = $1 / $2 - 1; if (d * d > 1e-10) bad = 1 } END { exit bad || NR < 100 }'
    [ -s tsnr.json ]
}

@test "a region without a voxel fails with n/a, and a run without a signal is refused by name" {
    make_image brain zero.nii.gz 3 none
    nvc-qc -q -m zero.nii.gz run.nii.gz >qc.tsv
    [ "$(column coverage) $(column n_vox_mask) $(column verdict)" = "n/a 0 fail" ]
    run nvc-qc -m mask.nii.gz --brain-mask zero.nii.gz run.nii.gz -o none.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"run.nii.gz: the brain mask has no voxel"* ]]
    [ ! -e none.tsv ]
}

@test "the picture comes as PNG, SVG and PDF" {
    for kind in png svg pdf; do
        nvc-qc -q -m mask.nii.gz --figure qc.$kind run.nii.gz -o qc.tsv
        [ -s qc.$kind ]
    done
    head -c 4 qc.png | grep -q PNG
    grep -q '<svg' qc.svg
    head -c 4 qc.pdf | grep -q PDF
    run nvc-qc -m mask.nii.gz --figure qc.gif run.nii.gz
    [ "$status" -eq 2 ]
}

@test "gz = plain = standard input = big-endian = NIfTI-2" {
    nvc-qc -q -m mask.nii.gz run.nii.gz >want.tsv
    zcat run.nii.gz >plain.nii
    nvc-qc -q -m mask.nii.gz <run.nii.gz | cmp - want.tsv
    for style in big two bigtwo; do
        restyle $style plain.nii $style.nii
        nvc-qc -q -m mask.nii.gz $style.nii | cmp - want.tsv
    done
}

@test "on the real run the numbers are those of an independent computation" {
    data=${NVC_REFERENCE:-$srcdir/../shared}
    tian=$data/data/atlases/tian2020-s2
    [ -d "$tian" ] || skip "no reference data"
    bold=$(echo "$data"/data/localizer/sub-01/func/*_bold.nii.gz)
    nvc-mask -q -a tian2020-s2 --atlas-path "$data/data/atlases" -r 'lAMY-*' -g "$bold" -o tian.nii.gz
    nvc-qc -q -m tian.nii.gz --brain-mask "${bold%preproc_bold.nii.gz}brain_mask.nii.gz" -c "${bold%%_space*}_desc-confounds_timeseries.tsv" \
        -d "$data/reference/localizer/design.tsv" --contrast face "$bold" >qc.tsv
    # numpy 1.24: mean and median tSNR after a quadratic, and the mean over the brain's median
    column tsnr_mean | awk '{ exit !(($1 - 45.74954932)^2 < 1e-12 && ($2 - 69.58438753)^2 < 1e-12) }'
    column tsnr_median | awk '{ exit !(($1 - 44.84530332)^2 < 1e-12 && ($2 - 71.36517418)^2 < 1e-12) }'
    column dropout | awk '{ exit !(($1 - 0.904918942)^2 < 1e-14 && ($2 - 1.097891515)^2 < 1e-14) }'
    [ "$(column verdict)" = "pass pass" ]
}

@test "grey matter in the region and its volume stand in the table" {
    make_asl grey.nii.gz g
    nvc-mask -q -g grey.nii.gz -o on_grey.nii.gz
    make_asl run.nii.gz mmmmmm noise=5
    nvc-qc -q -m on_grey.nii.gz --grey grey.nii.gz --no-vein run.nii.gz >qc.tsv
    column pgm | awk '{ exit !($1 > 0.05 && $1 < 0.95 && $2 > 0.05 && $2 < 0.95) }'
    awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "volume_mm3") at = i } NR > 1 { print $at }' on_grey.tsv >want
    column volume_mm3 | tr ' ' '\n' | paste - want | awk '$1 / $2 < 0.9999 || $1 / $2 > 1.0001 { bad = 1 } END { exit bad }'
    run nvc-qc -q -m on_grey.nii.gz --grey run.nii.gz --no-vein run.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"probabilities from 0 to 1"* ]]
}

@test "a run whose positive control does not answer, or whose flow is odd, is flagged before a region is read" {
    design >design.tsv
    make_image brain brain.nii.gz
    run nvc-qc -m mask.nii.gz -d design.tsv --positive brain.nii.gz run.nii.gz -o qc.tsv
    [ "$status" -eq 0 ]
    [[ "$output" == *"the positive control has z"*"3.1 is wanted"* ]]
    [ "$(column verdict_positive)" = 'flag flag' ]
    nvc-qc -q -m mask.nii.gz -d design.tsv --positive brain.nii.gz --min-positive-z 0 --positive-contrast '-1*face' run.nii.gz >minus.tsv
    nvc-qc -q -m mask.nii.gz -d design.tsv --positive brain.nii.gz run.nii.gz >qc.tsv
    paste <(column positive_z) <(column positive_z minus.tsv) | awk '{ exit !($1 + $3 < 1e-6 && $1 + $3 > -1e-6) }'
    printf 'participant_id\tregion\tside\tindex\tvalue\nsub-07\tGM\tB\tcbf\t55\n' >flow.tsv
    nvc-qc -q -m mask.nii.gz --bids-name sub-07_bold.nii.gz --flow-rows flow.tsv run.nii.gz >qc.tsv
    [ "$(column verdict_positive) $(column grey_flow)" = 'pass pass 55 55' ]
    nvc-qc -q -m mask.nii.gz --flow-rows flow.tsv --max-grey-flow 50 run.nii.gz >qc.tsv 2>said
    [ "$(column verdict_positive)" = 'flag flag' ]
    run nvc-qc -m mask.nii.gz --bids-name sub-08_bold.nii.gz --flow-rows flow.tsv run.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"flow of sub-07, the run is of sub-08" ]]
    sed 's/GM/BLA/' flow.tsv >none.tsv
    run nvc-qc -m mask.nii.gz --flow-rows none.tsv run.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"nvc-cbf --grey"* ]]
    run nvc-qc -m mask.nii.gz --positive brain.nii.gz run.nii.gz
    [ "$status" -eq 2 ]
}

@test "lags behind the brain come as rows and as a map" {
    run nvc-qc -m mask.nii.gz --lag-map lag.nii.gz run.nii.gz -o qc.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"--lag-map: 24 volumes every 2 s have 4 frequencies"* ]]
    [ ! -e lag.nii.gz ]
    nvc-qc -q -m mask.nii.gz run.nii.gz >qc.tsv
    [ "$(column lag_s)" = 'n/a n/a' ]
    make_asl long.nii.gz "$(printf 'm%.0s' {1..120})" noise=5
    make_image brain brain.nii.gz
    nvc-mask -q -g brain.nii.gz -o on_brain.nii.gz
    nvc-qc -q -m on_brain.nii.gz --lag-map lag.nii.gz --max-lag 8 long.nii.gz >qc.tsv
    column lag_r | awk '{ exit !($1 <= 1 && $1 > 0) }'
    [ "$(voxel_values lag.nii.gz 0 0 0)" = nan ]
    grep -q '"Inputs"\|"Sources"\|lag.nii.gz' lag.json
}
