#!/usr/bin/env bats
# nvc-activity: local activity of a resting run, as indices and maps.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    PATH=${builddir:?}/tests/cmd:$PATH
    make_image run run.nii.gz
    make_image brain brain.nii.gz
    nvc-mask -q -g run.nii.gz -o mask.nii.gz
}

cell() { # COLUMN CONDITION, from the table on standard input
    awk -F '\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { for (n in at) v[n] = $at[n] } '"$2"' { print v[want] }'
}

@test "every region has its indices, of class bold-fluctuation" {
    nvc-activity -m mask.nii.gz --brain-mask brain.nii.gz --centrality regions run.nii.gz >out.tsv
    [ "$(cell index 'v["side"] == "L"' <out.tsv | tr '\n' ' ')" = "alff falff rsfa reho dc dcbinary lnalff " ]
    [ "$(cell class 'v["side"] == "R"' <out.tsv | sort -u)" = bold-fluctuation ]
    [ "$(cell coverage 'v["index"] == "alff"' <out.tsv | sort -u)" = 1 ]
    cell value 'v["index"] == "alff" || v["index"] == "falff"' <out.tsv | awk '!($1 > 0) { bad = 1 } END { exit bad || NR != 4 }'
    cell se 'v["index"] == "lnalff"' <out.tsv | awk '!($1 > 0) { bad = 1 } END { exit bad || NR != 2 }'
}

@test "threads, a pipe and plain bytes change nothing" {
    nvc-activity -m mask.nii.gz --brain-mask brain.nii.gz run.nii.gz >one.tsv
    nvc-activity -m mask.nii.gz --brain-mask brain.nii.gz -j 3 run.nii.gz >three.tsv
    cp run.nii.gz copy.nii.gz
    nvc-activity -m mask.nii.gz --brain-mask brain.nii.gz --bids-name run.nii.gz - <copy.nii.gz >pipe.tsv
    zcat run.nii.gz >plain.nii
    nvc-activity -m mask.nii.gz --brain-mask brain.nii.gz plain.nii >plain.tsv
    cmp one.tsv three.tsv
    cmp one.tsv pipe.tsv
    cmp one.tsv plain.tsv
}

@test "maps have names and sidecars, and only those asked for" {
    nvc-activity --maps rest -m mask.nii.gz --brain-mask brain.nii.gz --reho none run.nii.gz >out.tsv
    [ -s rest_stat-alff_boldmap.nii.gz ] && [ -s rest_stat-zfalff_boldmap.json ]
    [ ! -e rest_stat-reho_boldmap.nii.gz ]
    nvc-activity --maps only --alff none --brain-mask brain.nii.gz run.nii.gz
    [ -s only_stat-zrbar_boldmap.nii.gz ] && [ -s only_stat-neighbours_boldmap.nii.gz ]
    [ ! -e only_stat-mneighbours_boldmap.nii.gz ] && [ ! -e only_stat-alff_boldmap.nii.gz ]
}

@test "amplitudes can be left out, centrality be counted with grey matter only" {
    nvc-activity --alff none -m mask.nii.gz --brain-mask brain.nii.gz run.nii.gz >out.tsv
    [ "$(cell index 'v["side"] == "L"' <out.tsv)" = reho ]
    make_image brain right.nii.gz 3 right
    nvc-activity --alff none --reho none --centrality regions -m mask.nii.gz --brain-mask brain.nii.gz run.nii.gz >all.tsv
    nvc-activity --alff none --reho none --centrality regions -m mask.nii.gz --brain-mask brain.nii.gz --grey-mask right.nii.gz run.nii.gz >grey.tsv
    nvc-activity --alff none --reho none --centrality regions -m mask.nii.gz --brain-mask right.nii.gz run.nii.gz >half.tsv
    run cmp -s all.tsv grey.tsv
    [ "$status" -eq 1 ]
    [ "$(cell value 'v["side"] == "R"' <grey.tsv)" = "$(cell value 'v["side"] == "R"' <half.tsv)" ]
}

@test "standardised rows are the value over the mean of the brain, and in its standard deviations" {
    nvc-activity --standardise --maps rest -m mask.nii.gz --brain-mask brain.nii.gz --reho none run.nii.gz >out.tsv
    [ "$(cell index 'v["side"] == "L"' <out.tsv | tr '\n' ' ')" = "alff malff zalff falff mfalff zfalff rsfa mrsfa zrsfa lnalff " ]
    [ "$(cell note 'v["index"] == "malff"' <out.tsv | sort -u)" = derived ]
}

@test "without a brain mask the brain is what exceeds the clip level" {
    nvc-activity -m mask.nii.gz run.nii.gz >out.tsv
    [ "$(cell coverage 'v["index"] == "alff"' <out.tsv | sort -u)" = 1 ]
}

@test "a region without signal is n/a and says so" {
    make_image run dropout.nii.gz 3 dropout
    make_image brain right.nii.gz 3 right
    nvc-activity -m mask.nii.gz --brain-mask right.nii.gz run.nii.gz >out.tsv
    [ "$(cell value 'v["index"] == "alff" && v["side"] == "L"' <out.tsv)" = n/a ]
    [ "$(cell note 'v["index"] == "alff" && v["side"] == "L"' <out.tsv)" = empty ]
    nvc-activity -m mask.nii.gz --maps drop dropout.nii.gz >out.tsv
    [ "$(cell coverage 'v["index"] == "alff" && v["side"] == "L"' <out.tsv)" != 1 ]
    [ "$("$builddir/tests/cmd/voxel_values" drop_stat-alff_boldmap.nii.gz 20 20 4)" = nan ]
    [ "$("$builddir/tests/cmd/voxel_values" drop_stat-alff_boldmap.nii.gz 20 20 16)" != nan ]
}

@test "definitions differ, and none but density has a logarithmic ratio" {
    for kind in density dpabi afni xcpd; do
        nvc-activity -m mask.nii.gz --alff "$kind" --reho none run.nii.gz >"$kind.tsv"
    done
    [ "$(cat density.tsv dpabi.tsv afni.tsv xcpd.tsv | cell value 'v["index"] == "alff" && v["side"] == "L"' | sort -u | wc -l)" -eq 4 ]
    [ "$(grep -c lnalff density.tsv)" -eq 2 ]
    run grep -c lnalff afni.tsv
    [ "$output" -eq 0 ]
}

@test "what cannot be is refused in one line" {
    run nvc-activity -m mask.nii.gz --alff none --reho none run.nii.gz
    [ "$status" -eq 2 ]
    run nvc-activity --maps /nowhere/x run.nii.gz
    [ "$status" -eq 3 ]
    run nvc-activity run.nii.gz
    [ "$status" -eq 2 ]
    [[ "$output" == *"give --mask"* ]]
    run nvc-activity -m mask.nii.gz --low 0.3 --high 0.2 run.nii.gz
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    make_image brain other.nii.gz 4
    run nvc-activity -m mask.nii.gz --brain-mask other.nii.gz run.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"other.nii.gz"* ]]
}

@test "halves: as two runs, of half of the frequencies, and their maps" {
    nvc-simulate -q --tiny --cases 1 --controls 1 study
    long=study/sub-01/func/sub-01_task-faces_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz
    nvc-mask -q -g "$long" -o bla.nii.gz
    nvc-activity -m bla.nii.gz --centrality regions --maps rest --half-maps --halves halves.tsv "$long" >out.tsv
    [ "$(cut -f 4 halves.tsv | sort -u | tr '\n' ' ')" = 'first run second ' ]
    [ "$(cut -f 7-9 out.tsv)" = "$({ head -1 halves.tsv; grep first halves.tsv; } | cut -f 7-9)" ]
    [ "$(cell dof 'v["index"] == "lnalff" && v["side"] == "L"' <out.tsv)" = 12 ]
    [ "$(cell dof 'v["index"] == "lnalff" && v["side"] == "L" && v["run"] == "first"' <halves.tsv)" = 6 ]
    [ -s rest_desc-first_stat-alff_boldmap.nii.gz ] && [ -s rest_desc-second_stat-rbar_boldmap.json ]
    [ ! -e rest_desc-first_stat-malff_boldmap.nii.gz ]
    nvc-activity -m bla.nii.gz --centrality regions --halves again.tsv -j 3 --bids-name sub-07_run-02_bold.nii.gz "$long" >plain.tsv
    cut -f 6- out.tsv >a && cut -f 6- plain.tsv | cmp - a
    [ "$(cut -f 1,4 again.tsv | sort -u | tr '\n\t' '  ')" = 'participant_id run sub-07 02-first sub-07 02-second ' ]
    [ "$(cell value 'v["index"] == "alff" && v["run"] == "first"' <halves.tsv)" = "$(cell value 'v["index"] == "alff" && v["run"] == "02-first"' <again.tsv)" ]
    # the halves lie around the whole
    for side in L R; do
        awk "BEGIN { d = ($(cell value 'v["index"] == "alff" && v["side"] == "'$side'"' <halves.tsv | paste -sd +)) / 2 / $(cell value 'v["index"] == "alff" && v["side"] == "'$side'"' <out.tsv); exit !(d > 0.8 && d < 1.25) }"
    done
}

@test "a run too short for halves is refused, or goes without" {
    run nvc-activity -m mask.nii.gz --brain-mask brain.nii.gz --halves halves.tsv -o out.tsv run.nii.gz
    [ "$status" -eq 1 ]
    [[ "$output" == *"run.nii.gz: the first half: 12 volumes are left, an amplitude wants 20"* ]]
    [ ! -e out.tsv ] && [ ! -e halves.tsv ]
    nvc-activity -m mask.nii.gz --brain-mask brain.nii.gz --halves halves.tsv --maps rest --half-maps --where-possible -o out.tsv run.nii.gz 2>messages
    run nvc-extract -m mask.nii.gz rest_desc-second_stat-alff_boldmap.nii.gz # the map of a half that is not there holds nothing
    [ "$status" -eq 1 ]
    grep -q 'there are no halves' messages
    [ "$(wc -l <halves.tsv)" -eq 1 ]
    nvc-activity -m mask.nii.gz --brain-mask brain.nii.gz run.nii.gz >plain.tsv
    cmp out.tsv plain.tsv
    run nvc-activity --maps rest --halves halves.tsv run.nii.gz
    [ "$status" -eq 2 ]
    run nvc-activity -m mask.nii.gz --half-maps run.nii.gz
    [ "$status" -eq 2 ]
}
