#!/usr/bin/env bats
# nvc-seed: correlation and interaction of a seed with regions and voxels.

# 200 volumes at TR 2 s: SEED_L; NEAR_L holds half of it, and 1.5 times it while `face` lasts; FAR_R nothing; EMPTY_R no voxel.
setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    PATH=${builddir:?}/tests/cmd:$PATH
    awk 'function noise(  k, n) { n = 0; for (k = 0; k < 12; k++) n += rand(); return n - 6 }
        BEGIN {
            srand(7)
            print "time\tSEED_L\tNEAR_L\tFAR_R\tEMPTY_R"
            for (i = 0; i < 200; i++) {
                t = 2 * i
                slow = 0.8 * slow + noise()
                face = t % 80 >= 26 && t % 80 < 46
                printf "%g\t%.5f\t%.5f\t%.5f\tn/a\n", t, 1000 + 5 * slow, 500 + (face ? 3.75 : 1.25) * slow + noise(), 800 + 4 * noise()
            }
        }' >series.tsv
    { printf 'onset\tduration\ttrial_type\n'; for i in 0 80 160 240 320; do printf '%d\t20\tface\n%d\t20\thouse\n' $((i + 20)) $((i + 60)); done; } >events.tsv
}

cell() { # COLUMN CONDITION, from the table on standard input
    awk -F '\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { for (n in at) v[n] = $at[n] } '"$2"' { print v[want] }'
}

@test "a region that moves with the seed has a z far from 0, another one not, of class connectivity" {
    nvc-seed --seed SEED_L series.tsv >out.tsv
    [ "$(cell index 1 <out.tsv | sort -u)" = fc_SEED_L ]
    [ "$(cell class 1 <out.tsv | sort -u)" = connectivity ]
    [ "$(cell region 1 <out.tsv | tr '\n' ' ')" = "NEAR FAR EMPTY " ]
    cell ci_low 'v["region"] == "NEAR"' <out.tsv | awk '!($1 > 0.5) { exit 1 }'
    paste <(cell value 'v["region"] == "FAR"' <out.tsv) <(cell se 'v["region"] == "FAR"' <out.tsv) |
        awk '!($2 > 0.07 && $1 < 3 * $2 && -$1 < 3 * $2) { exit 1 }'
    [ "$(cell value 'v["region"] == "EMPTY"' <out.tsv)" = n/a ]
    [ "$(cell note 'v["region"] == "EMPTY"' <out.tsv)" = empty ]
}

@test "targets are chosen by name or glob, and several seeds give their own rows" {
    nvc-seed --seed SEED_L --seed FAR_R --to 'NEAR*' --to SEED_L series.tsv >out.tsv
    [ "$(cell index 1 <out.tsv | tr '\n' ' ')" = "fc_SEED_L fc_FAR_R fc_FAR_R " ]
}

@test "an interaction is found where it was planted, and its contrast" {
    nvc-seed --ppi --seed SEED_L -e events.tsv --contrast 'face - house' series.tsv >out.tsv
    [ "$(cell contrast 'v["region"] == "NEAR"' <out.tsv | tr '\n' ' ')" = "face house face-house " ]
    cell ci_low 'v["region"] == "NEAR" && v["contrast"] == "face"' <out.tsv | awk '!($1 > 0.3) { exit 1 }'
    cell ci_low 'v["region"] == "NEAR" && v["contrast"] == "face-house"' <out.tsv | awk '!($1 > 0.3) { exit 1 }'
    [ "$(cell note 'v["region"] == "NEAR" && v["contrast"] == "face-house"' <out.tsv)" = derived ]
    paste <(cell value 'v["region"] == "FAR"' <out.tsv) <(cell se 'v["region"] == "FAR"' <out.tsv) | awk '!($1 < 3.5 * $2 && -$1 < 3.5 * $2) { exit 1 }'
    nvc-seed --ppi --interaction bold --seed SEED_L -e events.tsv series.tsv >bold.tsv
    cell ci_low 'v["region"] == "NEAR" && v["contrast"] == "face"' <bold.tsv | awk '!($1 > 0.3) { exit 1 }'
}

@test "censored volumes and confounds are left out of seed and target alike" {
    awk 'BEGIN { print "trans_x\tframewise_displacement"; for (i = 0; i < 200; i++) print sin(i * i) "\t" (i ? i == 90 : "n/a") }' >confounds.tsv
    awk -F '\t' -v OFS='\t' 'NR == 92 { $2 = 4000; $3 = 9000 } { print }' series.tsv >spike.tsv
    nvc-seed --seed SEED_L -c confounds.tsv --confounds trans_x,scrub:0.5 series.tsv >a.tsv
    nvc-seed --seed SEED_L -c confounds.tsv --confounds trans_x,scrub:0.5 spike.tsv >b.tsv
    paste <(cell value 'v["region"] == "NEAR"' <a.tsv) <(cell value 'v["region"] == "NEAR"' <b.tsv) |
        awk '{ d = $1 - $2; if (d > 1e-9 || d < -1e-9) exit 1 }'
    [ "$(cell mean_fd 'v["region"] == "NEAR"' <a.tsv)" != n/a ]
}

@test "an image gives maps of correlation and interaction, the same for any number of threads" {
    make_image run run.nii.gz 4
    make_image brain brain.nii.gz 4
    nvc-mask -q -g run.nii.gz -o mask.nii.gz
    nvc-extract -q -m mask.nii.gz run.nii.gz >own.tsv
    printf 'onset\tduration\ttrial_type\n4\t8\tface\n24\t8\tface\n' >short.tsv
    for threads in 1 3; do
        nvc-seed --seed BLA_L --series own.tsv --brain-mask brain.nii.gz --trend 1 --maps "m$threads" -j "$threads" run.nii.gz
        nvc-seed --ppi -e short.tsv --seed BLA_L --series own.tsv --brain-mask brain.nii.gz --trend 1 --maps "m$threads" -j "$threads" run.nii.gz
    done
    for map in stat-fc stat-fcse contrast-face_stat-ppi contrast-face_stat-ppiz; do
        cmp "m1_${map}_boldmap.nii.gz" "m3_${map}_boldmap.nii.gz"
        [ -s "m1_${map}_boldmap.json" ]
    done
}

@test "the seed of another run is refused" {
    PATH=${builddir:?}/tests/cmd:$PATH
    make_image run sub-01_task-rest_bold.nii.gz
    nvc-mask -q -g sub-01_task-rest_bold.nii.gz -o mask.nii.gz
    nvc-extract -q -m mask.nii.gz --bids-name sub-01_task-faces_bold sub-01_task-rest_bold.nii.gz >faces.tsv
    run nvc-seed --seed BLA_L --series faces.tsv --trend 1 --low 0 --high 0.25 --maps m sub-01_task-rest_bold.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"faces.tsv: is of task faces, the image of rest"* ]]
    nvc-extract -q -m mask.nii.gz sub-01_task-rest_bold.nii.gz >rest.tsv
    nvc-seed --seed BLA_L --series rest.tsv --trend 1 --low 0 --high 0.25 --maps m sub-01_task-rest_bold.nii.gz
}

refused() { # STATUS TEXT COMMAND...
    local want=$1 text=$2
    shift 2
    run "$@"
    [ "$status" -eq "$want" ] && [ "${#lines[@]}" -eq 1 ] && [[ "$output" == *"$text"* ]]
}

@test "what cannot be is refused in one line that says what to do" {
    refused 2 "--seed" nvc-seed series.tsv
    refused 2 "SEED_L is given twice" nvc-seed --seed SEED_L --seed FAR_R --seed SEED_L series.tsv
    refused 1 "did you mean 'SEED_L'" nvc-seed --seed SEED_R series.tsv
    refused 1 "has no signal" nvc-seed --seed EMPTY_R series.tsv
    refused 1 "no region 'X*'" nvc-seed --seed SEED_L --to 'X*' series.tsv
    refused 2 "--ppi needs --events" nvc-seed --ppi --seed SEED_L series.tsv
    refused 2 "--contrast goes with --ppi" nvc-seed --contrast a --seed SEED_L series.tsv
    refused 2 "" nvc-seed --ppi -e events.tsv --contrast 'face -' --seed SEED_L series.tsv
    refused 1 "hause" nvc-seed --ppi -e events.tsv --contrast 'face - hause' --seed SEED_L series.tsv
    refused 2 "is not below" nvc-seed --low 0.2 --high 0.1 --seed SEED_L series.tsv
    refused 2 "--series" nvc-seed --seed SEED_L --maps m series.tsv
    refused 2 "the run is a table" nvc-seed --seed SEED_L --series series.tsv --maps m series.tsv
    : >nothing.tsv
    refused 1 "" nvc-seed --seed SEED_L nothing.tsv
    refused 3 "" nvc-seed --seed SEED_L absent.tsv
    refused 3 "" sh -c 'nvc-seed --seed SEED_L series.tsv >/dev/full'
    head -n 12 series.tsv >short.tsv
    refused 1 "volumes" nvc-seed --seed SEED_L short.tsv
    printf 'onset\tduration\ttrial_type\n900\t8\tface\n' >late.tsv
    refused 1 "face" nvc-seed --ppi -e late.tsv --seed SEED_L series.tsv
}
