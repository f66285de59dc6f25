#!/usr/bin/env bats
# What the commands do when memory, a read or a write fails them: tests/faults/run.sh says what is held.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    PATH=${builddir:?}/tests/cmd:$PATH
    make_image run run.nii.gz 6
    nvc-mask -q -g run.nii.gz -o bla.nii.gz
}

# KIND... -- OUTPUT COMMAND...
each() {
    kinds=
    while [ "$1" != -- ]; do kinds="$kinds $1" && shift; done
    shift
    for kind in $kinds; do
        run "$srcdir/tests/faults/run.sh" "$kind" "$@"
        [ "$status" -ne 77 ] || skip "the shim cannot be loaded here"
        echo "$output"
        [ "$status" -eq 0 ]
    done
}

input_output=(open open:EMFILE read read:EINTR short-read write write:ENOSPC:on write:EINTR short-write fsync rename close)

@test "nvc-mask lives with a failing allocation, its own or a library's" {
    each malloc malloc:on malloc-all -- mask.nii.gz nvc-mask -q -g run.nii.gz -o mask.nii.gz
}

@test "nvc-mask lives with failing input and output" {
    each "${input_output[@]}" -- mask.nii.gz nvc-mask -q -g run.nii.gz -o mask.nii.gz
}

@test "nvc-extract lives with a failing allocation, its own or a library's" {
    each malloc malloc:on malloc-all -- series.tsv nvc-extract -q -m bla.nii.gz -o series.tsv run.nii.gz
}

@test "nvc-extract lives with failing input and output" {
    each "${input_output[@]}" -- series.tsv nvc-extract -q -m bla.nii.gz -o series.tsv run.nii.gz
    each read write:ENOSPC short-write close -- - nvc-extract -q -m bla.nii.gz run.nii.gz
}

@test "from events to the case-control table every command lives with failing memory, input and output" {
    nvc-simulate -q --tiny tiny
    cd tiny
    for id in 01 02 03 04 05 06 07 08; do
        nvc-mask -q -g sub-$id/func/*_bold.nii.gz -o bla.nii.gz
        nvc-extract -q -m bla.nii.gz sub-$id/func/*_bold.nii.gz -o series.tsv
        nvc-glm -q -e sub-$id/func/*_events.tsv series.tsv -o glm.tsv
        nvc-coupling -q glm.tsv -o coupling-$id.tsv
    done
    some=(malloc-all open read write:ENOSPC short-write kill)
    each "${some[@]}" -- design.tsv nvc-design -q -e sub-08/func/*_events.tsv --confounds 6p -c sub-08/func/*_timeseries.tsv \
        sub-08/func/*_bold.nii.gz -o design.tsv
    each "${some[@]}" -- glm.tsv nvc-glm -q -e sub-08/func/*_events.tsv series.tsv -o glm.tsv
    each "${some[@]}" -- coupling.tsv nvc-coupling -q glm.tsv -o coupling.tsv
    each "${some[@]}" -- table.tsv nvc-group -q -p participants.tsv --case patient coupling-*.tsv -o table.tsv
    each "${some[@]}" -- hrf.tsv nvc-hrf -q -e sub-08/func/*_events.tsv series.tsv -o hrf.tsv
}

@test "nvc-qc, nvc-spread and nvc-report live with failing memory, input and output" {
    kinds=(malloc malloc:on read short-read write:ENOSPC:on rename close)
    printf 'participant_id\tatlas\tregion\tside\tindex\tcontrast\tvalue\nsub-01\ta\tBLA\tL\tpsc\tface\t0.5\n' >a.tsv
    sed 's/\ta\t/\tb\t/' a.tsv >b.tsv
    each "${kinds[@]}" -- qc.tsv nvc-qc -q -m bla.nii.gz -o qc.tsv run.nii.gz
    each "${kinds[@]}" -- spread.tsv nvc-spread -q -m bla.nii.gz -m bla.nii.gz -o spread.tsv a.tsv b.tsv
    each "${kinds[@]}" -- page.html nvc-report -q -o page.html a.tsv qc.tsv
}

some=(malloc-all open read short-read write:ENOSPC:on close)

@test "nvc-cbf lives with failing memory, input and output, for regions and for maps" {
    make_image brain brain.nii.gz
    nvc-mask -q -g brain.nii.gz -o fine.nii.gz
    make_asl sub-01_asl.nii.gz mclcl
    printf 'volume_type\nm0scan\ncontrol\nlabel\ncontrol\nlabel\n' >sub-01_aslcontext.tsv
    printf '{"MagneticFieldStrength": 3, "MRAcquisitionType": "3D", "ArterialSpinLabelingType": "PCASL", "LabelingDuration": 1.8,
        "PostLabelingDelay": 1.8, "RepetitionTimePreparation": 6}' >sub-01_asl.json
    each "${some[@]}" -- cbf.tsv nvc-cbf -q -m fine.nii.gz --brain-mask brain.nii.gz -o cbf.tsv sub-01_asl.nii.gz
    each "${some[@]}" -- maps/ nvc-cbf -q -m fine.nii.gz --brain-mask brain.nii.gz --maps maps/a -o maps/cbf.tsv sub-01_asl.nii.gz
}

@test "nvc-coupling of maps lives with failing memory, input and output" {
    make_image brain brain.nii.gz
    nvc-mask -q -g brain.nii.gz -o fine.nii.gz
    make_asl flow.nii.gz f flow=50 noise=4
    make_asl alff.nii.gz f flow=1 noise=0.1
    each "${some[@]}" -- coupling.tsv nvc-coupling -q -m fine.nii.gz --cbf flow.nii.gz --activity alff=alff.nii.gz \
        --grey brain.nii.gz --bids-name sub-01_bold -o coupling.tsv
}

@test "nvc-cvr and nvc-seed live with failing memory, input and output, for regions and for maps" {
    make_image brain brain.nii.gz 6
    nvc-extract -q -m bla.nii.gz run.nii.gz >own.tsv
    awk 'BEGIN { print "time\tpetco2"; for (t = -20; t < 80; t += 2) printf "%g\t%.3f\n", t, 40 + 4 * sin(t / 8) }' >co2.tsv
    each "${some[@]}" -- cvr.tsv nvc-cvr -q --co2 co2.tsv --trend 1 -o cvr.tsv own.tsv
    each "${some[@]}" -- maps/ nvc-cvr -q --gas-free --brain-mask brain.nii.gz --trend 1 --maps maps/a run.nii.gz
    each "${some[@]}" -- seed.tsv nvc-seed -q --seed BLA_L --trend 1 -o seed.tsv own.tsv
    each "${some[@]}" -- maps/ nvc-seed -q --seed BLA_L --series own.tsv --brain-mask brain.nii.gz --trend 1 --maps maps/a run.nii.gz
}

@test "nvc-glm and nvc-hrf live with failing memory, input and output while they write maps" {
    make_image brain brain.nii.gz 6
    printf 'onset\tduration\ttrial_type\n4\t4\tface\n14\t4\tface\n26\t4\tface\n36\t2\tface\n' >events.tsv
    each "${some[@]}" -- maps/ nvc-glm -q -e events.tsv --mask brain.nii.gz -n ols --map effect,t --maps maps/a run.nii.gz
    each "${some[@]}" -- maps/ nvc-hrf -q -e events.tsv --brain-mask brain.nii.gz --maps maps/a run.nii.gz
}

@test "killed at any moment, nvc-mask and nvc-extract leave no output or a whole one" {
    each kill term -- mask.nii.gz nvc-mask -q -g run.nii.gz -o mask.nii.gz
    each kill term -- series.tsv nvc-extract -q -m bla.nii.gz -o series.tsv run.nii.gz
}

@test "standard output that is full or closed is told, for an image and for a table" {
    [ -e /dev/full ] || skip "no /dev/full"
    for command in "nvc-mask -q -g run.nii.gz" "nvc-extract -q -m bla.nii.gz run.nii.gz"; do
        run sh -c "$command >/dev/full"
        [ "$status" -eq 3 ]
        [[ "$output" == *"standard output: cannot write: No space left on device" ]]
        run sh -c "$command >&-"
        [ "$status" -eq 3 ]
        [[ "$output" == *"standard output"* ]]
    done
}
