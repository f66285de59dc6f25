#!/bin/sh
# Over many simulated studies of full images, how often the interval of nvc-group covers the planted difference:
#     tests/bench/cover.sh [SEEDS [FIRST]]    (20 1; about 20 s of processor time each; commands on the PATH)
set -eu
seeds=${1:-20} first=${2:-1}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
seed=$first
while [ "$seed" -lt $((first + seeds)) ]; do
    study=$scratch/study out=$scratch/out
    rm -rf "$study" "$out"
    nvc-simulate -q --seed "$seed" "$study"
    nvc-run -q "$study" "$out" participant
    nvc-run -q "$study" "$out" group --case patient
    # the sidecar of the truth: "psc_noisefree_L": { ... "difference": -0.14 ... }
    awk -v seed="$seed" '
        FNR == 1 { file++; FS = "\t" }
        file == 1 && /"psc_noisefree/ { side = /_L"/ ? "L" : /_R"/ ? "R" : "B" }
        file == 1 && /"difference"/ { gsub(/[^-0-9.e]/, ""); planted[side] = substr($0, index($0, "-") ? index($0, "-") : 1) }
        file == 2 && FNR == 1 { split($0, h, "\t"); for (i in h) at[h[i]] = i; next }
        file == 2 { split($0, c, "\t") }
        file == 2 && c[at["index"]] == "psc" && c[at["contrast"]] == "face" {
            s = c[at["side"]]; low = c[at["diff_ci_low"]]; high = c[at["diff_ci_high"]]
            printf "%d\t%s\t%s\t%s\t%s\t%d\n", seed, s, planted[s], low, high, low <= planted[s] + 0 && planted[s] + 0 <= high + 0
        }' "$study/truth.json" "$out/group/table.tsv"
    seed=$((seed + 1))
done | tee "$scratch/rows"
awk -F'\t' '{ n[$2]++; covered[$2] += $6 } END { for (s in n) printf "psc face BLA_%s: %d of %d intervals cover\n", s, covered[s], n[s] }' \
    "$scratch/rows"
