#!/usr/bin/env bats
# nvc-glm on images: maps, memory, regions in the same run.
bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    PATH=${builddir:?}/tests/cmd:$PATH
    make_image run run.nii.gz 6
    make_image brain brain.nii.gz 6
    awk 'BEGIN { OFS = "\t"
        print "#nvc {\"table\":\"design\",\"tr_s\":2,\"columns\":[{\"name\":\"face\",\"role\":\"task\",\"condition\":\"face\",\"basis\":\"hrf\",\"event_duration_s\":8,\"h_ref\":1.1},{\"name\":\"shape\",\"role\":\"task\",\"condition\":\"shape\",\"basis\":\"hrf\",\"event_duration_s\":8,\"h_ref\":1.1},{\"name\":\"constant\",\"role\":\"constant\"}]}"
        print "time", "face", "shape", "constant"
        for (t = 0; t < 24; t++) print 2 * t, (t % 8 < 3), (t % 8 >= 4 && t % 8 < 7), 1 }' >design.tsv
}

glm() { nvc-glm -d design.tsv --mask brain.nii.gz "$@"; }

refused() { # STATUS PART COMMAND...
    local want=$1 part=$2
    shift 2
    run --separate-stderr "$@"
    echo "$stderr"
    [ "$status" -eq "$want" ] && [ -z "$output" ] && [[ "$stderr" == *"$part"* ]]
}

@test "maps are named by contrast and statistic and have sidecars" {
    glm --contrast 'face - shape' --contrast 'any = [face; shape]' --maps out/sub-01_task-x run.nii.gz 2>said || true
    mkdir -p out
    glm --contrast 'face - shape' --contrast 'any = [face; shape]' --maps out/sub-01_task-x run.nii.gz
    for map in contrast-face_stat-effect contrast-face_stat-variance contrast-face_stat-t contrast-face_stat-z \
        contrast-faceShape_stat-t contrast-any_stat-F contrast-any_stat-z stat-r2 stat-sigma stat-ar stat-ma; do
        [ -s "out/sub-01_task-x_${map}_statmap.nii.gz" ]
        grep -q '"Description"' "out/sub-01_task-x_${map}_statmap.json"
    done
    [ ! -e out/sub-01_task-x_contrast-any_stat-t_statmap.nii.gz ]
    grep -q '"Weights": "face - shape"' out/sub-01_task-x_contrast-faceShape_stat-t_statmap.json
    [ "$(voxel_values out/sub-01_task-x_stat-sigma_statmap.nii.gz)" -gt 1000 ]
}

@test "a voxel of a map is what the series of that voxel gives" {
    make_image weights bla.nii.gz 6
    nvc-extract -q -m bla.nii.gz --summary all --voxels voxels.tsv run.nii.gz -o series.tsv
    for noise in ols ar1 arma11; do
        nvc-glm -d design.tsv -n $noise --contrast 'face - shape' series.tsv >glm.tsv
        nvc-glm -d design.tsv -n $noise --contrast 'face - shape' --map effect,t,z,psc,mean --maps m run.nii.gz
        voxels=$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at["i"], $at["j"], $at["k"] }' voxels.tsv)
        for pair in effect:effect t:stat z:z psc:psc; do
            # shellcheck disable=SC2086
            voxel_values "m_contrast-faceShape_stat-${pair%:*}_statmap.nii.gz" $voxels >map.txt
            awk -F '\t' -v want="${pair#*:}" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
                $at["contrast"] == "face-shape" { print $at[want] }' glm.tsv >table.txt
            [ "$(wc -l <map.txt)" -eq "$(wc -l <table.txt)" ]
            paste map.txt table.txt | awk '{ d = $1 - $2; s = ($2 < 0 ? -$2 : $2) + 1e-3; if (d > 2e-6 * s || d < -2e-6 * s) bad = 1 } END { exit bad || NR < 2 }'
        done
    done
}

@test "threads, a pipe, an uncompressed image, NIfTI-2 and another byte order give the same bytes" {
    glm --map t --maps a run.nii.gz
    glm --map t --maps b -j 3 run.nii.gz
    zcat run.nii.gz >run.nii
    glm --map t --maps c run.nii
    glm --map t --maps d <run.nii.gz
    glm --map t --maps e <(zcat run.nii.gz)
    restyle two run.nii two.nii
    glm --map t --maps f two.nii
    restyle big run.nii big.nii
    glm --map t --maps g big.nii
    for k in b c d e f g; do cmp a_contrast-face_stat-t_statmap.nii.gz ${k}_contrast-face_stat-t_statmap.nii.gz; done
}

@test "what does not fit into memory is read several times, from a pipe refused" {
    make_image run big.nii.gz 1.6
    nvc-glm -d design.tsv -n ols --map t,sigma --maps a big.nii.gz
    nvc-glm -d design.tsv -n ols --map t,sigma --maps b --memory 16 big.nii.gz
    cmp a_contrast-face_stat-t_statmap.nii.gz b_contrast-face_stat-t_statmap.nii.gz
    cmp a_stat-sigma_statmap.nii.gz b_stat-sigma_statmap.nii.gz
    zcat big.nii.gz | { ! nvc-glm -d design.tsv -n ols --map t --maps c --memory 16 - 2>said; }
    grep -q 'give a file instead of a pipe, a mask, or more' said
    [ ! -e c_contrast-face_stat-t_statmap.nii.gz ]
}

@test "regions fitted in the same run give the table of nvc-extract and nvc-glm" {
    nvc-mask -q -g run.nii.gz -o mask.nii.gz
    cp run.nii.gz sub-03_task-x_bold.nii.gz
    nvc-extract -q -m mask.nii.gz sub-03_task-x_bold.nii.gz | nvc-glm -d design.tsv >want.tsv
    nvc-glm -d design.tsv --regions mask.nii.gz sub-03_task-x_bold.nii.gz >alone.tsv
    cmp want.tsv alone.tsv
    glm --regions mask.nii.gz --map t --maps a -o both.tsv sub-03_task-x_bold.nii.gz
    cmp want.tsv both.tsv
    [ -s a_contrast-face_stat-t_statmap.nii.gz ]
}

@test "the eigenvariate of a region's voxels is a series that can be fitted again" {
    make_image weights bla.nii.gz 6
    nvc-extract -q -m bla.nii.gz --summary all run.nii.gz -o voxels.tsv
    for noise in arma11 ar1-reml; do
        nvc-glm -q -d design.tsv -n $noise --voi voi.tsv voxels.tsv -o voxels_glm.tsv
        [ "$(wc -l <voi.tsv)" -eq 25 ]
        grep -q '"summary": "eigenvariate"' voi.json
        nvc-glm -q -d design.tsv voi.tsv -o glm.tsv
        grep -q psc_not_a_mean glm.tsv || grep -q s0_unknown glm.tsv
    done
    nvc-glm -q -d design.tsv --voi - voxels.tsv -o voxels_glm.tsv | head -1 | grep -q '^#nvc {"table":"series"'
    refused 2 'nvc-extract --summary all' nvc-glm -d design.tsv --voi voi.tsv --maps a run.nii.gz
}

@test "whiteness of a voxel is that of its series, and sidecars hold the facts of the design" {
    make_image weights bla.nii.gz 6
    nvc-extract -q -m bla.nii.gz --summary all --voxels voxels.tsv run.nii.gz -o series.tsv
    voxels=$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at["i"], $at["j"], $at["k"] }' voxels.tsv)
    for noise in ols arma11; do
        nvc-glm -d design.tsv -n $noise --diagnosis d.tsv series.tsv -o glm.tsv
        nvc-glm -d design.tsv -n $noise --map whiteness,sigma --maps m -j 2 run.nii.gz
        # shellcheck disable=SC2086
        voxel_values m_stat-whiteness_statmap.nii.gz $voxels >map.txt
        awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at["whiteness_p"] }' d.tsv |
            paste map.txt - | awk '{ d = $1 - $2; if ($2 == "n/a" || d > 1e-4 || d < -1e-4) bad = 1 } END { exit bad || NR < 2 }'
    done
    grep -q '"VolumesCensored": 0' m_stat-sigma_statmap.json
    grep -q '"ConditionNumber": [1-9]' m_stat-sigma_statmap.json
}

@test "residuals are what the model leaves" {
    glm -n ols --map sigma --maps a --residuals left.nii.gz run.nii.gz
    voxel_values left.nii.gz 10 10 8 >left.txt
    [ "$(wc -l <left.txt)" -eq 24 ]
    sigma=$(voxel_values a_stat-sigma_statmap.nii.gz 10 10 8)
    awk -v sigma="$sigma" '{ s += $1; q += $1 * $1 } END { exit !(s < 1e-2 && s > -1e-2 && q / 21 / sigma / sigma > .9999 && q / 21 / sigma / sigma < 1.0001) }' left.txt
}

@test "percent scales effects by the mean of the voxel" {
    glm -n ols --map effect,mean,t --maps a run.nii.gz
    glm -n ols --map effect,t --percent --maps b run.nii.gz
    cmp a_contrast-face_stat-t_statmap.nii.gz b_contrast-face_stat-t_statmap.nii.gz
    mean=$(voxel_values a_stat-mean_statmap.nii.gz 10 10 8)
    voxel_values a_contrast-face_stat-effect_statmap.nii.gz 10 10 8 | awk -v m="$mean" -v p="$(voxel_values b_contrast-face_stat-effect_statmap.nii.gz 10 10 8)" \
        '{ d = 100 * $1 / m - p; exit !(d < 1e-5 && d > -1e-5 && p != 0) }'
    grep -q '"Units": "%"' b_contrast-face_stat-effect_statmap.json
}

@test "a voxel that does not vary has no effect, not one of 0" {
    make_image run dropout.nii.gz 6 dropout
    glm --map effect,t,sigma --maps d dropout.nii.gz 2>said
    grep -q 'voxels of the mask do not vary or are not finite; the maps hold NaN there' said
    for map in contrast-face_stat-effect contrast-face_stat-t stat-sigma; do
        [ "$(voxel_values "d_${map}_statmap.nii.gz" 10 10 2)" = nan ]
        [ "$(voxel_values "d_${map}_statmap.nii.gz" 10 10 8)" != nan ]
    done
    make_image run still.nii.gz 6 still
    refused 1 'voxels of the mask varies: there is nothing to fit' glm --maps s still.nii.gz
    [ ! -e s_stat-sigma_statmap.nii.gz ]
}

@test "what does not go together is refused" {
    refused 2 '--maps PREFIX' glm run.nii.gz
    refused 2 'say which with --regions' glm --maps a --figure f.png run.nii.gz
    refused 2 "'tt' is no map" glm --map tt --maps a run.nii.gz
    make_image brain empty.nii.gz 6 none
    refused 1 'no voxel above 0' nvc-glm -d design.tsv --mask empty.nii.gz --maps a run.nii.gz
    refused 1 'would have one name' glm --contrast 'face + shape' --contrast 'face - shape' --maps a run.nii.gz
    nvc-mask -q -g run.nii.gz -o mask.nii.gz
    nvc-extract -q -m mask.nii.gz run.nii.gz -o series.tsv
    refused 2 'the run is a table' nvc-glm -d design.tsv --maps a series.tsv
    [ ! -e a_stat-sigma_statmap.nii.gz ]
}

@test "a run and its copy: effect kept, variance halved, by the mean and by the joint model" {
    glm -n ols --map effect,variance --maps one run.nii.gz
    nvc-glm -d design.tsv -d design.tsv --mask brain.nii.gz -n ols --map effect,variance --maps mean run.nii.gz run.nii.gz
    nvc-glm -d design.tsv -d design.tsv --mask brain.nii.gz -n ols --runs joint --map effect,variance --maps joint run.nii.gz run.nii.gz
    one=$(voxel_values one_contrast-face_stat-effect_statmap.nii.gz 10 10 8)
    variance=$(voxel_values one_contrast-face_stat-variance_statmap.nii.gz 10 10 8)
    for how in mean joint; do
        voxel_values ${how}_contrast-face_stat-effect_statmap.nii.gz 10 10 8 | awk -v one="$one" '{ d = $1 - one; exit !(d < 1e-4 && d > -1e-4) }'
        ratio=$([ $how = mean ] && echo 0.5 || awk 'BEGIN { print .5 * 42 / 44 }')
        voxel_values ${how}_contrast-face_stat-variance_statmap.nii.gz 10 10 8 |
            awk -v v="$variance" -v r="$ratio" '{ d = $1 / v / r - 1; exit !(d < 1e-5 && d > -1e-5) }'
    done
    refused 2 'give one image at a time' nvc-glm -d design.tsv -d design.tsv --runs each --maps a run.nii.gz run.nii.gz
    make_image run other.nii.gz 5
    refused 1 'grid' nvc-glm -d design.tsv -d design.tsv --maps a run.nii.gz other.nii.gz
}
