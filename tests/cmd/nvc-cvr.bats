#!/usr/bin/env bats
# nvc-cvr: reactivity of vessels to CO2, blocks, breath-holds, or relative to the brain.

# 150 volumes at TR 2 s; BLA_L follows the CO2 of 6 s before by .3 %/mmHg, BLA_R by .15, NOISE not at all; EMPTY has no voxel.
setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    PATH=${builddir:?}/tests/cmd:$PATH
    awk 'function gas(t) { return t < 0 ? 40 : 40 + (t % 100 < 50 ? 0 : 7) + 0.3 * sin(t / 3) }
        BEGIN {
            print "time\tpetco2" >"co2.tsv"
            for (t = -20; t < 320; t += 2.5) printf "%g\t%.4f\n", t, gas(t) >"co2.tsv"
            print "onset\tduration\ttrial_type\n50\t50\tgas\n150\t50\tgas\n250\t50\tgas\n20\t15\thold\n100\t15\thold\n200\t15\thold" >"events.tsv"
            srand(4)
            print "time\tBLA_L\tBLA_R\tNOISE_L\tEMPTY_R"
            for (i = 0; i < 150; i++) {
                t = 2 * i + 0.875 - 6
                n = 0
                for (k = 0; k < 6; k++) n += rand() - 0.5
                printf "%g\t%.5f\t%.5f\t%.5f\tn/a\n", 2 * i, 1000 * (1 + 0.003 * (gas(t) - 42) + 0.002 * n), \
                    500 * (1 + 0.0015 * (gas(t) - 42) - 0.002 * n), 800 * (1 + 0.004 * (rand() - 0.5))
            }
        }' | sed 's/\\$//' >series.tsv
}

cell() { # COLUMN CONDITION, from the table on standard input
    awk -F '\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { for (n in at) v[n] = $at[n] } '"$2"' { print v[want] }'
}

near() { # NUMBER WANTED TOLERANCE
    awk -v a="$1" -v b="$2" -v c="$3" 'BEGIN { d = a - b; exit !(a != "n/a" && d <= c + 0 && -d <= c + 0) }'
}

@test "reactivity and lag of a known response are found, in percent per mmHg" {
    nvc-cvr --co2 co2.tsv series.tsv >out.tsv
    near "$(cell value 'v["index"] == "cvr" && v["region"] == "BLA" && v["side"] == "L"' <out.tsv)" 0.3 0.02
    near "$(cell value 'v["index"] == "cvr" && v["region"] == "BLA" && v["side"] == "R"' <out.tsv)" 0.15 0.02
    near "$(cell value 'v["index"] == "cvr_lag" && v["region"] == "BLA" && v["side"] == "L"' <out.tsv)" 6 1.5 # samples every 2.5 s, joined by lines
    [ "$(cell unit 'v["index"] == "cvr"' <out.tsv | sort -u)" = %/mmHg ]
    [ "$(cell class 'v["index"] ~ /cvr/' <out.tsv | sort -u)" = reactivity ]
    [ "$(cell note 'v["index"] == "cvr" && v["region"] == "NOISE"' <out.tsv | grep -c weak)" -eq 1 ]
    [ "$(cell note 'v["index"] == "cvr" && v["region"] == "EMPTY"' <out.tsv)" = empty ]
    [ "$(cell value 'v["region"] == "EMPTY"' <out.tsv | sort -u)" = n/a ]
}

@test "a BIDS recording without header gives what the table gives" {
    awk 'NR > 1 { print $2 "\t0" }' co2.tsv | gzip >sub-01_physio.tsv.gz
    printf '{"SamplingFrequency": 0.4, "StartTime": -20, "Columns": ["co2", "trigger"]}' >sub-01_physio.json
    nvc-cvr --co2 co2.tsv series.tsv >a.tsv
    nvc-cvr --co2 sub-01_physio.tsv.gz series.tsv >b.tsv
    cmp a.tsv b.tsv
}

@test "blocks give percent, or percent per mmHg of a declared step" {
    nvc-cvr -e events.tsv --blocks gas series.tsv >plain.tsv
    nvc-cvr -e events.tsv --blocks gas --step 7 series.tsv >step.tsv
    near "$(cell value 'v["index"] == "cvr_block" && v["side"] == "L" && v["region"] == "BLA"' <plain.tsv)" 2.1 0.15
    near "$(cell value 'v["index"] == "cvr" && v["side"] == "L" && v["region"] == "BLA"' <step.tsv)" 0.3 0.022
    [ "$(cell contrast 'v["index"] == "cvr"' <step.tsv | sort -u)" = gas ]
}

@test "a lag beyond the search is said" {
    nvc-cvr --co2 co2.tsv --lag-min -10 --lag-max 2 series.tsv >out.tsv
    [[ "$(cell note 'v["index"] == "cvr" && v["region"] == "BLA" && v["side"] == "L"' <out.tsv)" == *lag_at_edge ]]
    [ "$(cell ci_high 'v["index"] == "cvr_lag" && v["region"] == "BLA" && v["side"] == "L"' <out.tsv)" = n/a ]
}

@test "breath-holds as boxes and ramps, and no gas at all, give rows of their names" {
    nvc-cvr -e events.tsv --breath-holds hold series.tsv >box.tsv
    nvc-cvr -e events.tsv --breath-holds hold --shape ramp series.tsv >ramp.tsv
    [ "$(cell index 'v["unit"] == "%"' <box.tsv | sort -u)" = bh_response ]
    run cmp -s box.tsv ramp.tsv
    [ "$status" -eq 1 ]
    nvc-cvr --gas-free --reference BLA_R series.tsv >free.tsv
    near "$(cell value 'v["index"] == "cvr_relative" && v["region"] == "BLA" && v["side"] == "R"' <free.tsv)" 1 0.05
    near "$(cell value 'v["index"] == "cvr_relative" && v["region"] == "BLA" && v["side"] == "L"' <free.tsv)" 1.7 0.2
    [ "$(cell index 1 <free.tsv | sort -u)" = cvr_relative ]
}

@test "an image gives maps, the same for any number of threads" {
    make_image run run.nii.gz 4
    make_image brain brain.nii.gz 4
    nvc-cvr --gas-free --brain-mask brain.nii.gz --maps one --trend 1 run.nii.gz
    nvc-cvr --gas-free --brain-mask brain.nii.gz --maps two --trend 1 -j 3 run.nii.gz
    for map in cvr cvrse cvrz; do
        cmp "one_stat-${map}_boldmap.nii.gz" "two_stat-${map}_boldmap.nii.gz"
        [ -s "one_stat-${map}_boldmap.json" ]
    done
    [ ! -e one_stat-cvrlag_boldmap.nii.gz ]
}

refused() { # STATUS TEXT COMMAND...
    local want=$1 text=$2
    shift 2
    run "$@"
    [ "$status" -eq "$want" ] && [ "${#lines[@]}" -eq 1 ] && [[ "$output" == *"$text"* ]]
}

@test "what cannot be is refused in one line that says what to do" {
    refused 2 "give a stimulus" nvc-cvr series.tsv
    refused 2 "--blocks needs --events" nvc-cvr --blocks gas series.tsv
    refused 1 "did you mean 'gas'" nvc-cvr -e events.tsv --blocks gass series.tsv
    refused 2 "--reference" nvc-cvr --gas-free series.tsv
    refused 1 "no region 'GM'" nvc-cvr --gas-free --reference GM series.tsv
    refused 2 "is above" nvc-cvr --co2 co2.tsv --lag-min 5 --lag-max 1 series.tsv
    awk 'BEGIN { print "time\tco2"; for (i = 0; i < 3000; i++) print i / 10 "\t" 20 + 20 * sin(i / 6) }' >capnogram.tsv
    refused 1 "--capnogram" nvc-cvr --co2 capnogram.tsv series.tsv
    awk 'NR == 1 || $1 < 200' co2.tsv >short.tsv
    refused 1 "less than 90 %" nvc-cvr --co2 short.tsv series.tsv
    awk 'NR == 1; NR > 1 { print $1 "\t" $2 / 7.5 }' co2.tsv >kpa.tsv
    refused 1 "--co2-unit" nvc-cvr --co2 kpa.tsv series.tsv
    nvc-cvr --co2 kpa.tsv --co2-unit kPa series.tsv >/dev/null
    awk 'NR == 1; NR > 1 { print $1 "\t40" }' co2.tsv >flat.tsv
    refused 1 "nothing to react to" nvc-cvr --co2 flat.tsv series.tsv
    : >nothing.tsv
    refused 1 "nothing.tsv" nvc-cvr --co2 nothing.tsv series.tsv
    refused 1 "" nvc-cvr --co2 co2.tsv nothing.tsv
    refused 3 "absent.tsv" nvc-cvr --co2 absent.tsv series.tsv
    refused 3 "" sh -c 'nvc-cvr --co2 co2.tsv series.tsv >/dev/full'
    printf '{"SamplingFrequency": 0, "Columns": ["co2"]}' >bad_physio.json
    printf '40\n41\n' >bad_physio.tsv
    refused 1 "SamplingFrequency" nvc-cvr --co2 bad_physio.tsv series.tsv
}
