#!/usr/bin/env bats
# nvc-extract as a user types it.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    PATH=${builddir:?}/tests/cmd:$PATH
    make_image run run.nii.gz
    nvc-mask -q -g run.nii.gz -o mask.nii.gz
}

# KEY OF THE FACTS: its values, one a line
facts() { grep -o "\"$1\":[^,}]*" | cut -d: -f2-; }

@test "a series has time and one column per region, and its facts in the first line" {
    nvc-extract -m mask.nii.gz run.nii.gz >series.tsv
    [ "$(sed -n 2p series.tsv)" = "$(printf 'time\tBLA_L\tBLA_R')" ]
    [ "$(wc -l <series.tsv)" -eq 26 ]
    [ "$(sed -n '3p;4p' series.tsv | cut -f1 | tr '\n' ' ')" = "0 2 " ]
    [ "$(facts summary <series.tsv)" = '"weighted"' ]
    [ "$(facts coverage <series.tsv | sort -u)" = 1 ]
    facts s0 <series.tsv | awk '{ if ($1 < 960 || $1 > 1040) bad = 1 } END { exit bad || NR != 2 }'
    facts tsnr <series.tsv | awk '{ if ($1 < 80 || $1 > 120) bad = 1 } END { exit bad || NR != 2 }'
}

@test "with -o the facts stand in the sidecar and the table is plain" {
    nvc-extract -m mask.nii.gz run.nii.gz -o series.tsv
    nvc-extract -m mask.nii.gz run.nii.gz >piped.tsv
    nvc-extract -m mask.nii.gz --plain run.nii.gz >plain.tsv
    cmp series.tsv plain.tsv
    tail -n +2 piped.tsv | cmp - series.tsv
    grep -q '"Facts"' series.json
}

@test "a mask and a run come through pipes as well" {
    nvc-extract -m mask.nii.gz run.nii.gz >want.tsv
    nvc-mask -q -g run.nii.gz | nvc-extract -m - run.nii.gz | cmp - want.tsv
    zcat run.nii.gz | nvc-extract -m mask.nii.gz - | cmp - want.tsv
    nvc-extract -m mask.nii.gz <run.nii.gz | cmp - want.tsv
    run nvc-extract -m - -
    [ "$status" -eq 2 ]
}

@test "gz = plain = big-endian = NIfTI-2" {
    nvc-extract -m mask.nii.gz run.nii.gz >want.tsv
    zcat run.nii.gz >plain.nii
    for style in big two bigtwo; do
        restyle $style plain.nii $style.nii
        nvc-extract -m mask.nii.gz $style.nii | cmp - want.tsv
    done
    nvc-extract -m mask.nii.gz plain.nii | cmp - want.tsv
}

@test "permuting regions permutes columns" {
    nvc-mask -q -r BLA_R -r BLA_L -g run.nii.gz -o turned.nii.gz
    nvc-extract --plain -m mask.nii.gz run.nii.gz | awk -F'\t' '{ print $1 "\t" $3 "\t" $2 }' >want.tsv
    nvc-extract --plain -m turned.nii.gz run.nii.gz | cmp - want.tsv
}

@test "a binary mask gives the mean of the voxels that --summary all lists" {
    nvc-mask -q --binary -g run.nii.gz -o labels.nii.gz
    nvc-extract --plain -m labels.nii.gz run.nii.gz >mean.tsv
    nvc-extract -m labels.nii.gz run.nii.gz | head -n 1 | facts summary | grep -qx '"mean"'
    nvc-extract --plain -m labels.nii.gz --summary all --voxels voxels.tsv run.nii.gz >all.tsv
    [ "$(($(wc -l <voxels.tsv) - 1))" -eq "$(($(head -n 1 all.tsv | wc -w) - 1))" ]
    [ "$(cut -f1 voxels.tsv | tail -n +2 | tr '\n' ' ')" = "$(head -n 1 all.tsv | cut -f2- | tr '\t' ' ') " ]
    awk -F'\t' 'NR == FNR { if (FNR > 1) want[FNR] = $2; next }
        FNR == 1 { for (i = 2; i <= NF; i++) left[i] = $i ~ /^BLA_L_v/ } FNR > 1 { s = n = 0
        for (i = 2; i <= NF; i++) if (left[i]) { s += $i; n++ }
        d = s / n / want[FNR] - 1; if (d * d > 1e-20) bad = 1 } END { exit bad || FNR != 25 }' mean.tsv all.tsv
    for how in median eigenvariate; do
        nvc-extract -m labels.nii.gz --summary $how run.nii.gz | awk 'NF > 1 { n++ } END { exit n < 25 }'
    done
    run nvc-extract -m labels.nii.gz --voxels v.tsv run.nii.gz
    [ "$status" -eq 2 ]
}

@test "voxels without signal, not finite or outside the brain lower the coverage and are counted" {
    make_image run dropout.nii.gz 3 dropout
    nvc-extract -m mask.nii.gz dropout.nii.gz >series.tsv
    facts coverage <series.tsv | awk '{ if ($1 < 0.2 || $1 > 0.8) bad = 1 } END { exit bad }'
    facts n_zero <series.tsv | awk '{ if ($1 < 5) bad = 1 } END { exit bad }'
    make_image run nan.nii.gz 3 nan
    nvc-extract -m mask.nii.gz nan.nii.gz >series.tsv
    [ "$(facts n_nonfinite <series.tsv | head -n 1)" -gt 5 ]
    [ "$(grep -ci nan series.tsv)" -eq 0 ]
    make_image brain brain.nii.gz
    nvc-extract -m mask.nii.gz --brain-mask brain.nii.gz run.nii.gz | facts dropout |
        awk '{ if ($1 < 0.95 || $1 > 1.05) bad = 1 } END { exit bad }'
}

@test "an empty region is an n/a column with a warning, none left is refused" {
    make_image brain right.nii.gz 3 right
    run nvc-extract -m mask.nii.gz --brain-mask right.nii.gz run.nii.gz -o series.tsv
    [ "$status" -eq 0 ]
    [ "$output" = "nvc-extract: warning: region BLA_L has no usable voxel: its column is n/a" ]
    [ "$(cut -f2 series.tsv | sort | uniq -c | tr -s ' ')" = "$(printf ' 1 BLA_L\n 24 n/a')" ]
    [ "$(grep -c '"n_vox": 0' series.json)" -eq 1 ]
    make_image brain none.nii.gz 3 none
    run nvc-extract -m mask.nii.gz --brain-mask none.nii.gz run.nii.gz -o none.tsv
    [ "$status" -eq 1 ]
    [[ "$output" == *"run.nii.gz: no region has a usable voxel"* ]]
    [ ! -e none.tsv ]
    run nvc-extract -m mask.nii.gz --brain-mask missing.nii.gz run.nii.gz
    [ "$status" -eq 3 ]
}

@test "foreign masks: labels are mask_VALUE or named by a table, the side is that of x" {
    make_image weights w.nii.gz
    nvc-extract -m w.nii.gz run.nii.gz | head -n 1 | grep -q '"column":"w_L","region":"w","side":"L"'
    make_image labels labels.nii.gz 3
    nvc-extract --plain -m labels.nii.gz run.nii.gz | head -n 1 >names
    [ "$(cat names)" = "$(printf 'time\tmask_1_L\tmask_2_R\tmask_3_L\tmask_4_R\tmask_5_L\tmask_6_R')" ]
    printf '%s\n' LB-lh LB-rh >table.txt
    nvc-extract --plain -m labels.nii.gz -l table.txt run.nii.gz | head -n 1 >names
    [ "$(cut -f2-4 names)" = "$(printf 'LB_L\tLB_R\tmask_3_L')" ]
    run nvc-extract -m run.nii.gz run.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"weights are shares from 0 to 1"* ]]
}

@test "another grid is refused with both" {
    make_image run other.nii.gz 4
    run nvc-extract -m mask.nii.gz other.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"41x41x33 voxels of 27 mm3"*"31x31x25 voxels of 64 mm3"*"nvc-mask -g"* ]]
}

@test "the repetition time: header, sidecar, or asked for" {
    make_image run sub-1_task-x_bold.nii.gz 3 notr
    run nvc-extract -m mask.nii.gz sub-1_task-x_bold.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"no TR"*"--tr SECONDS"* ]]
    nvc-extract --plain --tr 1.5 -m mask.nii.gz sub-1_task-x_bold.nii.gz | sed -n 3p | cut -f1 | grep -qx 1.5
    echo '{"RepetitionTime": 2.5, "SliceTimingCorrected": true, "StartTime": 1.25}' >sub-1_task-x_bold.json
    nvc-extract -m mask.nii.gz sub-1_task-x_bold.nii.gz >series.tsv
    [ "$(facts tr_s <series.tsv) $(facts slice_time_corrected <series.tsv) $(facts start_time_s <series.tsv)" = "2.5 true 1.25" ]
    [ "$(facts participant_id <series.tsv) $(facts task <series.tsv) $(facts run <series.tsv)" = '"sub-1" "x" "n/a"' ]
    make_image run sub-1_task-x_bold.nii.gz 3
    run nvc-extract -m mask.nii.gz sub-1_task-x_bold.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"TR is 2 s in the header and 2.5 s in the sidecar; decide with --tr"* ]]
    nvc-extract --tr header -m mask.nii.gz sub-1_task-x_bold.nii.gz | facts tr_s | grep -qx 2
    nvc-extract --tr sidecar -m mask.nii.gz sub-1_task-x_bold.nii.gz | facts tr_s | grep -qx 2.5
    run nvc-extract --tr soon -m mask.nii.gz sub-1_task-x_bold.nii.gz
    [ "$status" -eq 2 ]
}

@test "sform against qform is refused, and decided by --orientation in every command" {
    zcat run.nii.gz >plain.nii
    restyle torn plain.nii torn.nii
    nvc-extract -m mask.nii.gz run.nii.gz >want.tsv
    run nvc-extract -m mask.nii.gz torn.nii
    [ "$status" -eq 1 ]
    [[ "$output" == *"--orientation sform|qform"* ]]
    nvc-extract --orientation sform -m mask.nii.gz torn.nii | cmp - want.tsv
    run nvc-extract --orientation qform -m mask.nii.gz torn.nii
    [ "$status" -eq 1 ]
    [[ "$output" == *"the mask's grid"* ]]
    nvc-mask -q --orientation qform -g torn.nii -o moved.nii.gz
    [ "$(cut -f12 moved.tsv)" != "$(cut -f12 mask.tsv)" ] || ! cmp -s moved.nii.gz mask.nii.gz
    nvc-qc -q --orientation qform -m moved.nii.gz torn.nii >qc.tsv
    run nvc-qc -m moved.nii.gz torn.nii
    [ "$status" -eq 1 ]
}

@test "a flow series keeps its negative voxels with --signed, and says what is lost without" {
    make_asl sub-01_asl.nii.gz clclclclclclclcl flow=10 noise=12
    { echo volume_type; for _ in 1 2 3 4 5 6 7 8; do printf 'control\nlabel\n'; done; } >sub-01_aslcontext.tsv
    echo '{ "ArterialSpinLabelingType": "PCASL", "LabelingDuration": 1.8, "PostLabelingDelay": 1.8, "MagneticFieldStrength": 3, "RepetitionTimePreparation": 6 }' \
        >sub-01_asl.json
    nvc-cbf --flow-series flow.nii.gz sub-01_asl.nii.gz
    make_image brain brain.nii.gz
    nvc-mask -q -g brain.nii.gz -o amygdala.nii.gz
    nvc-extract -m amygdala.nii.gz flow.nii.gz >dropped.tsv 2>said
    grep -q 'region BLA_L: .* voxels are left out because their mean is 0 or below;.*--signed' said
    nvc-extract -m amygdala.nii.gz --signed flow.nii.gz >kept.tsv 2>said
    [ ! -s said ]
    [ "$(facts coverage <kept.tsv | sort -u)" = 1 ]
    [ "$(facts dropout <kept.tsv | sort -u)" = null ]
    mean() { awk 'NR > 2 { sum += $2 } END { print sum / (NR - 2) }' "$1"; }
    awk -v kept="$(mean kept.tsv)" -v dropped="$(mean dropped.tsv)" 'BEGIN { exit !(dropped > kept && kept > -0.5 && kept < 3) }'
}

@test "the signal of grey matter comes out of voxels that are mixtures" {
    make_asl grey.nii.gz g
    make_asl white.nii.gz w
    make_asl csf.nii.gz s
    make_asl noisy.nii.gz mmmmmmmm white=20 m0=1000 noise=1
    make_image brain brain.nii.gz
    nvc-mask -q -g brain.nii.gz -o amygdala.nii.gz
    nvc-extract -m amygdala.nii.gz --tr 2 noisy.nii.gz >mixed.tsv
    nvc-extract -m amygdala.nii.gz --tr 2 --grey grey.nii.gz --white white.nii.gz --csf csf.nii.gz noisy.nii.gz >pure.tsv
    facts s0 <pure.tsv | awk '!($1 > 997 && $1 < 1003) { bad = 1 } END { exit bad || NR != 2 }'
    facts s0 <mixed.tsv | awk '$1 < 990 || $1 > 1010 { mixed = 1 } END { exit !mixed }'
    [ "$(facts note <pure.tsv | sort -u)" = '"grey_matter"' ]
    run nvc-extract -m amygdala.nii.gz --grey grey.nii.gz noisy.nii.gz
    [ "$status" -eq 2 ]
    run nvc-extract -m amygdala.nii.gz --tr 2 --grey noisy.nii.gz --white white.nii.gz noisy.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"probabilities from 0 to 1"* ]]
}

@test "on standard input the name comes from --bids-name" {
    nvc-extract -m mask.nii.gz --bids-name sub-7_ses-a_task-t_run-2_space-S_bold.nii.gz <run.nii.gz >series.tsv
    [ "$(facts participant_id <series.tsv) $(facts session <series.tsv) $(facts run <series.tsv)" = '"sub-7" "a" "2"' ]
}

@test "a run that ends early leaves nothing behind" {
    zcat run.nii.gz | head -c 900000 >short.nii
    run nvc-extract -m mask.nii.gz short.nii -o series.tsv
    [ "$status" -eq 1 ]
    [ ! -e series.tsv ]
    [ "$(find . -type f ! -name "*.nii*" ! -name "mask.*" | wc -l)" -eq 0 ]
    run sh -c 'cat short.nii | nvc-extract -m mask.nii.gz -'
    [ "$status" -eq 1 ]
    [[ "$output" == *"standard input: volume 5 of 24"* ]] || { echo "$output"; false; }
}

@test "on the real run series, voxels and facts are the reference" {
    data=${NVC_REFERENCE:-$srcdir/../shared}
    tian=$data/data/atlases/tian2020-s2
    [ -d "$tian" ] || skip "no reference data"
    bold=$(echo "$data"/data/localizer/sub-01/func/*_bold.nii.gz)
    nvc-mask -q -a "$tian/Tian_Subcortex_S2_3T.nii.gz" -l "$tian/Tian_Subcortex_S2_3T_label.txt" -r 'lAMY-*' -g "$bold" -o tian.nii.gz
    nvc-extract --plain -m tian.nii.gz "$bold" >series.tsv
    awk -F'\t' 'NR == FNR { l[FNR] = $2; r[FNR] = $3; next }
        FNR > 1 { a = $2 / l[FNR] - 1; b = $3 / r[FNR] - 1; if (a * a > 1e-18 || b * b > 1e-18) bad = 1 } END { exit bad || FNR != 157 }' \
        "$data/reference/localizer/series_mean.tsv" series.tsv
    nvc-extract --plain -m tian.nii.gz --summary all --voxels voxels.tsv "$bold" >all.tsv
    awk -F'\t' 'FNR > 1 { sub(/_v[0-9]*$/, "", $1); print $1, $2, $3, $4 }' voxels.tsv | sort >got
    awk -F'\t' 'FNR > 1 { print $1, $2, $3, $4 }' "$data/reference/localizer/voxels_nearest.tsv" | sort | diff - got
    nvc-extract -m tian.nii.gz --brain-mask "${bold%preproc_bold.nii.gz}brain_mask.nii.gz" "$bold" |
        facts dropout | head -n 1 | awk '{ exit !($1 > 0.904 && $1 < 0.906) }'
}
