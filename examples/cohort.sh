#!/bin/sh
# A cohort of your own: fMRIPrep derivatives with events beside the images, and participants.tsv.
#     examples/cohort.sh BIDS_DERIVATIVES OUT GROUP_COLUMN CASE_LABEL [COVARIATES]
# Type it again after adding people or repairing files: only what is new or changed is done.
set -eu
if [ $# -lt 4 ]; then
    sed -n '2,4s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
bids=$1 out=$2 group=$3 case=$4 covariates=${5:-age,sex,mean_fd}

# a run that fails does not stop the others: the group level says who is missing
nvc-run "$bids" "$out" participant || echo "some runs failed: see above, and the logs in $out/logs" >&2
nvc-run "$bids" "$out" group --group "$group" --case "$case" --covariates "$covariates"
cat "$out/group/table.md"
