#!/bin/sh
# The same cohort on a cluster with Slurm: one task for each participant, then the group level.
#     BIDS=... OUT=... GROUP=group CASE=patient examples/slurm.sh
# All tasks may write to one OUT: a run is locked while it is at work, and done only once.
set -eu
: "${BIDS:?folder of the derivatives}" "${OUT:?folder for the results}" "${CASE:?label of the cases}"
GROUP=${GROUP:-group}
SUBMIT=${SUBMIT:-sbatch} # for a look without a cluster: SUBMIT=echo

mkdir -p "$OUT/logs"
people=$OUT/logs/people.txt
(cd "$BIDS" && ls -d sub-*/) | tr -d / >"$people"
n=$(wc -l <"$people")

each=$($SUBMIT --parsable --array="1-$n" --cpus-per-task=1 --mem=512M --time=0:20:00 --job-name=nvc \
    --output="$OUT/logs/slurm-%A_%a.out" --wrap \
    "nvc-run -j 1 '$BIDS' '$OUT' participant --participant-label \$(sed -n \${SLURM_ARRAY_TASK_ID}p '$people')")
$SUBMIT --dependency="afterany:$each" --cpus-per-task=1 --mem=1G --time=0:10:00 --job-name=nvc-group \
    --output="$OUT/logs/slurm-group.out" --wrap \
    "nvc-run '$BIDS' '$OUT' group --group '$GROUP' --case '$CASE' --covariates age,sex,mean_fd"
