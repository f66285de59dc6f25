#!/usr/bin/env bats
# Where a region lies does not depend on how the grid of the run is laid out.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    PATH=${builddir:?}/tests/cmd:$PATH
    make_image labels atlas.nii.gz 1
    printf '%s\n' LB-lh LB-rh CM-lh CM-rh SF-lh SF-rh >atlas_label.txt
    for grid in las:3: ras:3:ras oblique:3:oblique fine:2: odd:2.5:oblique; do
        IFS=: read -r name edge variant <<<"$grid"
        make_image run "$name.nii.gz" "$edge" "$variant"
    done
}

# Centres of all regions agree with those on the first grid within LIMIT mm, volumes within 1 %, and no side is on the wrong side.
agree() {
    local limit=$1
    shift
    for name in las ras oblique fine odd; do
        nvc-mask -q "$@" -g $name.nii.gz -o ${name}_mask.nii.gz
        awk -F'\t' -v name=$name 'NR > 1 { print $4, $12, $13, $14, $11, $15, name }' ${name}_mask.tsv
    done | awk -v limit="$limit" '
        $7 == "las" { x[$1] = $2; y[$1] = $3; z[$1] = $4; v[$1] = $5; n++ }
        { d = sqrt(($2 - x[$1]) ^ 2 + ($3 - y[$1]) ^ 2 + ($4 - z[$1]) ^ 2); r = $5 / v[$1] - 1; seen++
          if (d > limit || r > 0.01 || r < -0.01 || $6 != "ok" || ($1 ~ /_L$/) != ($2 < 0)) { print "bad:", $0, d, r; bad = 1 } }
        END { exit bad || n != 6 || seen != 30 }'
}

@test "the built-in nuclei lie within 0.1 mm of each other on LAS, RAS, oblique, 2-mm and 2.5-mm grids, sides right" {
    for name in las ras oblique fine odd; do
        nvc-mask -q -r BLA -r CM -r SF -g $name.nii.gz -o ${name}_builtin.nii.gz
        awk -F'\t' -v name=$name 'NR > 1 { print $4, $12, $13, $14, $15, name }' ${name}_builtin.tsv
    done | awk '
        $6 == "las" { x[$1] = $2; y[$1] = $3; z[$1] = $4 }
        { d = sqrt(($2 - x[$1]) ^ 2 + ($3 - y[$1]) ^ 2 + ($4 - z[$1]) ^ 2); seen++
          if (d > 0.1 || $5 != "ok" || ($1 ~ /_L$/) != ($2 < 0)) { print "bad:", $0, d; bad = 1 } }
        END { exit bad || seen != 30 }'
}

@test "so do the regions of a label image, taken by their share of each voxel" {
    agree 0.1 -a atlas.nii.gz -r LB -r CM -r SF --sampling volume
}

@test "an atlas that is stored the other way round is the same atlas" {
    make_image labels turned.nii.gz 1 ras
    nvc-mask -q -a turned.nii.gz -l atlas_label.txt --atlas-name atlas -r LB -r CM -g oblique.nii.gz -o turned_mask.nii.gz
    nvc-mask -q -a atlas.nii.gz -r LB -r CM -g oblique.nii.gz -o mask.nii.gz
    cmp turned_mask.tsv mask.tsv
}

@test "every command that reads the run takes --orientation where sform and qform disagree" {
    zcat las.nii.gz >plain.nii
    restyle torn plain.nii torn.nii
    awk 'BEGIN { OFS = "\t"; print "onset", "duration", "trial_type"; for (t = 4; t < 40; t += 12) print t, 4, "face" }' >events.tsv
    run nvc-mask -g torn.nii -o mask.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"--orientation sform|qform"* ]]
    for form in sform qform; do
        nvc-mask -q --orientation $form -g torn.nii -o $form.nii.gz
        nvc-extract -q --orientation $form -m $form.nii.gz torn.nii -o $form.tsv
        nvc-qc -q --orientation $form -m $form.nii.gz torn.nii -o ${form}_qc.tsv
        nvc-glm -q --orientation $form -e events.tsv --regions $form.nii.gz torn.nii -o ${form}_glm.tsv
        nvc-activity -q --orientation $form -m $form.nii.gz torn.nii -o ${form}_activity.tsv
        [ "$(wc -l <${form}_qc.tsv)" = 3 ]
    done
    cmp sform.tsv <(nvc-mask -q -g las.nii.gz -o las_mask.nii.gz && nvc-extract -q --plain -m las_mask.nii.gz las.nii.gz)
    run cmp -s sform.tsv qform.tsv
    [ "$status" -eq 1 ]
    run nvc-glm -e events.tsv --regions sform.nii.gz torn.nii -o none.tsv
    [ "$status" -eq 1 ]
    run nvc-activity -m sform.nii.gz torn.nii -o none.tsv
    [ "$status" -eq 1 ]
    [ ! -e none.tsv ]
}
