#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# nvc-glm as a user types it.

# A run of 120 volumes with two regions in both sides, two conditions and noise from a generator of its own.
setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    awk 'BEGIN {
        OFS = "\t"; seed = 7
        print "#nvc {\"table\":\"design\",\"tr_s\":2,\"columns\":[{\"name\":\"face\",\"role\":\"task\",\"condition\":\"face\",\"basis\":\"hrf\",\"event_duration_s\":18,\"h_ref\":1.1},{\"name\":\"shape\",\"role\":\"task\",\"condition\":\"shape\",\"basis\":\"hrf\",\"event_duration_s\":18,\"h_ref\":1.1},{\"name\":\"motion\",\"role\":\"confound\"},{\"name\":\"constant\",\"role\":\"constant\"}]}" >"design.tsv"
        print "time", "face", "shape", "motion", "constant" >"design.tsv"
        print "#nvc {\"table\":\"series\",\"tr_s\":2,\"n_volumes\":120,\"slice_time_corrected\":null,\"start_time_s\":0,\"participant_id\":\"sub-01\",\"session\":\"n/a\",\"task\":\"faces\",\"run\":\"1\",\"space\":\"MNI\",\"summary\":\"mean\",\"signal_unit\":\"arbitrary\",\"regions\":[{\"column\":\"BLA_L\",\"region\":\"BLA\",\"side\":\"L\",\"atlas\":\"a\",\"n_vox\":30,\"coverage\":1,\"s0\":1000,\"tsnr\":60,\"note\":\"\"},{\"column\":\"BLA_R\",\"region\":\"BLA\",\"side\":\"R\",\"atlas\":\"a\",\"n_vox\":32,\"coverage\":0.9,\"s0\":900,\"tsnr\":50,\"note\":\"\"}]}" >"series.tsv"
        print "time", "BLA_L", "BLA_R" >"series.tsv"
        for (t = 0; t < 120; t++) {
            face = t % 30 < 9 ? 1 : 0; shape = t % 30 >= 15 && t % 30 < 24 ? 1 : 0
            print 2 * t, face, shape, sin(t * t), 1 >"design.tsv"
            l = noise(); r = .5 * l + noise()
            print 2 * t, 1000 + 10 * face + 4 * shape + l, 900 + 6 * face + 6 * shape + r >"series.tsv"
        }
    }
    function noise(    s, i) { for (i = 0; i < 12; i++) { seed = (seed * 16807) % 2147483647; s += seed / 2147483647 } return 3 * (s - 6) }'
}

# COLUMN CONDITION: that column of the rows of glm.tsv for which the condition on v["name"] holds
cell() {
    awk -F '\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { for (n in at) v[n] = $at[n] } '"$2"' { print v[want] }' "${3:-glm.tsv}"
}

near() { awk -v a="$1" -v b="$2" -v e="$3" 'BEGIN { exit !(a != "" && a - b <= e && b - a <= e) }'; }

@test "every condition and contrast of every region is a row, and both sides have their difference" {
    nvc-glm -d design.tsv --contrast 'face - shape' series.tsv >glm.tsv
    [ "$(wc -l <glm.tsv)" -eq 10 ]
    [ "$(cell side 1 | tr '\n' ' ')" = 'L L L R R R RL RL RL ' ]
    [ "$(cell contrast 'v["side"] == "L"' | tr '\n' ' ')" = 'face shape face-shape ' ]
    [ "$(cell type 'v["side"] == "L"' | tr '\n' ' ')" = 'condition condition t ' ]
    [ "$(cell participant_id 1 | sort -u)" = sub-01 ]
    [ "$(cell weights 'v["side"] == "L" && v["type"] == "t"')" = 'face - shape' ]
}

@test "effects are found within their error, in percent of s0 and of a declared event" {
    for noise in ols ar1 ar1-reml arma11; do
        nvc-glm -d design.tsv -n $noise --contrast 'face - shape' series.tsv >glm.tsv
        effect=$(cell effect 'v["side"] == "L" && v["contrast"] == "face"')
        se=$(cell se 'v["side"] == "L" && v["contrast"] == "face"')
        near "$effect" 10 "$(awk -v s="$se" 'BEGIN { print 3 * s }')"
        near "$(cell effect_pct 'v["side"] == "L" && v["contrast"] == "face"')" "$(awk -v e="$effect" 'BEGIN { print e / 10 }')" 1e-5
        near "$(cell psc 'v["side"] == "L" && v["contrast"] == "face"')" "$(awk -v e="$effect" 'BEGIN { print 1.1 * e / 10 }')" 1e-5
        near "$(cell stat 'v["side"] == "L" && v["contrast"] == "face"')" "$(awk -v e="$effect" -v s="$se" 'BEGIN { print e / s }')" 1e-3
    done
}

@test "the difference of sides has a smaller error than two independent regions would give" {
    nvc-glm -d design.tsv -n ols series.tsv >glm.tsv
    l=$(cell se_pct 'v["side"] == "L" && v["contrast"] == "face"')
    r=$(cell se_pct 'v["side"] == "R" && v["contrast"] == "face"')
    both=$(cell se_pct 'v["side"] == "RL" && v["contrast"] == "face"')
    awk -v l="$l" -v r="$r" -v b="$both" 'BEGIN { exit !(b > 0 && b * b < .8 * (l * l + r * r)) }'
    near "$(cell psc 'v["side"] == "RL" && v["contrast"] == "face"')" \
        "$(cell psc 'v["side"] != "RL" && v["contrast"] == "face"' | awk '{ d = $1 - d } END { print d }')" 1e-5
}

@test "an F contrast of one row is the square of t" {
    nvc-glm -d design.tsv -n ols --contrast '[face - shape]' --contrast 'd = face - shape' series.tsv >glm.tsv
    t=$(cell stat 'v["side"] == "L" && v["contrast"] == "d"')
    near "$(cell stat 'v["side"] == "L" && v["type"] == "F"')" "$(awk -v t="$t" 'BEGIN { print t * t }')" 1e-3
    [ "$(cell p 'v["side"] == "L" && v["type"] == "F"' | cut -c 1-8)" = "$(cell p 'v["side"] == "L" && v["contrast"] == "d"' | cut -c 1-8)" ]
}

@test "the pipe, a file and any number of threads give the same bytes" {
    nvc-glm -d design.tsv series.tsv >want.tsv
    nvc-glm -d design.tsv <series.tsv | cmp - want.tsv
    nvc-glm -d design.tsv -j 3 series.tsv | cmp - want.tsv
    nvc-glm -d design.tsv series.tsv -o out.tsv
    cmp out.tsv want.tsv
    grep -q '"psc"' out.json
}

@test "permuting regions permutes rows, scaling the signal scales effects" {
    nvc-glm -d design.tsv series.tsv | grep -v '	RL	' >want.tsv
    awk -F '\t' -v OFS='\t' '!/^#/ { print $1, $3, $2 }' series.tsv >swapped.tsv
    nvc-glm -d design.tsv swapped.tsv >glm.tsv
    for column in effect se stat p ar ma; do
        [ "$(cell $column 'v["side"] == "L"')" = "$(cell $column 'v["side"] == "L"' want.tsv)" ]
        [ "$(cell $column 'v["side"] == "R"')" = "$(cell $column 'v["side"] == "R"' want.tsv)" ]
    done
    awk -F '\t' -v OFS='\t' '/^#/ || /^time/ { next } { printf "%s\t%.17g\t%.17g\n", $1, $2 * 64, $3 * 64 }' series.tsv | sed '1i time\tBLA_L\tBLA_R' >big.tsv
    nvc-glm -d design.tsv big.tsv >glm.tsv
    near "$(cell effect 'v["side"] == "L" && v["contrast"] == "face"')" \
        "$(cell effect 'v["side"] == "L" && v["contrast"] == "face"' want.tsv | awk '{ print 64 * $1 }')" 1e-2
    near "$(cell stat 'v["side"] == "L" && v["contrast"] == "face"')" "$(cell stat 'v["side"] == "L" && v["contrast"] == "face"' want.tsv)" 1e-8
}

@test "percent signal change is n/a where the weights do not mean it, and the note says why" {
    nvc-glm -d design.tsv --contrast 'sum = face + shape' series.tsv >glm.tsv
    [ "$(cell psc 'v["side"] == "L" && v["contrast"] == "sum"')" = n/a ]
    [ "$(cell note 'v["side"] == "L" && v["contrast"] == "sum"')" = psc_not_a_mean ]
    grep -v '^#' design.tsv >plain.tsv
    nvc-glm -d plain.tsv series.tsv >glm.tsv
    [ "$(cell type 'v["side"] == "L" && v["contrast"] == "face"')" = regressor ]
    [ "$(cell note 'v["side"] == "L" && v["contrast"] == "face"')" = psc_no_height ]
    nvc-glm -d plain.tsv --h-ref face=1.1 series.tsv >glm.tsv
    [ "$(cell note 'v["side"] == "L" && v["contrast"] == "face"')" = n/a ]
    near "$(cell psc 'v["side"] == "L" && v["contrast"] == "face"')" 1.1 0.2
}

@test "an empty region is a row of n/a, a constant one has no t" {
    awk -F '\t' -v OFS='\t' '/^#/ { next } NR > 2 { $2 = "n/a"; $3 = 7 } 1' series.tsv >empty.tsv
    nvc-glm -d design.tsv empty.tsv >glm.tsv
    [ "$(cell effect 'v["side"] == "L" && v["contrast"] == "face"')" = n/a ]
    [ "$(cell note 'v["side"] == "L" && v["contrast"] == "face"')" = empty_region ]
    [ "$(cell stat 'v["side"] == "R" && v["contrast"] == "face"')" = n/a ]
    cell note 'v["side"] == "R" && v["contrast"] == "face"' | grep -q no_residual
}

refused() { # STATUS PART COMMAND...
    local want=$1 part=$2
    shift 2
    run --separate-stderr "$@"
    echo "$stderr"
    [ "$status" -eq "$want" ] && [ -z "$output" ] && [[ "$stderr" == *"$part"* ]] && [ "${#stderr_lines[@]}" -eq 1 ]
}

@test "a design that cannot be is refused by the names of its columns" {
    awk -F '\t' -v OFS='\t' '/^#/ { next } { $5 = NR == 2 ? "sum" : $2 + $3 } 1' design.tsv | sed 's/constant$/sum/' >dependent.tsv
    refused 1 "'face', 'shape' and 'sum' are linearly dependent" nvc-glm -d dependent.tsv series.tsv
    head -100 design.tsv >short.tsv
    refused 1 'make the design for this run' nvc-glm -d short.tsv series.tsv
    sed 's/"tr_s":2/"tr_s":2.5/' design.tsv | awk -F '\t' -v OFS='\t' 'NR > 2 { $1 *= 1.25 } 1' >slow.tsv
    refused 1 'repetition time' nvc-glm -d slow.tsv series.tsv
}

@test "a contrast that cannot be is refused, its grammar before any file is read" {
    refused 2 'at character 8' nvc-glm -d absent.tsv --contrast 'face - * shape' absent.tsv
    refused 1 "did you mean 'face'?" nvc-glm -d design.tsv --contrast fase series.tsv
    refused 1 "two contrasts are called 'face'" nvc-glm -d design.tsv --contrast 'face = face - shape' series.tsv
    refused 2 'give --censor to nvc-design' nvc-glm -d design.tsv --censor 3 series.tsv
    refused 2 'give --high-pass to nvc-design' nvc-glm -d design.tsv --high-pass 0 series.tsv
    refused 2 'give --hrf to nvc-design' nvc-glm -d design.tsv --hrf glover series.tsv
    refused 2 '--arma' nvc-glm -d design.tsv --arma 0.5 series.tsv
    refused 2 '--arma' nvc-glm -d design.tsv --arma 0.5,1 series.tsv
    refused 2 'goes with --noise arma11' nvc-glm -d design.tsv -n ols --compat afni series.tsv
    refused 2 'NAME=NUMBER' nvc-glm -d design.tsv --h-ref face series.tsv
}

@test "a run and its copy: the mean keeps the effect and gains precision, and so does the joint model" {
    sed 's/"run":"1"/"run":"2"/' series.tsv >again.tsv
    nvc-glm -d design.tsv -n ols --contrast 'face - shape' series.tsv >one.tsv
    effect=$(cell effect_pct 'v["side"] == "L" && v["type"] == "t"' one.tsv)
    se=$(cell se_pct 'v["side"] == "L" && v["type"] == "t"' one.tsv)
    nvc-glm -d design.tsv -d design.tsv -n ols --contrast 'face - shape' series.tsv again.tsv >glm.tsv
    [ "$(cell run 1 | sort | uniq -c | tr -s ' ' | tr '\n' ' ')" = ' 9 1  9 2  9 n/a ' ]
    near "$(cell effect_pct 'v["run"] == "n/a" && v["side"] == "L" && v["type"] == "t"')" "$effect" 1e-9
    near "$(cell se_pct 'v["run"] == "n/a" && v["side"] == "L" && v["type"] == "t"')" "$(awk -v s="$se" 'BEGIN { print s / sqrt(2) }')" 1e-6
    near "$(cell dof 'v["run"] == "n/a" && v["side"] == "L" && v["type"] == "t"')" 232 1e-6
    [ "$(cell note 'v["run"] == "n/a" && v["side"] == "L" && v["type"] == "t"')" = runs:2 ]
    nvc-glm -d design.tsv -d design.tsv -n ols --runs each --contrast 'face - shape' series.tsv again.tsv >each.tsv
    grep -v 'runs:2' glm.tsv | cmp - each.tsv
    nvc-glm -d design.tsv -d design.tsv -n ols --runs joint --contrast 'face - shape' series.tsv again.tsv >glm.tsv
    [ "$(wc -l <glm.tsv)" -eq 10 ]
    near "$(cell effect_pct 'v["side"] == "L" && v["type"] == "t"')" "$effect" 1e-9
    near "$(cell se_pct 'v["side"] == "L" && v["type"] == "t"')" "$(awk -v s="$se" 'BEGIN { print s / sqrt(2) * sqrt(232 / 234) }')" 1e-6
    [ "$(cell dof 'v["side"] == "L" && v["type"] == "t"')" = 234 ]
    [ "$(cell n_vol 'v["side"] == "L" && v["type"] == "t"')" = 240 ]
}

@test "what the model leaves and hangs on is a table, a table of volumes and a figure" {
    awk -F '\t' -v OFS='\t' '!/^#/ && NR > 2 && $1 == 40 { $2 += 60 } !/^#/ && NR > 2 && $1 == 80 { $3 = 5000 } 1' series.tsv >odd.tsv
    awk -F '\t' -v OFS='\t' 'NR == 1 { sub(/,\{"name":"constant"/, ",{\"name\":\"censor_040\",\"role\":\"censor\"}&") }
        NR == 2 { $5 = "censor_040\tconstant" } NR > 2 { $5 = ($1 == 80) "\t" $5 } 1' design.tsv >censor.tsv
    nvc-glm -d censor.tsv --diagnosis d.tsv --fit f.tsv --figure f.svg -o glm.tsv odd.tsv
    [ "$(wc -l <d.tsv)" -eq 3 ]
    [ "$(cell cook_volume 'v["side"] == "L"' d.tsv)" = 20 ]
    [ "$(cell n_censored 'v["side"] == "R"' d.tsv)" = 1 ]
    [ "$(cell dof 'v["side"] == "R"' d.tsv)" = 115 ]
    awk -v p="$(cell whiteness_p 'v["side"] == "R"' d.tsv)" 'BEGIN { exit !(p > .001 && p < .999) }'
    awk -v c="$(cell condition 'v["side"] == "R"' d.tsv)" 'BEGIN { exit !(c > 1 && c < 10) }'
    [ "$(wc -l <f.tsv)" -eq 241 ]
    [ "$(cell leverage 'v["side"] == "R" && v["volume"] == 40' f.tsv)" = 1 ]
    [ "$(cell whitened 'v["side"] == "R" && v["volume"] == 40' f.tsv)" = n/a ]
    near "$(cell fitted 'v["side"] == "R" && v["volume"] == 40' f.tsv)" 5000 9
    grep -q '"Description"' d.json && grep -q '<svg' f.svg
    for noise in ols ar1 ar1-reml; do nvc-glm -q -d censor.tsv -n $noise --diagnosis d.tsv -o glm.tsv odd.tsv; done
    [ "$(cell noise 'v["side"] == "L"' d.tsv)" = ar1-reml ]
    nvc-glm -d censor.tsv -d design.tsv --figure f.png --diagnosis d.tsv -o glm.tsv odd.tsv series.tsv
    [ "$(wc -l <d.tsv)" -eq 5 ]
    nvc-glm -d censor.tsv -d design.tsv --runs joint --figure f.pdf --diagnosis d.tsv -o glm.tsv odd.tsv series.tsv
    [ "$(cell n_vol 'v["side"] == "L"' d.tsv)" = 240 ]
    awk -F '\t' -v OFS='\t' '/^#/ { next } NR > 2 { $2 = "n/a"; $3 = 7 } 1' series.tsv >empty.tsv
    nvc-glm -d design.tsv --diagnosis d.tsv --fit f.tsv -o glm.tsv empty.tsv
    [ "$(cell max_cook 'v["side"] == "L"' d.tsv)" = n/a ]
    [ "$(wc -l <f.tsv)" -eq 1 ]
    refused 1 'have a fit to draw' nvc-glm -d design.tsv --figure f.svg -o glm.tsv empty.tsv
    refused 2 'two tables' nvc-glm -d design.tsv --diagnosis - series.tsv
    refused 2 '.png' nvc-glm -d design.tsv --figure f.gif series.tsv
}

@test "runs of another design, kind or number are refused" {
    refused 2 '2 runs and 1 designs' nvc-glm -d design.tsv series.tsv series.tsv
    refused 1 'the design does not say whether' nvc-glm --runs joint -d design.tsv -d <(grep -v '^#' design.tsv) series.tsv series.tsv
    cut -f 1,2 <(grep -v '^#' series.tsv) >fewer.tsv
    refused 1 'run 1 has 2 regions, run 2 has 1' nvc-glm --runs joint -d design.tsv -d design.tsv series.tsv fewer.tsv
}

@test "where one output cannot be written none is, and nothing is computed" {
    mkdir folder
    while read -r wanted words; do
        # shellcheck disable=SC2086
        run nvc-glm -q -d design.tsv -o glm.tsv $words series.tsv
        [ "$status" -eq "$wanted" ] || { echo "$words: $status $output"; false; }
        [ "${#lines[@]}" -eq 1 ]
        [[ "$output" == *"${words##* }"* ]]
        [ ! -e glm.tsv ]
    done <<'END'
3 --diagnosis nowhere/d.tsv
3 --fit folder
2 --fit folder/
2 --fit fit.png
2 --figure fit.jpg
3 --figure nowhere/fit.png
3 --voi design.tsv/voi.tsv
END
    nvc-glm -q -d design.tsv -o glm.tsv --figure FIT.PNG series.tsv
}

@test "events and confounds named after another participant are said to be of another" {
    printf 'onset\tduration\ttrial_type\n0\t18\tface\n60\t18\tface\n' >sub-02_task-faces_events.tsv
    cp sub-02_task-faces_events.tsv sub-01_task-faces_run-01_events.tsv
    cp sub-02_task-faces_events.tsv task-faces_events.tsv
    run --separate-stderr nvc-glm -e sub-02_task-faces_events.tsv -o glm.tsv series.tsv
    [ "$status" -eq 0 ]
    # shellcheck disable=SC2154
    [[ "$stderr" == *"sub-02_task-faces_events.tsv: by its name it belongs to participant sub-02, but the run is of participant sub-01"* ]]
    for own in sub-01_task-faces_run-01_events.tsv task-faces_events.tsv; do
        run --separate-stderr nvc-glm -e "$own" -o glm.tsv series.tsv
        [ "$status" -eq 0 ]
        [ -z "$stderr" ]
    done
}

@test "what Excel makes of a table is read or named" {
    printf 'onset\tduration\ttrial_type\r\n0.5\t18\tface\r\n60\t18\tface\r\n' >crlf.tsv
    printf '\357\273\277onset\tduration\ttrial_type\n0.5\t18\tface\n60\t18\tface\n' >bom.tsv
    nvc-glm -e crlf.tsv -o a.tsv series.tsv
    nvc-glm -e bom.tsv -o b.tsv series.tsv
    cmp a.tsv b.tsv
    tr '\t' ';' <bom.tsv >semicolons.tsv
    sed 's/0\.5/0,5/' bom.tsv >comma.tsv
    printf 'PK\003\004book' >book.tsv
    sed 's/trial_type/condition/' bom.tsv >other.tsv
    head -n 1 bom.tsv >none.tsv
    while IFS='|' read -r file words; do
        run nvc-glm -e "$file" -o c.tsv series.tsv
        [ "$status" -eq 1 ]
        [ "${#lines[@]}" -eq 1 ]
        [[ "$output" == *"$file: "*"$words"* ]] || { echo "$output"; false; }
    done <<'END'
semicolons.tsv|tabs separate columns
comma.tsv|line 2, column 'onset': '0,5' is not a number; the decimal sign is a point
book.tsv|save the sheet as text
none.tsv|no event below it
END
    run nvc-glm -e other.tsv -o c.tsv series.tsv
    [ "$status" -eq 0 ]
    [[ "$output" == *"no column trial_type: all are one condition, 'event'"* ]]
    run nvc-glm -e bom.tsv --high-pass 128,5 series.tsv
    [ "$status" -eq 2 ]
    [[ "$output" == *"found '128,5'; the decimal sign is a point" ]]
    run nvc-glm bom.tsv bom.tsv series.tsv
    [ "$status" -eq 2 ]
    [[ "$output" == *"events go with -e"* ]]
}
