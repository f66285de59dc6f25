#!/bin/sh
# One run, from image to indices, as a pipe: nothing is written but the last table.
#     examples/single_subject.sh BOLD EVENTS CONFOUNDS > coupling.tsv
# Without arguments it works on a small simulated run.
set -eu
if [ $# -eq 0 ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    nvc-simulate --tiny --cases 1 --controls 1 "$scratch/study"
    func=$scratch/study/sub-01/func
    set -- "$func"/*_bold.nii.gz "$func"/*_events.tsv "$func"/*_desc-confounds_timeseries.tsv
fi
bold=$1 events=$2 confounds=$3

nvc-mask -r BLA -g "$bold" |                                       # weights of the region on the grid of the run
    nvc-extract -m - "$bold" |                                     # time series, left and right
    nvc-glm -e "$events" -c "$confounds" --confounds 24p,acompcor5,scrub:0.5 \
        --contrast 'faces_vs_shapes = face - shape' |              # estimates, percent signal change
    nvc-coupling -c "$confounds"                                   # one row per index
