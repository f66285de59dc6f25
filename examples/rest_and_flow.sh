#!/bin/sh
# Rest and flow: does the amygdala of patients fluctuate less than its blood flow explains?
#     examples/rest_and_flow.sh [FOLDER]
# Simulates 12 patients and 12 controls with a task, a resting run and a perfusion run each, and compares them; everything goes to FOLDER
# (nvctools-rest here).  For a study of your own, the two lines with nvc-run are all: BIDS derivatives with func/*_task-rest_*_bold
# and perf/*_asl or *_cbf in one space and on one grid, and an atlas of 50 and more parcels of grey matter.
set -eu
out=${1:-nvctools-rest}
mkdir -p "$out"

# the planted truth: a gain of 0.6 in patients and 1 in controls, at rest as during the task; the same flow in everybody
[ -e "$out/study/truth.tsv" ] || nvc-simulate --tiny --rest --asl --cases 12 --controls 12 --volumes 200 --force "$out/study"

nvc-run "$out/study" "$out/results" participant --parcels "blocks=$out/study/tpl-MNI152NLin2009cAsym_atlas-blocks_dseg.nii.gz" --report
nvc-run "$out/study" "$out/results" group --case patient --primary nvc_residual.rest.BLA_L --report

# response to faces, fluctuation, flow, and fluctuation beyond what flow explains
grep -E '^\| (Index|---|(psc face|lnalff rest|cbf rest|nvc_residual rest) BLA [LR])' "$out/results/group/table.md"
printf '\nThe page of the cohort: %s\n' "$out/results/group/report.html"
