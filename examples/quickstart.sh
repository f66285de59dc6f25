#!/bin/sh
# From a fresh Debian 12 to a case-control table, in one go:
#     examples/quickstart.sh [FOLDER]
# Installs what is missing (as root or with sudo), builds nvctools, simulates 24 patients and 24 controls, analyses
# them, and prints the table.  Everything but packages goes to FOLDER (nvctools-quickstart here) and to build/ in the
# checkout; a second time only what is missing is done.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
out=${1:-nvctools-quickstart}
say() { printf '\n== %s\n' "$*" >&2; }

say 'packages'
"$here/dependencies.sh"

say 'build'
bin=$("$here/build.sh")
PATH=$bin:$PATH
export PATH

mkdir -p "$out"
out=$(cd "$out" && pwd -P)
say "a simulated study: $out/study"
# truth.tsv is written last: without it the simulation was cut short
[ -e "$out/study/truth.tsv" ] || nvc-simulate --seed 1 --force "$out/study"

say "every run through the chain: $out/results"
nvc-run --report "$out/study" "$out/results" participant --contrast 'faces_vs_shapes = face - shape'

say 'patients against controls'
nvc-run --report "$out/study" "$out/results" group --group group --case patient --covariates age,sex,mean_fd

# Rows that were asked for, and negative controls, have a q; what follows from them, and the quality of the data, stand in the whole table.
printf '\n'
awk -F '|' '!/^[|]/ || ++n <= 2 { print; next }
    /^[|] [*]/ { heading = $0 "\n"; next }
    $(NF - 1) ~ /[0-9]/ { printf "%s%s\n", heading, $0; heading = "" }' "$out/results/group/table.md"
cat <<END

Planted: responses of patients are 0.6 times those of controls ($out/study/truth.tsv says how much in whom).
The whole table: $out/results/group/table.md (.tsv holds every number)
To look at, in a browser: $out/results/group/report.html, and of a person $out/results/sub-01.html
To go on: PATH=$bin:\$PATH; nvc-run --help, and README.md, "The first hour"
END
