#!/usr/bin/env bats
# nvc-mask as a user types it.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    PATH=${builddir:?}/tests/cmd:$PATH
    make_image run run.nii.gz
    make_image labels atlas.nii.gz 2
    printf '%s\n' LB-lh LB-rh CM-lh CM-rh SF-lh SF-rh >atlas_label.txt
}

# COLUMN [TABLE]: that column of all rows, blank-separated
column() {
    awk -F'\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) at = i }
        NR > 1 { printf "%s%s", sep, $at; sep = " " }' "${2:-mask.tsv}"
}

@test "without a word the mask is the built-in BLA, left and right" {
    nvc-mask -q -g run.nii.gz -o mask.nii.gz
    [ "$(column column)" = "BLA_L BLA_R" ]
    [ "$(column side_check)" = "ok ok" ]
    [ "$(column method)" = "partial_volume partial_volume" ]
    column volume_mm3 | awk '{ exit !($1 > 900 && $1 < 969.1 && $2 > 800 && $2 < 827.1) }'
    column x_mm | awk '{ exit !($1 < -25 && $1 > -26.5 && $2 > 25 && $2 < 27) }'
}

@test "copies of a region have its voxels, lie on its side, apart from all, and are the same for a seed" {
    make_image brain brain.nii.gz
    nvc-mask -q -r BLA -r CM -g run.nii.gz --binary -o plain.nii.gz
    nvc-mask -q -r BLA -r CM -g run.nii.gz --binary --null 5 --null-inside brain.nii.gz -o mask.nii.gz
    nvc-mask -q -r BLA -r CM -g run.nii.gz --binary --null 5 --null-inside brain.nii.gz -o again.nii.gz
    cmp mask.nii.gz again.nii.gz
    [ "$(column column | tr ' ' '\n' | grep -c '^null')" = 20 ]
    awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { n = $at["n_vox"]; of = $at["region"]; side = $at["side"] }
        of !~ /^null/ { size[of side] = n; x[++k] = $at["x_mm"]; y[k] = $at["y_mm"]; z[k] = $at["z_mm"] }
        of ~ /^null/ { name = substr(of, 5, length(of) - 7); bad += n != size[name side] || ($at["x_mm"] < 0) != (side == "L")
            for (i = 1; i <= k; i++) bad += ($at["x_mm"] - x[i])^2 + ($at["y_mm"] - y[i])^2 + ($at["z_mm"] - z[i])^2 < 100 }
        END { exit bad || k != 4 }' mask.tsv
    run nvc-mask -q -r BLA -g run.nii.gz --null 5 -o no.nii.gz
    [ "$status" -eq 2 ]
    run nvc-mask -q -r BLA -g run.nii.gz --binary --null 5 --null-inside plain.nii.gz -o no.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"no place for a copy"* ]]
    [ ! -e no.nii.gz ]
}

@test "the weights of BLA, CM and SF sum to at most one" {
    nvc-mask -q -r BLA -r CM -r SF -g run.nii.gz -o mask.nii.gz
    [ "$(column column)" = "BLA_L BLA_R CM_L CM_R SF_L SF_R" ]
    nvc-mask -q -r amygdala -g run.nii.gz -o whole.nii.gz
    # the union weighs what its parts weigh: nothing is cut at one, nothing counted twice
    { column weight_sum; echo; column weight_sum whole.tsv; } |
        awk 'NR == 1 { parts = $1 + $2 + $3 + $4 + $5 + $6 } NR == 2 { d = $1 + $2 - parts; exit !(d * d < 1e-6) }'
}

@test "--bilateral adds the union as side B" {
    nvc-mask -q -r BLA -r CM_L --bilateral -g run.nii.gz -o mask.nii.gz
    [ "$(column column)" = "BLA_L BLA_R CM_L BLA_B" ]
    column n_vox | awk '{ exit !($1 + $2 == $4) }'
}

@test "a label image finds the names beside it and the side in them" {
    nvc-mask -q -a atlas.nii.gz -r LB -g run.nii.gz -o mask.nii.gz
    [ "$(column column)" = "LB_L LB_R" ]
    [ "$(column atlas)" = "atlas atlas" ]
    [ "$(column method)" = "nearest nearest" ]
}

@test "regions are chosen by glob, exact label, side and union" {
    for request in 'LB-*' 'LB_L' 'LB-rh' 'BLA=LB+CM' 'X=LB-lh+0.5*CM-lh'; do
        nvc-mask -q -a atlas.nii.gz -r "$request" -g run.nii.gz -o mask.nii.gz
        column column
        echo
    done >seen
    printf '%s\n' 'LB_L LB_R' LB_L LB_R 'BLA_L BLA_R' X_L | diff - seen
}

@test "a name that is not there is refused with a near miss and status 1" {
    run nvc-mask -a atlas.nii.gz -r LBB -g run.nii.gz -o mask.nii.gz
    [ "$status" -eq 1 ]
    [ "${lines[-1]}" = "nvc-mask: atlas_label.txt: no region 'LBB'; did you mean 'LB'?" ]
    [ ! -e mask.nii.gz ]
    run nvc-mask -a atlas.nii.gz -r 'A=' -g run.nii.gz -o mask.nii.gz
    [ "$status" -eq 2 ]
    run nvc-mask -a atlas.nii.gz -g run.nii.gz -o mask.nii.gz
    [ "$status" -eq 2 ]
}

@test "a flipped atlas is refused with the numbers, and accepted only on demand" {
    make_image labels flipped.nii.gz 2 flip
    run nvc-mask -a flipped.nii.gz -l atlas_label.txt -r LB -g run.nii.gz -o mask.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"region LB_L is named left but its centre lies at x = 2"*"--allow-side-mismatch"* ]]
    [ ! -e mask.nii.gz ]
    nvc-mask -q -a flipped.nii.gz -l atlas_label.txt -r LB -g run.nii.gz -o mask.nii.gz --allow-side-mismatch
    [ "$(column side_check)" = "mismatch mismatch" ]
}

@test "FSL: an XML of probabilities is sampled linearly from half of 100 %" {
    mkdir -p Lab && make_image probabilities Lab/prob.nii.gz 2 && make_image labels Lab/max.nii.gz 2
    fsl_xml Probabalistic >Lab.xml
    nvc-mask -q -a Lab.xml -r 'GM Amygdala_laterobasal*' -g run.nii.gz -o mask.nii.gz
    [ "$(column column)" = "GM_Amygdala_laterobasal_group_L GM_Amygdala_laterobasal_group_R" ]
    [ "$(column method)" = "probability_linear>=0.5 probability_linear>=0.5" ]
    column volume_mm3 | awk '{ exit !($1 > 500 && $1 < 900) }'
    nvc-mask -q -a Lab.xml -r 'GM Amygdala_laterobasal*' --threshold 0 -g run.nii.gz -o mask.nii.gz
    column weight_sum | awk '{ v = $1 * 27; exit !(v > 0.8 * 900 && v < 0.8 * 1050) }'
}

@test "FSL: a flipped probability image is refused with the numbers" {
    mkdir -p Lab && make_image probabilities Lab/prob.nii.gz 2 flip
    fsl_xml Probabalistic >Lab.xml
    run nvc-mask -a Lab.xml -r '*laterobasal group L' -g run.nii.gz -o mask.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"named left but its centre lies at x = 2"* ]]
}

@test "FSL: in the maximum-probability image the value is the index plus one" {
    mkdir -p Lab && make_image labels Lab/max.nii.gz 2
    fsl_xml Probabalistic | sed 's|<imagefile>.*</imagefile>||' >Lab.xml
    nvc-mask -q -a Lab/max.nii.gz -l Lab.xml -r '*laterobasal group L' -g run.nii.gz -o mask.nii.gz
    [ "$(column side_check)" = "ok" ]
    column y_mm | awk '{ exit !($1 > -4 && $1 < -1) }'
}

fsl_xml() {
    echo '<?xml version="1.0" encoding="ISO-8859-1"?><atlas version="1.0"><header><name>Lab</name>'
    echo "<type>$1</type><images><imagefile>/Lab/prob</imagefile><summaryimagefile>/Lab/max</summaryimagefile></images></header><data>"
    i=0
    for name in laterobasal centromedial superficial; do
        for side in L R; do
            echo "<label index=\"$i\" x=\"1\" y=\"1\" z=\"1\">GM Amygdala_$name group $side</label>"
            i=$((i + 1))
        done
    done
    echo '</data></atlas>'
}

@test "TemplateFlow: dseg with a TSV carries its space" {
    make_image labels tpl-MNI152NLin6Asym_res-02_atlas-Lab_dseg.nii.gz 2
    printf 'index\tname\n1\tLeft LB\n2\tRight LB\n3\tLeft CM\n' >tpl-MNI152NLin6Asym_res-02_atlas-Lab_dseg.tsv
    nvc-mask -q -a tpl-MNI152NLin6Asym_res-02_atlas-Lab_dseg.nii.gz -r LB -g run.nii.gz -o mask.nii.gz
    [ "$(column column) $(column space)" = "LB_L LB_R MNI152NLin6Asym MNI152NLin6Asym" ]
    [ "$(column atlas)" = "Lab Lab" ]
}

@test "TemplateFlow: a flipped dseg is refused with the numbers" {
    make_image labels tpl-MNI152NLin6Asym_atlas-Lab_dseg.nii.gz 2 flip
    printf 'index\tname\n1\tLeft LB\n2\tRight LB\n' >tpl-MNI152NLin6Asym_atlas-Lab_dseg.tsv
    run nvc-mask -a tpl-MNI152NLin6Asym_atlas-Lab_dseg.nii.gz -r LB -g run.nii.gz -o mask.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"region LB_L is named left but its centre lies at x = 2"* ]]
    [ ! -e mask.nii.gz ]
}

@test "FreeSurfer: a person's own space is no MNI space" {
    printf '7001 Lateral-nucleus 72 132 181 0\n7003 Basal-nucleus 4 5 6 0\n' >lut.txt
    make_image side rh.hippoAmygLabels-T1.v21.nii.gz 1
    run nvc-mask -a rh.hippoAmygLabels-T1.v21.nii.gz -l lut.txt -r Lateral-nucleus -g run.nii.gz -o mask.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"freesurfer-ha is in space subject, the run in MNI152"* ]]
    nvc-mask -q -a rh.hippoAmygLabels-T1.v21.nii.gz -l lut.txt -r Lateral-nucleus --space T1w -g run.nii.gz -o mask.nii.gz
    [ "$(column column) $(column atlas)" = "Lateral-nucleus_R freesurfer-ha" ]
}

@test "FreeSurfer: the side of a hemisphere's file is in its name, and is checked" {
    printf '# LUT\n0 Unknown 0 0 0 0\n7001 Lateral-nucleus 72 132 181 0\n7002 Basolateral 1 2 3 0\n7003 Basal-nucleus 4 5 6 0\n' >lut.txt
    make_image side rh.hippoAmygLabels.nii 1
    nvc-mask -q -a rh.hippoAmygLabels.nii -l lut.txt -r 'BLA=Lateral-nucleus+Basal-nucleus' -g run.nii.gz -o mask.nii.gz
    [ "$(column column) $(column side_check)" = "BLA_R ok" ]
    make_image side rh.flipped.nii 1 flip
    run nvc-mask -a rh.flipped.nii -l lut.txt -r Lateral-nucleus -g run.nii.gz -o mask.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"named right but its centre lies at x = -2"* ]]
}

@test "FSL: an atlas folder as installed: by name, and a summary image that finds the description above it" {
    home=$PWD/fsl/data/atlases
    mkdir -p "$home/Lab" && make_image probabilities "$home/Lab/Lab-prob-2mm.nii.gz" 2 && make_image labels "$home/Lab/Lab-maxprob-thr50-2mm.nii.gz" 2
    fsl_xml Probabalistic | sed 's|/Lab/prob|/Lab/Lab-prob-2mm|; s|/Lab/max|/Lab/Lab-maxprob-thr25-2mm|' >"$home/Juelich.xml"
    echo '<other/>' >"$home/Another.xml"
    FSLDIR=$PWD/fsl nvc-mask -q -a fsl-juelich -g run.nii.gz -o mask.nii.gz
    [ "$(column column) $(column side_check)" = "BLA_L BLA_R ok ok" ]
    # value 1 of the summary image is index 0
    nvc-mask -q -a "$home/Lab/Lab-maxprob-thr50-2mm.nii.gz" -r '*laterobasal group L' -g run.nii.gz -o max.nii.gz
    [ "$(column side_check max.tsv) $(column method max.tsv)" = "ok nearest" ]
    make_image labels "$home/Lab/Lab-maxprob-thr25-2mm.nii.gz" 2 flip
    run nvc-mask -a "$home/Lab/Lab-maxprob-thr25-2mm.nii.gz" -r '*laterobasal*' -g run.nii.gz -o none.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"is named left but its centre lies at x = 2"* ]]
    [ ! -e none.nii.gz ]
}

@test "TemplateFlow: an atlas folder as installed, and probabilities with their table" {
    export TEMPLATEFLOW_HOME=$PWD/tf
    mkdir -p tf/tpl-MNI152NLin2009cAsym
    dseg=tf/tpl-MNI152NLin2009cAsym/tpl-MNI152NLin2009cAsym_res-02_atlas-HOSPA_desc-th25_dseg
    make_image labels $dseg.nii.gz 2
    printf 'index\tname\n1\tLeft Amygdala\n2\tRight Amygdala\n' >$dseg.tsv
    nvc-mask -q -a templateflow-hospa-2009c -r amygdala -g run.nii.gz -o mask.nii.gz
    [ "$(column column) $(column space)" = "amygdala_L amygdala_R MNI152NLin2009cAsym MNI152NLin2009cAsym" ]
    make_image labels $dseg.nii.gz 2 flip
    run nvc-mask -a templateflow-hospa-2009c -r amygdala -g run.nii.gz -o none.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"named left but its centre lies at x = 2"* ]]
    make_image probabilities tpl-MNI152NLin2009cAsym_atlas-Lab_probseg.nii.gz 2
    printf '%s\n' 'index name' '1 Left LB' '2 Right LB' '3 Left CM' '4 Right CM' '5 Left SF' '6 Right SF' |
        sed 's/ /\t/' >tpl-MNI152NLin2009cAsym_atlas-Lab_probseg.tsv
    nvc-mask -q -a tpl-MNI152NLin2009cAsym_atlas-Lab_probseg.nii.gz -r LB -r CM -g run.nii.gz -o prob.nii.gz
    [ "$(column column prob.tsv) $(column method prob.tsv | cut -d' ' -f1)" = "LB_L LB_R CM_L CM_R probability_linear>=0.5" ]
    make_image probabilities tpl-MNI152NLin2009cAsym_atlas-Lab_probseg.nii.gz 2 flip
    run nvc-mask -a tpl-MNI152NLin2009cAsym_atlas-Lab_probseg.nii.gz -r LB -g run.nii.gz -o none.nii.gz
    [ "$status" -eq 1 ]
    [ ! -e none.nii.gz ]
}

@test "FreeSurfer: both hemispheres of a person by name, BLA by the numbers of the colour table" {
    mkdir -p fs sub-01/mri
    cat >fs/FreeSurferColorLUT.txt <<LUT
7001 Lateral-nucleus 72 132 181 0
7002 Basolateral-nucleus 1 2 3 0
7003 Basal-nucleus 255 0 0 0
7005 Central-nucleus 5 6 7 0
7006 Medial-nucleus 5 6 8 0
7007 Cortical-nucleus 5 6 9 0
7008 Accessory-Basal-nucleus 5 6 10 0
7009 Corticoamygdaloid-transitio 5 6 11 0
7010 Anterior-amygdaloid-area-AAA 5 6 12 0
7015 Paralaminar-nucleus 5 6 13 0
LUT
    export FREESURFER_HOME=$PWD/fs
    make_image side sub-01/mri/rh.hippoAmygLabels-T1.v22.nii.gz 1
    make_image side sub-01/mri/lh.hippoAmygLabels-T1.v22.nii.gz 1 flip
    nvc-mask -q -a freesurfer-ha --atlas-path sub-01/mri --space T1w -g run.nii.gz -o mask.nii.gz
    [ "$(column column) $(column side_check)" = "BLA_L BLA_R ok ok" ]
    # 7001 and 7003 belong to it, the old group 7002 does not
    nvc-mask -q -a freesurfer-ha --atlas-path sub-01/mri --space T1w -r Lateral-nucleus -r Basolateral-nucleus -r Basal-nucleus -g run.nii.gz -o parts.nii.gz
    { column n_vox; echo; column n_vox parts.tsv; } | awk 'NR == 1 { l = $1; r = $2 } NR == 2 { exit !(l == $1 + $5 && r == $2 + $6 && $3 > 0) }'
    grep -q '"lh.hippoAmyg\|/lh.hippoAmyg' mask.json && grep -q '/rh.hippoAmyg' mask.json
    # a person whose hemispheres were swapped
    mkdir -p sub-02/mri
    cp sub-01/mri/rh.hippoAmygLabels-T1.v22.nii.gz sub-02/mri/lh.hippoAmygLabels-T1.v22.nii.gz
    cp sub-01/mri/lh.hippoAmygLabels-T1.v22.nii.gz sub-02/mri/rh.hippoAmygLabels-T1.v22.nii.gz
    run nvc-mask -a freesurfer-ha --atlas-path sub-02/mri --space T1w -g run.nii.gz -o none.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"BLA_L is named left but its centre lies at x = 2"* ]]
    [ ! -e none.nii.gz ]
    rm sub-01/mri/rh.*
    run nvc-mask -a freesurfer-ha --atlas-path sub-01/mri --space T1w -g run.nii.gz -o half.nii.gz
    [[ "$output" == *"rh.hippoAmygLabels-T1.v22.nii.gz is not there, so only one hemisphere has regions"* ]]
    [ "$(column column half.tsv)" = BLA_L ]
}

@test "Julich-Brain: two files with their XML by name" {
    mkdir julich
    for h in l r; do
        make_image side julich/JulichBrainAtlas_3.1_207areas_MPM_${h}h_MNI152.nii.gz 1 "$([ $h = r ] || echo flip)"
        echo '<JulichBrain><Structures><Structure id="1" grayvalue="7001">LB (Amygdala)</Structure><Structure id="2" grayvalue="7002">CM (Amygdala)</Structure>' \
            '<Structure id="3" grayvalue="7003">SF (Amygdala)</Structure></Structures></JulichBrain>' >julich/JulichBrainAtlas_3.1_207areas_MPM_${h}h_MNI152.xml
    done
    nvc-mask -q -a julich-brain-3.1 --atlas-path julich -r BLA -r CM -g run.nii.gz -o mask.nii.gz
    [ "$(column column) $(column side_check)" = "BLA_L BLA_R CM_L CM_R ok ok ok ok" ]
    [ "$(column space | cut -d' ' -f1)" = MNI152NLin2009cAsym ]
    run nvc-mask -a julich/JulichBrainAtlas_3.1_207areas_MPM_lh_MNI152.nii.gz -r BLA -g run.nii.gz -o one.nii.gz
    [[ "$output" == *"holds one hemisphere; the other is in julich/JulichBrainAtlas_3.1_207areas_MPM_rh_MNI152.nii.gz"* ]]
    [ "$(column column one.tsv)" = BLA_L ]
}

@test "AAL: the list is called after the image with its ending" {
    cp atlas.nii.gz AAL3v1_1mm.nii.gz
    printf '%s\n' '1 Amygdala_L 1' '2 Amygdala_R 2' >AAL3v1_1mm.nii.txt
    nvc-mask -q -a aal3 --atlas-path . -r amygdala -g run.nii.gz -o mask.nii.gz
    [ "$(column column) $(column atlas)" = "amygdala_L amygdala_R aal3 aal3" ]
}

@test "the weights of a weighted union are those that were asked for" {
    nvc-mask -q -a atlas.nii.gz -r LB-lh -r CM-lh -r 'X=LB-lh+0.25*CM-lh' -g run.nii.gz -o mask.nii.gz
    column weight_sum | awk '{ d = $1 + 0.25 * $2 - $3; exit !(d * d < 1e-12 && $2 > 5) }'
}

@test "a label without a side is split at x = 0" {
    printf '%s\n' whole whole2 >both.txt
    make_image labels both.nii.gz 2
    nvc-mask -q -a both.nii.gz -l both.txt -r 'AMY=whole+whole2' -g run.nii.gz -o mask.nii.gz
    [ "$(column column) $(column side_check)" = "AMY_L AMY_R from_x from_x" ]
}

@test "a region outside the grid is reported, none at all is refused" {
    make_image labels far.nii.gz 2 shift
    run nvc-mask -a atlas.nii.gz -r nothing -g far.nii.gz -o mask.nii.gz
    [ "$status" -eq 1 ]
    run nvc-mask -a atlas.nii.gz -r LB -g missing.nii.gz -o mask.nii.gz
    [ "$status" -eq 3 ]
}

@test "a mask keeps its names through a pipe, as gzip, and as labels" {
    nvc-mask -q -g run.nii.gz >mask.nii
    head -c 2000 mask.nii | grep -aq '"column":"BLA_R"'
    nvc-mask -q --binary -r BLA -r CM -g run.nii.gz -o labels.nii.gz
    [ "$(column column labels.tsv)" = "BLA_L BLA_R CM_L CM_R" ]
    [ "$(column weight_sum labels.tsv)" = "$(column n_vox_half labels.tsv)" ]
    run nvc-mask --binary --bilateral -g run.nii.gz -o both.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"and BLA_B overlap: one label image cannot hold both"* ]]
}

@test "--list names every atlas of the catalogue and finds what is on this machine" {
    mkdir -p atlases fsl/data/atlases
    make_image labels atlases/Tian_Subcortex_S2_3T.nii.gz 2
    fsl_xml Probabalistic >fsl/data/atlases/Juelich.xml
    FSLDIR=$PWD/fsl nvc-mask --list --atlas-path atlases >list.tsv
    [ "$(column atlas list.tsv | wc -w)" -ge 15 ]
    grep "^tian2020-s2	" list.tsv | cut -f5 | grep -qx atlases/Tian_Subcortex_S2_3T.nii.gz
    grep "^fsl-juelich	" list.tsv | cut -f5 | grep -qx "$PWD/fsl/data/atlases/Juelich.xml"
    grep "^aal3	" list.tsv | cut -f5 | grep -qx n/a
}

# NAME REGIONS: the atlas is found below ./as-installed, and the regions come by their common names, each on its side
taken() {
    nvc-mask --list --atlas-path as-installed >list.tsv
    image=$(grep "^$1	" list.tsv | cut -f5)
    [[ "$image" == as-installed/* ]] || { echo "$1 is not found"; return 1; }
    for region in $2; do
        nvc-mask -q -a "$1" --atlas-path as-installed --space any --atlas-space any -r "$region" -g run.nii.gz -o one.nii.gz || return 1
        [ "$(column column one.tsv)" = "${region}_L ${region}_R" ] || { echo "$1 $region: $(column column one.tsv)"; return 1; }
        [[ "$(column side_check one.tsv)" == "${3:-ok ok}" ]] || { echo "$1 $region: $(column side_check one.tsv)"; return 1; }
        column n_vox_half one.tsv | awk '{ exit !($1 > 5 && $2 > 5) }' || { echo "$1 $region: $(column n_vox_half one.tsv) voxels"; return 1; }
    done
}
place() { # KIND FILE: an image in a folder that may not be there yet
    mkdir -p "as-installed/$(dirname "$2")"
    case $2 in
    *.gz) make_image "$1" "as-installed/$2" 2 ;;
    *) make_image "$1" packed.nii.gz 2 && zcat packed.nii.gz >"as-installed/$2" ;;
    esac
}

@test "each label atlas of the catalogue is taken from the folder that its archive unpacks to" {
    tian=Group-Parcellation/3T/Subcortex-Only
    for scale in 2 3; do
        place labels $tian/Tian_Subcortex_S${scale}_3T.nii.gz
        printf '%s\n' lAMY-lh lAMY-rh mAMY-lh mAMY-rh HIP-lh HIP-rh >as-installed/$tian/Tian_Subcortex_S${scale}_3T_label.txt
        taken tian2020-s$scale 'BLA amygdala'
    done
    place labels $tian/Tian_Subcortex_S4_3T.nii
    printf '%s\n' lAMY-lh lAMY-rh mAMY-lh mAMY-rh HIP-lh HIP-rh >as-installed/$tian/Tian_Subcortex_S4_3T_label.txt
    taken tian2020-s4 'BLA amygdala'
    place labels $tian/Tian_Subcortex_S1_3T.nii.gz
    printf '%s\n' AMY-lh AMY-rh PUT-lh PUT-rh HIP-lh HIP-rh >as-installed/$tian/Tian_Subcortex_S1_3T_label.txt
    taken tian2020-s1 amygdala
    place labels $tian/Tian_Subcortex_S2_3T_2009cAsym.nii.gz
    taken tian2020-s2-2009c 'BLA amygdala'
    spm_xml='<?xml version="1.0" encoding="ISO-8859-1"?><atlas version="2.0"><header><name>AAL</name><images><imagefile>AAL.nii</imagefile></images></header><data>
        <label><index>1</index><name>Amygdala_L</name></label><label><index>2</index><name>Amygdala_R</name></label></data></atlas>'
    place labels AAL3/AAL3v1.nii
    echo "$spm_xml" >as-installed/AAL3/AAL3v1.xml
    taken aal3 amygdala
    rm as-installed/AAL3/AAL3v1.xml
    printf '%s\n' '1 Amygdala_L 41' '2 Amygdala_R 42' '3 Hippocampus_L 43' >as-installed/AAL3/AAL3v1.nii.txt
    taken aal3 amygdala
    place labels aal/atlas/AAL.nii
    echo "$spm_xml" >as-installed/aal/atlas/AAL.xml
    taken aal1 amygdala
    rm -r as-installed/aal
    place labels aal_for_SPM8/ROI_MNI_V4.nii
    printf 'AMYG_L\tAmygdala_L\t1\nAMYG_R\tAmygdala_R\t2\n' >as-installed/aal_for_SPM8/ROI_MNI_V4.txt
    taken aal1 amygdala
    for space in NLin6Asym NLin2009cAsym; do
        dseg=tpl-MNI152$space/tpl-MNI152${space}_res-02_atlas-HOSPA_desc-th25_dseg
        place labels $dseg.nii.gz
        printf 'index\tname\n1\tLeft Amygdala\n2\tRight Amygdala\n' >as-installed/$dseg.tsv
    done
    taken templateflow-hospa amygdala
    taken templateflow-hospa-2009c amygdala
    place labels aseg.nii.gz
    printf '%s\n' '1 Left-Amygdala 103 255 255 0' '2 Right-Amygdala 103 255 255 0' >as-installed/FreeSurferColorLUT.txt
    taken freesurfer-aseg amygdala
}

@test "each probability atlas of the catalogue is taken from the folder that its archive unpacks to" {
    mkdir -p as-installed/data/atlases
    place probabilities data/atlases/HarvardOxford/HarvardOxford-sub-prob-2mm.nii.gz
    place labels data/atlases/HarvardOxford/HarvardOxford-sub-maxprob-thr25-2mm.nii.gz
    fsl_xml Probabilistic | sed 's|/Lab/prob|/HarvardOxford/HarvardOxford-sub-prob-2mm|; s|/Lab/max|/HarvardOxford/HarvardOxford-sub-maxprob-thr25-2mm|
        s|GM Amygdala_laterobasal group L|Left Amygdala|; s|GM Amygdala_laterobasal group R|Right Amygdala|; s|GM Amygdala_\(.*\) group|\1|' \
        >as-installed/data/atlases/HarvardOxford-Subcortical.xml
    taken harvard-oxford amygdala
    # value 1 of the maximum-probability image is index 0
    nvc-mask -q -a as-installed/data/atlases/HarvardOxford/HarvardOxford-sub-maxprob-thr25-2mm.nii.gz -r '*Amygdala' -g run.nii.gz -o max.nii.gz
    [ "$(column side_check max.tsv) $(column method max.tsv)" = 'ok ok nearest nearest' ]
    place probabilities data/atlases/Juelich/Juelich-prob-2mm.nii.gz
    fsl_xml Probabilistic | sed 's|/Lab/prob|/Juelich/Juelich-prob-2mm|' >as-installed/data/atlases/Juelich.xml
    taken fsl-juelich 'BLA CM SF amygdala'
    # nuclei of both sides in one volume: split at x = 0
    place probabilities CIT168_Amygdala_v1.0.3/CIT168toMNI152_700um/CIT168_pAmyNuc_700um_MNI.nii.gz
    { echo '# ITK-SnAP Label Description File'
      printf '%5d 255 0 0 1 1 1 "%s"\n' 0 'Clear Label' 1 AMY_BLN_La 2 AMY_BLN_BL_BLD+BLI 3 AMY_BLN_BM 4 AMY_CEN 5 AMY_CMN 6 AMY_BL_BLV; } \
        >as-installed/CIT168_Amygdala_v1.0.3/CIT168_AmyLabels.txt
    taken cit168-amygdala 'BLA CM amygdala' 'from_x from_x'
}

@test "every atlas of the catalogue is one that a test here takes by its name" {
    nvc-mask --list >list.tsv
    for name in $(cut -f1 list.tsv | tail -n +2); do
        [ "$name" = julich31-ellipsoids ] || grep -qE "(taken|-a) $name( |\\\$|-s)|taken ${name%[1-4]}" "$BATS_TEST_FILENAME" || { echo "$name"; false; }
    done
}

@test "an atlas of the catalogue is taken by its name, with its space and what it calls BLA" {
    mkdir -p fsl/data/atlases/Lab
    make_image probabilities fsl/data/atlases/Lab/prob.nii.gz 2
    fsl_xml Probabalistic >fsl/data/atlases/Juelich.xml
    FSLDIR=$PWD/fsl nvc-mask -q -a fsl-juelich -r BLA -r amygdala -g run.nii.gz -o mask.nii.gz
    [ "$(column column)" = "BLA_L BLA_R amygdala_L amygdala_R" ]
    [ "$(column atlas | tr ' ' '\n' | uniq) $(column space | cut -d' ' -f1)" = "fsl-juelich MNI152NLin6Asym" ]
    run nvc-mask -a aal3 -r amygdala -g run.nii.gz -o mask2.nii.gz
    [ "$status" -eq 3 ]
    [[ "$output" == *"atlas aal3 is not found"*"gin.cnrs.fr"* ]]
    cp atlas.nii.gz AAL3v1.nii.gz
    printf '%s\n' '1 Amygdala_L 1' '2 Amygdala_R 2' >AAL3v1.txt
    nvc-mask -q -a AAL3v1.nii.gz -r amygdala -g run.nii.gz -o mask.nii.gz
    [ "$(column column) $(column atlas)" = "amygdala_L amygdala_R aal3 aal3" ]
}

@test "atlas and run in different templates: a warning with the distance; other spaces are refused unless declared" {
    cp run.nii.gz sub-1_task-t_space-MNI152NLin6Asym_bold.nii.gz
    run nvc-mask -g sub-1_task-t_space-MNI152NLin6Asym_bold.nii.gz -o mask.nii.gz
    [ "$status" -eq 0 ]
    [[ "$output" == *"warning: atlas julich31-ellipsoids is in space MNI152NLin2009cAsym, the run in MNI152NLin6Asym"*"3.2 mm"* ]]
    run nvc-mask --space MNI152NLin2009cAsym -g sub-1_task-t_space-MNI152NLin6Asym_bold.nii.gz -o mask.nii.gz
    [[ "$output" != *warning* ]]
    cp run.nii.gz sub-1_task-t_space-T1w_bold.nii.gz
    run nvc-mask -g sub-1_task-t_space-T1w_bold.nii.gz -o none.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"the run in T1w"*"--space or --atlas-space"* ]]
    [ ! -e none.nii.gz ]
    nvc-mask -q --atlas-space T1w -g sub-1_task-t_space-T1w_bold.nii.gz -o mask.nii.gz
}

@test "a template that nobody names is a warning; the header's codes for scanner and Talairach are names" {
    run nvc-mask -g run.nii.gz -o mask.nii.gz
    [ "$status" -eq 0 ]
    [[ "$output" == *"warning: whether atlas julich31-ellipsoids (space MNI152NLin2009cAsym) and the run (space MNI152) have one template is not known"*"--space"* ]]
    zcat run.nii.gz >plain.nii
    printf '\0\0\1\0' >code1
    printf '\0\0\3\0' >code3
    for code in 1:scanner 3:Talairach; do # qform_code and sform_code
        { head -c 252 plain.nii; cat "code${code%:*}"; tail -c +257 plain.nii; } >coded.nii
        run nvc-mask -g coded.nii -o none.nii.gz
        [ "$status" -eq 1 ]
        [[ "$output" == *"the run in ${code#*:}: no voxel corresponds"* ]]
    done
}

@test "--trim takes the medial-dorsal side away, --exclude what an image marks" {
    nvc-mask -q -g run.nii.gz -o mask.nii.gz
    nvc-mask -q -g run.nii.gz --trim 4 -o trimmed.nii.gz
    { column volume_mm3; echo; column volume_mm3 trimmed.tsv; } |
        awk 'NR == 1 { l = $1; r = $2 } NR == 2 { exit !($1 < 0.95 * l && $2 < 0.95 * r && $1 > l / 3) }'
    make_image weights left.nii.gz
    run nvc-mask -g run.nii.gz --exclude left.nii.gz -o rest.nii.gz
    [ "$status" -eq 0 ]
    { column weight_sum; echo; column weight_sum rest.tsv; } | awk 'NR == 1 { l = $1; r = $2 } NR == 2 { exit !($1 < l / 3 && $2 == r) }'
}

@test "--compare says how far two masks agree" {
    nvc-mask -q -g run.nii.gz -o mask.nii.gz
    nvc-mask -q -a atlas.nii.gz -r LB -g run.nii.gz -o other.nii.gz --compare mask.nii.gz --overlap overlap.tsv
    [ "$(column other_region overlap.tsv) $(column side overlap.tsv)" = "BLA BLA L R" ]
    column dice overlap.tsv | awk '{ exit !($1 > 0.65 && $1 < 1 && $2 > 0.65 && $2 < 1) }'
    column distance_mm overlap.tsv | awk '{ exit !($1 < 1.5 && $2 < 1.5) }'
}

@test "what is written is the same every time" {
    nvc-mask -q -r BLA -g run.nii.gz -o a.nii.gz
    nvc-mask -q -r BLA -g run.nii.gz -o b.nii.gz
    cmp a.nii.gz b.nii.gz
    cmp a.tsv b.tsv
}

@test "on the real run the Tian atlas gives the reference voxels and centres" {
    data=${NVC_REFERENCE:-$srcdir/../shared}
    tian=$data/data/atlases/tian2020-s2
    [ -d "$tian" ] || skip "no reference data"
    bold=$(echo "$data"/data/localizer/sub-01/func/*_bold.nii.gz)
    nvc-mask -q -a "$tian/Tian_Subcortex_S2_3T.nii.gz" -l "$tian/Tian_Subcortex_S2_3T_label.txt" -r 'lAMY-*' -g "$bold" -o mask.nii.gz
    [ "$(column column) $(column n_vox)" = "lAMY_L lAMY_R 42 42" ]
    awk -F'\t' 'NR == FNR { if (FNR > 1) { x[$1] = $3; y[$1] = $4; z[$1] = $5 } next }
        FNR > 1 { if (($12 - x[$4])^2 > 25e-10 || ($13 - y[$4])^2 > 25e-10 || ($14 - z[$4])^2 > 25e-10) bad = 1; n++ }
        END { exit bad || n != 2 }' "$data/reference/localizer/regions_nearest.tsv" mask.tsv
}

@test "on the real run the built-in BLA and the lateral amygdala of Tian overlap as atlases do" {
    data=${NVC_REFERENCE:-$srcdir/../shared}
    [ -d "$data/data/atlases" ] || skip "no reference data"
    bold=$(echo "$data"/data/localizer/sub-01/func/*_bold.nii.gz)
    nvc-mask -q -a tian2020-s2 --atlas-path "$data/data/atlases" -r BLA -g "$bold" -o tian.nii.gz
    nvc-mask -q -g "$bold" -o mask.nii.gz --compare tian.nii.gz --overlap overlap.tsv
    column dice overlap.tsv | awk '{ exit !($1 >= 0.45 && $2 >= 0.45) }'
    column distance_mm overlap.tsv | awk '{ exit !($1 < 5 && $2 < 5) }'
}
