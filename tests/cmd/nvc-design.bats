#!/usr/bin/env bats
# nvc-design as a user types it.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    {
        printf 'onset\tduration\ttrial_type\tintensity\n'
        for k in 0 1 2 3 4 5; do
            printf '%s\t4\tshape\tn/a\n%s\t4\tface\t%s\n' $((10 + 30 * k)) $((25 + 30 * k)) $((k * k % 7))
        done
    } >events.tsv
    awk 'BEGIN {
        OFS = "\t"; split("trans_x trans_y trans_z rot_x rot_y rot_z", p, " ")
        for (i = 1; i <= 6; i++) line = line p[i] OFS p[i] "_derivative1" OFS
        print line "csf", "framewise_displacement", "flat", "non_steady_state_outlier00", "motion_outlier00", "holes"
        for (t = 0; t < 100; t++) {
            line = ""
            for (i = 1; i <= 6; i++) {
                now[i] = sin(.1 * t * i) + cos(t * t * i)
                line = line now[i] OFS (t ? now[i] - last[i] : "n/a") OFS
                last[i] = now[i]
            }
            print line 5 + t % 7, (t ? (t == 41 || t == 60 ? .9 : .1) : "n/a"), 3, (t == 0) + 0, (t == 41) + 0, (t == 50 ? "n/a" : t)
        }
    }' >confounds.tsv
    awk 'BEGIN {
        print "#nvc {\"table\":\"series\",\"tr_s\":2,\"n_volumes\":100,\"slice_time_corrected\":true,\"start_time_s\":0.96,\"regions\":[]}"
        print "time\tBLA_L"
        for (t = 0; t < 100; t++) print 2 * t "\t" 1000 + t % 5
    }' >series.tsv
}

# Names of the columns of standard input, without the facts.
columns() { grep -v '^#' | head -n 1 | tr '\t' ' '; }

# KEY: its values in the facts, one a line
facts() { head -n 1 | grep -o "\"$1\":[^,}]*" | cut -d: -f2-; }

# WANTED STATUS, WANTED TEXT, ARGUMENT...: refused so
refused() {
    local status_wanted=$1 text=$2
    shift 2
    run nvc-design "$@"
    [ "$status" -eq "$status_wanted" ] || { echo "status $status: $output"; return 1; }
    [[ $output == *"$text"* ]] || { echo "$output"; return 1; }
    [ "${#lines[@]}" -eq 1 ]
}

@test "columns stand in the order of roles and carry their names" {
    nvc-design -e events.tsv -m intensity:2 -c confounds.tsv --confounds 'trans_z,rot_?' --hrf spm+derivative --censor 12,40-41 series.tsv >d.tsv
    want='time face face_derivative face_x_intensity face_x_intensity_derivative face_x_intensity_power2'
    want="$want face_x_intensity_power2_derivative shape shape_derivative trans_z rot_x rot_y rot_z cosine00 cosine01 cosine02"
    [ "$(columns <d.tsv)" = "$want censor_012 censor_040 censor_041 constant" ]
    [ "$(grep -vc '^#' d.tsv)" -eq 101 ]
    [ "$(sed -n '3p;102p' d.tsv | cut -f1 | tr '\n' ' ')" = '0 198 ' ]
    [ "$(facts n_events <d.tsv | sort -u)" = 6 ]
    [ "$(facts event_duration_s <d.tsv | sort -u)" = 4 ]
}

@test "the run comes from a series, a pipe, or two numbers" {
    nvc-design -q -e events.tsv --frame-time 1 series.tsv >want.tsv
    nvc-design -q -e events.tsv --frame-time 1 <series.tsv | cmp - want.tsv
    nvc-design -q -e events.tsv --frame-time 1 - <series.tsv | cmp - want.tsv
    nvc-design -q -e events.tsv --frame-time 1 -n 100 --tr 2 | cmp - want.tsv
    nvc-design -q -e - --frame-time 1 -n 100 --tr 2 <events.tsv | cmp - want.tsv
}

@test "an image gives its number of volumes, its repetition time and its slice timing" {
    PATH=${builddir:?}/tests/cmd:$PATH
    make_image run run.nii.gz
    printf '{"RepetitionTime":2,"SliceTimingCorrected":true,"StartTime":0.96}' >run.json
    head -n 4 events.tsv >few.tsv
    nvc-design -q -e few.tsv --high-pass 0 run.nii.gz >d.tsv
    [ "$(facts frame_offset_s <d.tsv)" = 1 ]
    [ "$(facts tr_s <d.tsv)" = 2 ]
    printf '{"RepetitionTime":2.5}' >run.json
    refused 1 '--tr' -e few.tsv run.nii.gz
    nvc-design -q -e few.tsv --high-pass 0 --tr sidecar run.nii.gz | facts tr_s | grep -qx 2.5
}

@test "the frame time follows slice timing correction, and --frame-time rules" {
    [ "$(nvc-design -q -e events.tsv series.tsv | facts frame_offset_s)" = 1 ]
    sed 's/:true/:false/' series.tsv >raw.tsv
    [ "$(nvc-design -q -e events.tsv raw.tsv | facts frame_offset_s)" = 0.875 ]
    [ "$(nvc-design -q -e events.tsv --frame-time 0.5 raw.tsv | facts frame_offset_s)" = 0.5 ]
    refused 2 'outside of a volume' -e events.tsv --frame-time 3 series.tsv
}

@test "with -o the facts stand in the sidecar and the table is plain" {
    nvc-design -q -e events.tsv series.tsv -o d.tsv
    nvc-design -q -e events.tsv series.tsv | tail -n +2 | cmp - d.tsv
    nvc-design -q -e events.tsv --plain series.tsv | cmp - d.tsv
    grep -q '"Facts"' d.json
    grep -q '"Path": "events.tsv"' d.json || grep -q 'events.tsv' d.json
}

@test "standard error tells condition number and variance inflation, and --quiet does not" {
    nvc-design -e events.tsv series.tsv 2>said >d.tsv
    grep -q 'nvc-design: 100 volumes, 6 columns; condition number [0-9.]*; variance inflation face [0-9.]*, shape [0-9.]*$' said
    [ "$(wc -l <said)" -eq 1 ]
    nvc-design -q -e events.tsv series.tsv 2>said >d.tsv
    [ ! -s said ]
}

@test "strategies bring non-steady states and scrubbing together, each volume once" {
    nvc-design -q -e events.tsv -c confounds.tsv --confounds 6p --confounds 'scrub:0.5,motion_outlier*' series.tsv >d.tsv
    [ "$(columns <d.tsv)" = 'time face shape trans_x trans_y trans_z rot_x rot_y rot_z cosine00 cosine01 cosine02 censor_000 censor_041 censor_060 constant' ]
    grep -v '^#' d.tsv | awk -F'\t' 'NR > 1 { a += $13; b += $14; if ($13) v = $1; if ($14) w = $1 } END { exit !(a == 1 && b == 1 && v == 0 && w == 82) }'
}

@test "confounds are centred and the first n/a of a derivative is 0 before" {
    nvc-design -q -n 100 --tr 2 -c confounds.tsv --confounds 'trans_x_derivative1,csf' --high-pass 0 >d.tsv
    grep -v '^#' d.tsv | awk -F'\t' 'NR > 1 { a += $2; b += $3 } END { exit !(a * a < 1e-20 && b * b < 1e-20) }'
    first=$(awk -F'\t' 'NR > 2 { s += $2 } END { print -s / 100 }' confounds.tsv)
    grep -v '^#' d.tsv | awk -F'\t' -v want="$first" 'NR == 2 { exit !(($2 - want) ^ 2 < 1e-10) }'
}

@test "dummy scans drop rows and shift events, and the time column keeps the clock" {
    nvc-design -q -e events.tsv --high-pass 0 series.tsv >all.tsv
    nvc-design -q -e events.tsv --high-pass 0 --dummy-scans 4 -c confounds.tsv --confounds 6p series.tsv >some.tsv
    [ "$(sed -n 3p some.tsv | cut -f1)" = 8 ]
    [ "$(grep -vc '^#' some.tsv)" -eq 97 ]
    [[ $(columns <some.tsv) != *censor* ]]
    tail -n +7 all.tsv | cut -f 1-3 >want
    tail -n +3 some.tsv | cut -f 1-3 | cmp - want
}

@test "FSL and AFNI timing files give the design of the same events" {
    awk -F'\t' '$3 == "face" { print $1, $2, 1 }' events.tsv >face.txt
    awk -F'\t' '$3 == "shape" { printf "%s ", $1 } END { print "" }' events.tsv >shape.1D
    nvc-design -q -e events.tsv series.tsv >want.tsv
    nvc-design -q --fsl face=face.txt --afni shape=shape.1D --timing-duration 4 series.tsv | cmp - want.tsv
    refused 1 '--timing-duration' --afni shape=shape.1D series.tsv
    nvc-design -q --afni shape=shape.1D --hrf 'BLOCK(4,1)' series.tsv | columns | grep -q '^time shape cosine00'
    printf '1 2\n3 4\n' >runs.1D
    refused 1 'runs' --afni shape=runs.1D --timing-duration 1 series.tsv
}

@test "a weight is the height of an event" {
    printf '20 4 1\n80 4 1\n' >one.txt
    printf '20 4 2\n80 4 2\n' >two.txt
    nvc-design -q --plain --fsl a=one.txt --high-pass 0 series.tsv | tail -n +2 | awk '{ print 2 * $2 }' >want
    nvc-design -q --plain --fsl a=two.txt --high-pass 0 series.tsv | tail -n +2 | awk '{ print 1 * $2 }' | cmp - want
}

@test "a kernel from a file that samples the canonical response gives the canonical regressor" {
    sed 's/face/shape/;/shape/!b' events.tsv | awk -F'\t' -v OFS='\t' 'NR > 1 { $2 = 0 } { print }' >brief.tsv
    awk 'BEGIN {
        print "time\th"
        for (k = 0; k <= 512; k++) {
            t = k / 16; g = t ? exp(5 * log(t) - t) / 120 : 0; u = t ? exp(15 * log(t) - t) / 1307674368000 : 0
            printf "%.6f\t%.12f\n", t, (g - u / 6) / .83344
        }
    }' >kernel.tsv
    nvc-design -q --plain -e brief.tsv --high-pass 0 series.tsv | cut -f2 >want
    nvc-design -q --plain -e brief.tsv --high-pass 0 --hrf-kernel kernel.tsv series.tsv | cut -f2 | paste want - |
        awk 'NR > 1 && ($1 - $2) ^ 2 > 1e-8 { bad = 1; print } END { exit bad }'
}

@test "a declared event changes the height in the facts and nothing else" {
    nvc-design -q -e events.tsv series.tsv >a.tsv
    nvc-design -q -e events.tsv --event-duration 1 --event-duration face=10 series.tsv >b.tsv
    cmp <(tail -n +2 a.tsv) <(tail -n +2 b.tsv)
    [ "$(facts event_duration_s <b.tsv | tr '\n' ' ')" = '10 1 ' ]
    refused 1 "'faces'" -e events.tsv --event-duration faces=1 series.tsv
    refused 2 'have their own' -e events.tsv --hrf block:4 --event-duration 1 series.tsv
}

@test "the report has a row for each column, for programs and for people" {
    nvc-design -q -e events.tsv --report vif.tsv series.tsv -o d.tsv
    [ "$(wc -l <vif.tsv)" -eq 7 ]
    [ "$(head -n 1 vif.tsv | cut -f1,9,10)" = "$(printf 'name\tvif\tefficiency')" ]
    [ -s vif.json ]
    nvc-design -q -e events.tsv --report vif.md series.tsv -o d.tsv
    grep -q '^| face | task | face | hrf | n/a | 6 | 4 |' vif.md
    refused 2 'standard output' -e events.tsv --report - series.tsv
}

@test "pictures are of the kind that their name tells, and the same bytes each time" {
    for kind in png svg pdf; do
        nvc-design -q -e events.tsv -c confounds.tsv --confounds 6p --figure a.$kind series.tsv -o d.tsv
        nvc-design -q -e events.tsv -c confounds.tsv --confounds 6p --figure b.$kind series.tsv -o d.tsv
        cmp a.$kind b.$kind
    done
    [ "$(head -c 4 a.png | tail -c 3)" = PNG ]
    [ "$(head -c 4 a.pdf)" = %PDF ]
    grep -q '<svg' a.svg
    refused 2 '.png, .svg or .pdf' -e events.tsv --figure d.jpg series.tsv
    [ ! -e d.jpg ]
}

@test "what a user mistypes is named with what was meant" {
    refused 1 "did you mean 'csf'" -c confounds.tsv --confounds cfs series.tsv ||
        refused 1 'did you mean csf' -c confounds.tsv --confounds cfs series.tsv
    refused 1 'trans_x_power2' -c confounds.tsv --confounds 24p series.tsv
    refused 1 'a_comp_cor_' -c confounds.tsv --confounds acompcor5 series.tsv
    refused 1 'intensity' -e events.tsv -m intensty series.tsv
    refused 1 'trial_type' -e events.tsv --trial-type trial_typ series.tsv
    refused 2 'scrub' -c confounds.tsv --confounds scrub:x series.tsv
    refused 2 'fir:LENGTH' -e events.tsv --hrf smp series.tsv
    refused 2 '12,40-43' -e events.tsv --censor 5-2 series.tsv
    refused 2 'COLUMN' -e events.tsv -m intensity:0 series.tsv
    refused 2 '--confound-table' --confounds 6p series.tsv
    refused 2 'exclude each other' -e events.tsv --fsl a=b series.tsv
    refused 2 'exclude each other' -e events.tsv -n 10 --tr 2 series.tsv
    refused 2 '--tr SECONDS' -e events.tsv -n 10
    refused 2 '--tr goes with' -e events.tsv --tr 2 series.tsv
}

@test "data that would give a wrong design are refused with file and place" {
    refused 1 "'holes' is n/a at volume 50" -c confounds.tsv --confounds holes series.tsv
    refused 1 "'flat' is constant" -c confounds.tsv --confounds flat series.tsv
    head -n 90 confounds.tsv >short.tsv
    refused 1 '89 rows for 100 volumes' -c short.tsv --confounds 6p series.tsv
    sed '3s/\t4\t/\tn\/a\t/' events.tsv >na.tsv
    refused 1 'na.tsv: line 3: duration is n/a' -e na.tsv series.tsv
    sed '3s/\t4\t/\t-4\t/' events.tsv >negative.tsv
    refused 1 'line 3: duration -4 s is negative' -e negative.tsv series.tsv
    printf 'onset\tduration\ttrial_type\n' >none.tsv
    refused 1 'no event' -e none.tsv series.tsv
    refused 1 'the run has volumes 0 to 99' -e events.tsv --censor 100 series.tsv
    refused 1 'n/a for 1 of 6' -e <(sed '3s/\t0$/\tn\/a/' events.tsv) -m intensity series.tsv
    refused 1 'columns for' -e events.tsv -n 5 --tr 40
}

@test "a series that was cut is refused, with or without its facts" {
    head -n 60 series.tsv >head.tsv
    refused 1 'head.tsv: 58 rows, but the facts say n_volumes 100' -e events.tsv head.tsv
    { sed -n 2p series.tsv; sed -n '50,$p' series.tsv; } >tail.tsv
    refused 1 'tail.tsv: the time column starts at 94 s; want 0' -e events.tsv tail.tsv
}

@test "the cosines of a confounds table come only to who asks for them by name" {
    awk -v OFS='\t' '{ print $0, NR == 1 ? "cosine00" : cos(3.14159265 * (NR - 1.5) / 100) }' confounds.tsv >cosines.tsv
    [ "$(nvc-design -q -e events.tsv -c cosines.tsv --confounds 'c*' series.tsv | columns)" = \
      "$(nvc-design -q -e events.tsv -c confounds.tsv --confounds csf series.tsv | columns)" ]
    refused 1 'take them instead of ours (--high-pass 0)' -e events.tsv -c cosines.tsv --confounds 'cosine*' series.tsv
    nvc-design -q -e events.tsv -c cosines.tsv --confounds 'cosine*' --high-pass 0 series.tsv | columns | grep cosine00
}

@test "dependent columns are refused by name" {
    { cat events.tsv; sed -n '2,$s/face/person/p' events.tsv; } >twice.tsv
    refused 1 "'face' and 'person'" -e twice.tsv series.tsv
    [[ $output != *shape* ]]
}

@test "events outside the run are dropped with a warning, events without a name are left out" {
    { cat events.tsv; printf '500\t4\tface\t3\n-400\t1\tface\t2\n50\t1\tn/a\t1\n'; } >more.tsv
    run nvc-design -e more.tsv series.tsv -o d.tsv
    [ "$status" -eq 0 ]
    [[ $output == *"warning: condition 'face': 1 of 8 events begin at or after the end of the run (200 s)"* ]]
    [[ $output == *"warning: condition 'face': 1 of 8 events are over long before"* ]]
    [[ $output == *'warning: 1 events whose trial_type is n/a are left out'* ]]
    nvc-design -q -e events.tsv series.tsv --plain | cmp - d.tsv
    sed 's/^[0-9]*\t4\tshape/900\t4\tshape/' events.tsv >late.tsv
    refused 1 "condition 'shape': none of its 6 events" -e late.tsv series.tsv
}

@test "nothing is written when something fails" {
    run nvc-design -e events.tsv -c confounds.tsv --confounds flat --figure p.png --report r.tsv series.tsv -o d.tsv
    [ "$status" -eq 1 ]
    [ ! -e p.png ] && [ ! -e r.tsv ] && [ ! -e d.tsv ]
    run nvc-design -e events.tsv series.tsv -o /nonexistent/d.tsv
    [ "$status" -eq 3 ]
    run nvc-design -e absent.tsv series.tsv
    [ "$status" -eq 3 ]
}

@test "the design of the real run is that of an independent computation" {
    data=${NVC_REFERENCE:-$srcdir/../shared}
    [ -e "$data/reference/localizer/design.tsv" ] || skip 'no reference folder'
    L=$data/data/localizer/sub-01/func/sub-01_task-objectcategories
    nvc-design -q -e "${L}_events.tsv" -c "${L}_desc-confounds_timeseries.tsv" --confounds 6p \
        "${L}_space-MNI152NLin6Asym_desc-preproc_bold.nii.gz" -o d.tsv
    awk -F'\t' 'NR == FNR { if (FNR == 1) for (i = 1; i <= NF; i++) at[$i] = i; else for (n in at) got[FNR, n] = $(at[n]); next }
        FNR == 1 { for (i = 1; i <= NF; i++) { name[i] = $i; if (!($i in at)) bad = 1 } next }
        { for (i = 1; i <= NF; i++) { d = got[FNR, name[i]] - $i; if (d * d > 1e-18) bad = 1; n++ } }
        END { exit bad || n != 156 * 17 }' d.tsv "$data/reference/localizer/design.tsv"
}
