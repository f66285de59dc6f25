#!/usr/bin/env bats
# nvc-cbf: flow from a perfusion run whose truth is known, from maps, and what it refuses.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    PATH=${builddir:?}/tests/cmd:$PATH
    make_image brain brain.nii.gz
    nvc-mask -q -g brain.nii.gz -o mask.nii.gz
}

cell() { # COLUMN CONDITION, from the table on standard input
    awk -F '\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { for (n in at) v[n] = $at[n] } '"$2"' { print v[want] }'
}
left() { cell "${2:-value}" 'v["index"] == "'"$1"'" && v["side"] == "L"'; } # INDEX [COLUMN]
near() { awk -v x="$1" -v y="$2" -v d="$3" 'BEGIN { exit !(x > y - d && x < y + d) }'; }

context() { # one letter for each volume, as make_asl takes them
    { echo volume_type; echo "$1" | fold -w 1 | sed 's/m/m0scan/; s/^c$/control/; s/^l$/label/; s/^d$/deltam/; s/^f$/cbf/'; } >sub-01_aslcontext.tsv
}
sidecar() { # members that go before the usual ones
    echo "{ $1 \"MagneticFieldStrength\": 3, \"MRAcquisitionType\": \"${acquisition:-3D}\" }" >sub-01_asl.json
}
pcasl='"ArterialSpinLabelingType": "PCASL", "LabelingDuration": 1.8, "PostLabelingDelay": 1.8, "RepetitionTimePreparation": 6,'

@test "flow that was put in comes out, in every region and voxel" {
    make_asl sub-01_asl.nii.gz mclclcl flow=55
    context mclclcl
    sidecar "$pcasl"
    nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --maps sub-01 sub-01_asl.nii.gz >out.tsv
    near "$(left cbf <out.tsv)" 55 0.001
    [ "$(left cbf class <out.tsv)" = perfusion ]
    [ "$(left cbf unit <out.tsv)" = 'mL/100 g/min' ]
    [ "$(left cbf coverage <out.tsv)" = 1 ]
    [ "$(left cbf participant_id <out.tsv)" = sub-01 ]
    near "$(voxel_values sub-01_cbf.nii.gz 20 20 20)" 55 0.01
    grep -q '"Units": "mL/100 g/min"' sub-01_cbf.json
    [ ! -e sub-01_att.nii.gz ]
}

@test "the worked cases of the consensus formula hold: 86.29992 and 102.52352 for a difference of a hundredth of M0" {
    make_asl sub-01_asl.nii.gz mdd flow=86.29992
    context mdd
    sidecar "$pcasl"
    near "$(nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz sub-01_asl.nii.gz | left cbf)" 86.29992 1e-4
    make_asl sub-01_asl.nii.gz mdd kind=2 tau=0.8 flow=102.52352
    near "$(voxel_values sub-01_asl.nii.gz 20 20 20 | tail -n 1)" 10 1e-5
    sidecar '"ArterialSpinLabelingType": "PASL", "BolusCutOffFlag": true, "BolusCutOffTechnique": "QUIPSSII", "BolusCutOffDelayTime": [0.8, 1.2],
        "PostLabelingDelay": 1.8, "RepetitionTimePreparation": 6,'
    near "$(nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz sub-01_asl.nii.gz | left cbf)" 102.52352 1e-4
}

@test "the delay of a 2-D run grows with the slice" {
    make_asl sub-01_asl.nii.gz mclcl step=0.035
    context mclcl
    times=$(seq 0 32 | awk '{ printf "%s%.3f", (NR > 1 ? ", " : ""), 0.035 * $1 }')
    acquisition=2D sidecar "\"SliceTiming\": [$times], $pcasl"
    nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --maps two sub-01_asl.nii.gz >out.tsv
    near "$(left cbf <out.tsv)" 60 0.001
    near "$(voxel_values two_cbf.nii.gz 20 20 25)" 60 0.01
    acquisition=2D sidecar "$pcasl"
    run nvc-cbf -m mask.nii.gz sub-01_asl.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"33 slices"*"--slice-step"* ]]
    near "$(nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --slice-step 0.035 sub-01_asl.nii.gz | left cbf)" 60 0.001
}

@test "background suppression costs efficiency, as often as there are pulses" {
    make_asl sub-01_asl.nii.gz mclcl alpha=0.767125
    context mclcl
    sidecar "\"BackgroundSuppression\": true, \"BackgroundSuppressionNumberPulses\": 2, $pcasl"
    near "$(nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz sub-01_asl.nii.gz | left cbf)" 60 0.001
    sidecar "\"BackgroundSuppression\": true, $pcasl"
    run nvc-cbf -m mask.nii.gz sub-01_asl.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"--pulses"* ]]
    near "$(nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --pulses 2 sub-01_asl.nii.gz | left cbf)" 60 0.001
    near "$(nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --efficiency 0.767125 sub-01_asl.nii.gz | left cbf)" 60 0.001
}

@test "M0 comes from the run, an image beside it, a number, or the control volumes" {
    make_asl sub-01_asl.nii.gz clcl tr=2
    make_asl sub-01_m0scan.nii.gz m tr=2
    context clcl
    sidecar "\"M0Type\": \"Separate\", $pcasl"
    run nvc-cbf -m mask.nii.gz sub-01_asl.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *m0scan*"--m0-tr"* ]]
    echo '{ "RepetitionTimePreparation": 2 }' >sub-01_m0scan.json
    near "$(nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz sub-01_asl.nii.gz | left cbf)" 60 0.001
    near "$(nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --m0 1000 sub-01_asl.nii.gz | left cbf)" 60 0.001
    near "$(nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --m0 control --m0-tr 2 sub-01_asl.nii.gz | left cbf)" 60 0.001
    near "$(nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --m0 500 --m0-scale 2 sub-01_asl.nii.gz | left cbf)" 60 0.001
    run nvc-cbf -m mask.nii.gz --m0 0 sub-01_asl.nii.gz
    [ "$status" -eq 2 ]
    sidecar "\"M0Type\": \"Estimate\", \"M0Estimate\": 1000, $pcasl"
    near "$(nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz sub-01_asl.nii.gz | left cbf)" 60 0.001
    sidecar "\"M0Type\": \"Absent\", \"BackgroundSuppression\": true, \"BackgroundSuppressionNumberPulses\": 2, $pcasl"
    run nvc-cbf -m mask.nii.gz sub-01_asl.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"--m0 FILE"* ]]
    sidecar "\"M0Type\": \"Separate\", $pcasl"
    rm sub-01_m0scan.nii.gz
    run nvc-cbf -m mask.nii.gz sub-01_asl.nii.gz
    [ "$status" -eq 3 ]
    [[ "$output" == *sub-01_m0scan.nii* ]]
}

@test "several delays tell flow from arrival, and one delay does not" {
    make_asl sub-01_asl.nii.gz mclclclclcl delay=0.5,1,1.5,2,2.5 arrival=1.4 flow=45
    context mclclclclcl
    sidecar '"PostLabelingDelay": [0, 0.5, 0.5, 1, 1, 1.5, 1.5, 2, 2, 2.5, 2.5], "ArterialSpinLabelingType": "PCASL", "LabelingDuration": 1.8,
        "RepetitionTimePreparation": 6,'
    nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --maps many sub-01_asl.nii.gz >out.tsv
    near "$(left cbf <out.tsv)" 45 0.1
    near "$(left att <out.tsv)" 1.4 0.01
    near "$(voxel_values many_att.nii.gz 20 20 20)" 1.4 0.01
    nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --fit weighted sub-01_asl.nii.gz >weighted.tsv
    near "$(left cbf <weighted.tsv)" 45 0.3
    make_asl sub-01_asl.nii.gz mclcl arrival=2.2
    context mclcl
    sidecar "$pcasl"
    near "$(nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz sub-01_asl.nii.gz | left cbf)" 39.9 0.1
    run nvc-cbf -m mask.nii.gz --fit kinetic sub-01_asl.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"one delay"* ]]
}

@test "labelling that varies between volumes is taken volume by volume" {
    make_asl sub-01_asl.nii.gz mclclclcl tau=1.4,1.8,2.2 flow=52
    context mclclclcl
    vary='"ArterialSpinLabelingType": "PCASL", "LabelingDuration": [0, 1.4, 1.4, 1.8, 1.8, 2.2, 2.2, 1.4, 1.4], "RepetitionTimePreparation": 6,'
    sidecar "\"PostLabelingDelay\": 1.8, $vary"
    nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --maps one sub-01_asl.nii.gz >one.tsv
    near "$(left cbf <one.tsv)" 52 0.001
    near "$(left cbf se <one.tsv)" 0 1e-4
    tr -d ' \n' <one_cbf.json | grep -q '"LabelingDuration":\[1.4,1.8,2.2,1.4\]'
    make_asl sub-01_asl.nii.gz mclclclcl tau=1,1.4,1.8,2.2 delay=0.8,1.2,1.6,2 arrival=1.3 flow=52
    sidecar '"ArterialSpinLabelingType": "PCASL", "LabelingDuration": [0, 1, 1, 1.4, 1.4, 1.8, 1.8, 2.2, 2.2],
        "PostLabelingDelay": [0, 0.8, 0.8, 1.2, 1.2, 1.6, 1.6, 2, 2], "RepetitionTimePreparation": 6,'
    nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz sub-01_asl.nii.gz >many.tsv
    near "$(left cbf <many.tsv)" 52 0.1
    near "$(left att <many.tsv)" 1.3 0.01
    run nvc-cbf -m mask.nii.gz --fit weighted sub-01_asl.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"LabelingDuration"*"--fit kinetic"* ]]
}

@test "with a number for M0 the control volumes say where the brain is, or a mask must" {
    make_asl sub-01_asl.nii.gz clclclcl noise=1
    context clclclcl
    sidecar "$pcasl"
    nvc-cbf --m0 1000 --maps number sub-01_asl.nii.gz
    [ "$(voxel_values number_cbf.nii.gz 0 0 0)" = nan ]
    near "$(voxel_values number_cbf.nii.gz 20 20 20)" 60 20
    sidecar "\"BackgroundSuppression\": true, \"BackgroundSuppressionNumberPulses\": 2, $pcasl"
    run nvc-cbf --m0 1000 --maps none sub-01_asl.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"--maps needs --brain-mask" ]]
    [ ! -e none_cbf.nii.gz ]
    nvc-cbf --m0 1000 --maps some --brain-mask brain.nii.gz sub-01_asl.nii.gz
    nvc-cbf --m0 1000 -m mask.nii.gz sub-01_asl.nii.gz >rows.tsv
    [ "$(left cbf coverage <rows.tsv)" = 1 ]
}

@test "sform against qform is refused, and decided by --orientation for the run and all that goes with it" {
    make_asl sub-01_asl.nii.gz mclcl
    context mclcl
    sidecar "$pcasl"
    nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz sub-01_asl.nii.gz >want.tsv
    for image in sub-01_asl mask brain; do
        zcat $image.nii.gz >plain.nii
        restyle torn plain.nii $image.nii
    done
    cp mask.tsv torn.tsv
    rm sub-01_asl.nii.gz
    run nvc-cbf -m mask.nii.gz sub-01_asl.nii
    [ "$status" -eq 1 ]
    [[ "$output" == *"--orientation sform|qform"* ]]
    nvc-cbf --orientation sform -m mask.nii --brain-mask brain.nii sub-01_asl.nii | cmp - want.tsv
}

@test "a repetition spoiled by motion does not count, unless the plain mean is asked for" {
    make_asl sub-01_asl.nii.gz mclclclclclclclcl noise=2 spoil=7
    context mclclclclclclclcl
    sidecar "$pcasl"
    nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz sub-01_asl.nii.gz >robust.tsv
    near "$(left cbf <robust.tsv)" 60 3
    awk -v se="$(left cbf se <robust.tsv)" 'BEGIN { exit !(se > 0 && se < 3) }'
    awk -v x="$(nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --average mean sub-01_asl.nii.gz | left cbf)" 'BEGIN { exit !(x > 200) }'
}

@test "a map that another program made gives the same rows" {
    make_asl sub-01_space-X_cbf.nii.gz f flow=48
    nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --cbf-map sub-01_space-X_cbf.nii.gz >out.tsv
    near "$(left cbf <out.tsv)" 48 1e-6
    [ "$(left cbf se <out.tsv)" = n/a ]
    [ "$(left cbf space <out.tsv)" = X ]
    make_asl sub-01_cbf.nii.gz ffffff flow=48 noise=5
    nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --cbf-map sub-01_cbf.nii.gz >series.tsv
    awk -v se="$(left cbf se <series.tsv)" 'BEGIN { exit !(se > 0 && se < 2) }'
    run nvc-cbf -m mask.nii.gz sub-01_cbf.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"--cbf-map"* ]]
}

@test "milliseconds are told from seconds" {
    make_asl sub-01_asl.nii.gz mclcl
    context mclcl
    sidecar '"LabelingDuration": 1800, "PostLabelingDelay": 1.8, "ArterialSpinLabelingType": "PCASL", "RepetitionTimePreparation": 6,'
    run nvc-cbf -m mask.nii.gz sub-01_asl.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"LabelingDuration is 1800"*milliseconds*"write 1.8"* ]]
    sidecar '"LabelingDuration": 1.8, "PostLabelingDelay": [0, 1800, 1800, 1800, 1800], "ArterialSpinLabelingType": "PCASL", "RepetitionTimePreparation": 6,'
    run nvc-cbf -m mask.nii.gz sub-01_asl.nii.gz
    [[ "$output" == *"PostLabelingDelay is 1800"*milliseconds* ]]
}

@test "what the context or the sidecar lacks is named, with the option that supplies it" {
    make_asl sub-01_asl.nii.gz mclcl
    context mclc
    sidecar "$pcasl"
    run nvc-cbf -m mask.nii.gz sub-01_asl.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"4 rows"*"5 volumes"* ]]
    [ "${#lines[@]}" -eq 1 ]
    context mclcx
    run nvc-cbf -m mask.nii.gz sub-01_asl.nii.gz
    [[ "$output" == *"line 6"*"'x'"* ]]
    context mclcl
    sidecar '"PostLabelingDelay": 1.8, "ArterialSpinLabelingType": "PCASL",'
    run nvc-cbf -m mask.nii.gz sub-01_asl.nii.gz
    [[ "$output" == *LabelingDuration*"--label-duration"* ]]
    sidecar '"PostLabelingDelay": [1.8, 1.8], "LabelingDuration": 1.8, "ArterialSpinLabelingType": "PCASL",'
    run nvc-cbf -m mask.nii.gz sub-01_asl.nii.gz
    [[ "$output" == *"2 values"*"5 volumes"* ]]
    sidecar '"ArterialSpinLabelingType": "PASL", "PostLabelingDelay": 1.8,'
    run nvc-cbf -m mask.nii.gz sub-01_asl.nii.gz
    [[ "$output" == *BolusCutOffDelayTime*"--label-duration"* ]]
    rm sub-01_asl.json
    run nvc-cbf -m mask.nii.gz sub-01_asl.nii.gz
    [[ "$output" == *"sub-01_asl.json (missing)"*ArterialSpinLabelingType*"--type"* ]]
    rm sub-01_aslcontext.tsv
    run nvc-cbf -m mask.nii.gz sub-01_asl.nii.gz
    [ "$status" -eq 3 ]
    [[ "$output" == *sub-01_aslcontext.tsv* ]]
}

@test "times that no measurement has are refused before a file is read" {
    for wrong in '--label-duration 0' '--t1-blood 0' '--t1-tissue 0' '--m0-tr 0' '--delay 7' '--haematocrit 42'; do
        # shellcheck disable=SC2086 # option and value
        run nvc-cbf -m mask.nii.gz $wrong nowhere_asl.nii.gz
        [ "$status" -eq 2 ]
    done
}

@test "a control volume without its label is left out and said" {
    make_asl sub-01_asl.nii.gz mclclc
    context mclclc
    sidecar "$pcasl"
    nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz sub-01_asl.nii.gz 2>said >out.tsv
    grep -q '1 control or label volumes have no partner' said
    near "$(left cbf <out.tsv)" 60 0.001
}

@test "voxels that are not numbers leave the region, and an empty region says so" {
    make_asl sub-01_asl.nii.gz mclcl nan=2
    context mclcl
    sidecar "$pcasl"
    nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz sub-01_asl.nii.gz >out.tsv
    [ "$(left cbf <out.tsv)" = n/a ]
    [ "$(left cbf note <out.tsv)" = empty ]
    near "$(cell value 'v["index"] == "cbf" && v["side"] == "R"' <out.tsv)" 60 0.001
    make_image brain other.nii.gz 4
    run nvc-cbf -m mask.nii.gz --brain-mask other.nii.gz sub-01_asl.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *other.nii.gz* ]]
}

@test "threads, a pipe and plain bytes change nothing" {
    make_asl sub-01_asl.nii.gz mclclclcl noise=3
    context mclclclcl
    sidecar "$pcasl"
    nvc-cbf -m mask.nii.gz --maps one sub-01_asl.nii.gz >one.tsv
    nvc-cbf -m mask.nii.gz --maps three -j 3 sub-01_asl.nii.gz >three.tsv
    cp sub-01_asl.nii.gz copy.nii.gz
    nvc-cbf -m mask.nii.gz --bids-name sub-01_asl.nii.gz --context sub-01_aslcontext.tsv --sidecar sub-01_asl.json - <copy.nii.gz >pipe.tsv
    zcat sub-01_asl.nii.gz >sub-01_asl.nii
    nvc-cbf -m mask.nii.gz sub-01_asl.nii >plain.tsv
    cmp one.tsv three.tsv
    cmp one.tsv pipe.tsv
    cmp one.tsv plain.tsv
    cmp one_cbf.nii.gz three_cbf.nii.gz
}

@test "series of flow and blood oxygenation have a volume for each control and label" {
    make_asl sub-01_asl.nii.gz mclclcl flow=60
    context mclclcl
    sidecar "$pcasl"
    nvc-cbf --flow-series flow.nii.gz --bold-series bold.nii.gz sub-01_asl.nii.gz
    [ "$(voxel_values flow.nii.gz 20 20 20 | wc -l)" -eq 6 ]
    voxel_values flow.nii.gz 20 20 20 | awk '!($1 > 6.9 && $1 < 7) { bad = 1 } END { exit bad }'
    voxel_values bold.nii.gz 20 20 20 | awk '!($1 > 996 && $1 < 997) { bad = 1 } END { exit bad }'
    context mccllcl
    run nvc-cbf --flow-series again.nii.gz sub-01_asl.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"volumes 2 and 3 are both control"* ]]
    [ ! -e again.nii.gz ]
}

@test "grey matter gives rows of its own, with quality and what is unusual" {
    make_asl sub-01_asl.nii.gz mclclclcl noise=3 m0=1000
    context mclclclcl
    sidecar "$pcasl"
    nvc-cbf --grey brain.nii.gz sub-01_asl.nii.gz >out.tsv
    [ "$(cell index 'v["region"] == "GM"' <out.tsv | tr '\n' ' ')" = "cbf cbf_gm_wm cbf_spatial_cov cbf_negative cbf_asymmetry cbf_qei " ]
    [ "$(cell note 'v["index"] == "cbf_qei"' <out.tsv)" = 'derived;tissue_unknown' ]
    nvc-cbf --grey brain.nii.gz --m0-scale 10 sub-01_asl.nii.gz 2>said >low.tsv
    grep -q 'mean flow of grey matter is 6' said
    [[ "$(cell note 'v["index"] == "cbf_negative"' <low.tsv)" == *grey_flow_unusual* ]]
    nvc-cbf --grey brain.nii.gz --white mask.nii.gz --csf mask.nii.gz sub-01_asl.nii.gz >full.tsv
    awk -v q="$(cell value 'v["index"] == "cbf_qei"' <full.tsv)" 'BEGIN { exit !(q >= 0 && q <= 1) }'
}

@test "flow of grey matter comes out of voxels that are mixtures, and stands beside the flow as measured" {
    make_asl sub-01_asl.nii.gz mclclcl flow=60 white=20
    make_asl grey.nii.gz g
    make_asl white.nii.gz w
    make_asl csf.nii.gz s
    context mclclcl
    sidecar "$pcasl"
    nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --grey grey.nii.gz --white white.nii.gz --csf csf.nii.gz --pvc --maps sub-01 sub-01_asl.nii.gz >out.tsv
    near "$(left cbf_pvc <out.tsv)" 60 0.01
    awk -v x="$(left cbf <out.tsv)" 'BEGIN { exit !(x > 15 && x < 50) }'
    [ "$(left cbf_pvc note <out.tsv)" = derived ]
    near "$(voxel_values sub-01_desc-pvc_cbf.nii.gz 20 20 20)" 60 0.01
    nvc-cbf -m mask.nii.gz --brain-mask brain.nii.gz --grey grey.nii.gz --white white.nii.gz --pvc sub-01_asl.nii.gz >two.tsv
    awk -v x="$(left cbf_pvc <two.tsv)" 'BEGIN { exit !(x < 59.9 && x > 57) }' # M0 of the fluid passes for one of grey matter
    run nvc-cbf -m mask.nii.gz --grey grey.nii.gz --pvc sub-01_asl.nii.gz
    [ "$status" -eq 2 ]
    nvc-cbf -m mask.nii.gz --grey brain.nii.gz --white brain.nii.gz --brain-mask brain.nii.gz --pvc sub-01_asl.nii.gz >alike.tsv
    [ "$(left cbf_pvc <alike.tsv)" = n/a ]
    [ "$(left cbf_pvc note <alike.tsv)" = 'derived;empty' ]
}

@test "a brain mask without a voxel is refused" {
    make_asl sub-01_asl.nii.gz mclcl
    context mclcl
    sidecar "$pcasl"
    make_image brain none.nii.gz 3 none
    run nvc-cbf -m mask.nii.gz --brain-mask none.nii.gz sub-01_asl.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"none.nii.gz: no voxel above 0" ]]
}
