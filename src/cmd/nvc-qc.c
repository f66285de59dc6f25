#include "cli/cmd.h"
#include "cmd/shared/bold.h"
#include "cmd/qc/job.h"
#include "table/qc.h"

#include <math.h>

static const struct qc_options defaults = { .output = "-", .dummy_scans = NVC_NO_INT, .max_lag_s = 6, .limits = NVC_QC_DEFAULT_LIMITS };

#define LIMIT(FIELD, NAME, ARG, UNIT, MOST, HELP) OPT_REAL(struct qc_options, limits.FIELD, 0, NAME, ARG, UNIT, 0, MOST, HELP)
static const struct nvc_opt opts[] = {
    OPT_GROUP("What"),
    OPT_INPUT(struct qc_options, mask, 'm', "mask", "MASK", "*.nii *.nii.gz", "regions, from nvc-mask or any label or weight image",
              .flags = NVC_OPT_REQUIRED),
    OPT_INPUT(struct qc_options, labels, 'l', "labels", "TABLE", "*.tsv *.txt *.xml", "names of the values of a label image that carries none"),
    OPT_INPUT(struct qc_options, brain_mask, 0, "brain-mask", "IMAGE", "*.nii *.nii.gz",
              "the brain; without it what lies above the clip level of the first volume"),
    OPT_INPUT(struct qc_options, design, 'd', "design", "TSV", "*.tsv", "design table of the run (nvc-design): for the vein and for task-correlated motion"),
    OPT_TEXT(struct qc_options, contrast, 0, "contrast", "CONTRAST", "effect asked for; without it the mean of all conditions"),
    OPT_INPUT(struct qc_options, confounds, 'c', "confounds", "TSV", "*.tsv", "motion parameters and framewise displacement, as fMRIPrep names them"),
    OPT_INT(struct qc_options, dummy_scans, 0, "dummy-scans", "N", 0, 1000, "first volumes to leave out; without it as many as the design does"),
    OPT_INPUT(struct qc_options, grey, 0, "grey", "IMAGE", "*.nii *.nii.gz", "probability of grey matter on the grid of the run: column pgm"),
    OPT_INPUT(struct qc_options, positive, 0, "positive", "MASK", "*.nii *.nii.gz",
              "where the task must show in everybody (visual or fusiform cortex for faces, hand area for buttons): the positive control"),
    OPT_TEXT(struct qc_options, positive_contrast, 0, "positive-contrast", "CONTRAST", "the effect asked for there; without it that of --contrast"),
    OPT_INPUT(struct qc_options, flow_rows, 0, "flow-rows", "TSV", "*.tsv", "rows of nvc-cbf --grey of the same person: flow of grey matter as positive control"),
    OPT_FLAG(struct qc_options, no_vein, 0, "no-vein", "do not look for the basal vein"),
    OPT_ORIENTATION(struct qc_options, orientation),
    OPT_TEXT(struct qc_options, space, 0, "space", "NAME", "template space of the run; without it the space- entity of its name"),
    OPT_TEXT(struct qc_options, bids_name, 0, "bids-name", "NAME", "file name to read subject, task, run and space from, for standard input"),
    OPT_GROUP("Limits of the verdicts"),
    LIMIT(coverage_flag, "flag-coverage", "SHARE", NULL, 1, "flag a signal_coverage below (our choice)"),
    LIMIT(coverage_fail, "min-coverage", "SHARE", NULL, 1, "fail a signal_coverage below (XCP-D's --min-coverage)"),
    LIMIT(signal_share, "min-signal", "SHARE", NULL, 1, "a voxel below this share of the brain's median signal does not count (our choice)"),
    LIMIT(tsnr_flag, "flag-tsnr", "TSNR", NULL, INFINITY, "flag a median tSNR below (Murphy 2007: detection needs about 40)"),
    LIMIT(tsnr_fail, "min-tsnr", "TSNR", NULL, INFINITY, "fail a median tSNR below (half of that)"),
    LIMIT(dropout_flag, "flag-dropout", "RATIO", NULL, INFINITY, "flag a signal below this share of the brain's median (our choice)"),
    LIMIT(dropout_fail, "min-dropout", "RATIO", NULL, INFINITY, "fail a signal below this share of the brain's median (our choice)"),
    LIMIT(fd_flag_mm, "flag-fd", "FD", "mm", INFINITY, "flag a mean framewise displacement above (Parkes 2018, stringent)"),
    LIMIT(fd_fail_mm, "max-fd", "FD", "mm", INFINITY, "fail a mean framewise displacement above (Parkes 2018, lenient)"),
    LIMIT(fd_limit_mm, "fd-limit", "FD", "mm", INFINITY, "a volume above moved (Power 2012)"),
    LIMIT(fd_share_flag, "flag-moved", "SHARE", NULL, 1, "flag a run in which more volumes moved (Parkes 2018)"),
    LIMIT(task_r_flag, "flag-task-motion", "R", NULL, 1, "flag a larger correlation of task and motion (chosen on simulated runs)"),
    LIMIT(vein_ratio_flag, "vein-ratio", "RATIO", NULL, INFINITY,
          "flag a vein that answers more than this multiple of the region at --vein-t (chosen on simulated runs)"),
    LIMIT(vein_t_flag, "vein-t", "T", NULL, INFINITY, "t from which --vein-ratio counts as exceeded, one-sided 5 %"),
    LIMIT(vein_r_flag, "flag-vein-r", "R", NULL, 1, "without a design: flag a larger correlation of region and vein (our choice)"),
    LIMIT(positive_z, "min-positive-z", "Z", NULL, INFINITY, "flag a run whose positive control answers below (one-sided p 0.001)"),
    LIMIT(grey_flow_low, "min-grey-flow", "FLOW", "mL/100 g/min", INFINITY, "flag a run with less flow of grey matter (our choice)"),
    LIMIT(grey_flow_high, "max-grey-flow", "FLOW", "mL/100 g/min", INFINITY, "flag a run with more (our choice)"),
    OPT_REAL(struct qc_options, max_lag_s, 0, "max-lag", "LAG", "s", 0.1, 60, "lags are looked for up to this, earlier and later"),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct qc_options, output, 'o', "output", "TSV", "*.tsv", "quality table"),
    OPT_OUTPUT(struct qc_options, figure, 0, "figure", "FILE", "*.png *.svg *.pdf", "each region on the mean image and the tSNR, in three planes"),
    OPT_OUTPUT(struct qc_options, tsnr_map, 0, "tsnr-map", "IMAGE", "*.nii *.nii.gz", "tSNR of every voxel of the brain"),
    OPT_OUTPUT(struct qc_options, lag_map, 0, "lag-map", "IMAGE", "*.nii *.nii.gz",
               "lag behind the brain's signal, s, of the voxels of the regions and of the boxes of the vein"),
    OPT_FLAG(struct qc_options, fail_status, 0, "fail-status", "exit with status 1 when a verdict is fail"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "BOLD", "4-D image of the run; - is standard input", "*.nii *.nii.gz", 0, 1 },
    { NULL, NULL, NULL, 0, 0 }
};

static const char *const description[] = {
    "Whether the numbers of a region can be believed: how much signal is left there, how noisy it is, how the head moved, and whether "
    "a vein shines in.  One row for each region, with a verdict (pass, flag, fail) for each question and the worst of them.  A verdict "
    "never sets the exit status unless --fail-status is given.",
    "The basal vein of Rosenthal passes the medial-dorsal face of the amygdala and answers tasks with a larger, later signal.  Vein voxels are "
    "those of its three segments' boxes in MNI space that are no amygdala or hippocampus, nor touch them, and whose temporal standard "
    "deviation is among the top 10 % of the box; fewer than 5 on a side are none.  With --design their effect is compared with the "
    "region's in one model with ARMA(1,1) noise: a flag means that the vein answers by more than --vein-ratio times the region, at --vein-t. "
    "Beside it stand their correlation, the slope of the effect against the distance from the vein, the effect of the region trimmed "
    "by 2, 4 and 6 mm from the vein's side, and its effect with the series of the vein in the model.",
    "Lags: lag_s says how much later the region's slow fluctuations (0.01 to 0.1 Hz) come than those of the brain as a whole, vein_lag_s how much later "
    "those of the vein than those of the region.  What comes with the blood reaches veins late, by a second or more.",
    "Positive control: before a region that is hard to measure is read, one that is easy must show what is there in everybody.  With --positive the effect in that "
    "region must reach --min-positive-z, with --flow-rows flow of grey matter must lie between --min-grey-flow and --max-grey-flow; else every row of "
    "the run is flagged (verdict_positive), and nvc-group --qc TABLE -x positive=flag leaves the person's rows of that run out.",
    "pgm, the mean probability of grey matter, and volume_mm3 of each region become rows of nvc-group --qc, and covariates by those names: a smaller or "
    "more mixed region answers less without any difference of neural or vascular response.",
    "Over 1000 simulated runs each, other than those on which limits were chosen, verdicts were right in 100 % for a coverage of 0.3 (fail), "
    "0.75 (flag) and 1 (pass), in 98.0 % for a vein of three times the BLA within 4 mm (flag) and 100 % for none (pass), and in 100 % for a "
    "correlation of task and motion of 0.6 (flag) and 0 (pass): tests/bench/qc_rates of the source.  Where the boxes hold what answers exactly "
    "like the BLA, no worse than the region itself, 6.8 % are flagged nevertheless.",
    NULL
};
static const struct nvc_section sections[] = {
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "A pass says that nothing was found, not that nothing is there: a vein between the voxels of a box, or a run in a subject's own space "
        "(where the boxes do not hold), goes unseen, and n/a is no pass.",
        "A flag for the vein does not say that the region's effect is venous, only that a vein nearby answers more than it.",
        "effect_partial_pct is a sensitivity, never the result: the vein drains what answered, so that its series holds the task, and a model that "
        "has it takes part of any true response away.  An effect that stays is reassuring; one that goes is not thereby venous.",
        "A lag holds the time at which its slice was acquired (up to one repetition time, unless slice timing was corrected), the "
        "task, breathing and the shape of the response beside the way of the blood; that the vein is later is expected, that the region is as late as the vein is a "
        "reason to look, not a proof.",
        "A positive control that passes says that scanner, subject and model worked, not that they worked in the amygdala; one that fails says that the "
        "run should not be read, whatever it shows.",
        "tSNR depends on the size of the voxel: limits are for voxels of 2 to 3.5 mm.", NULL } },
    { NULL, NULL }
};
static const struct nvc_output outputs[] = {
    { "qc", "one row for each region", nvc_qc_columns },
    { NULL, NULL, NULL }
};
static const struct nvc_example examples[] = {
    { "nvc-mask -q -r BLA -g sub-01/func/*_bold.nii.gz -o bla.nii.gz && nvc-qc -m bla.nii.gz -c sub-01/func/*_timeseries.tsv --figure qc.png "
      "sub-01/func/*_bold.nii.gz > qc.tsv", "table and picture" },
    { NULL, NULL }
};
static const char *const references[] = {
    "Boubela RN, et al. fMRI measurements of amygdala activation are confounded by stimulus correlated signal fluctuation in nearby veins draining "
    "distant brain regions. Sci Rep 2015;5:10499. doi:10.1038/srep10499",
    "Power JD, et al. Spurious but systematic correlations in functional connectivity MRI networks arise from subject motion. NeuroImage "
    "2012;59:2142-2154. doi:10.1016/j.neuroimage.2011.10.018",
    "Tong Y, et al. Low-frequency oscillations measured in the periphery with near-infrared spectroscopy are strongly correlated with blood oxygen "
    "level-dependent functional magnetic resonance imaging signals. J Biomed Opt 2012;17:106004. doi:10.1117/1.JBO.17.10.106004",
    "Parkes L, et al. An evaluation of the efficacy, reliability, and sensitivity of motion correction strategies for resting-state functional "
    "MRI. NeuroImage 2018;171:415-436. doi:10.1016/j.neuroimage.2017.12.073",
    "Murphy K, Bodurka J, Bandettini PA. How long to scan? The relationship between fMRI temporal signal to noise ratio and necessary scan "
    "duration. NeuroImage 2007;34:565-574. doi:10.1016/j.neuroimage.2006.09.032",
    NULL
};
static const char *const see_also[] = { "nvc-mask(1)", "nvc-extract(1)", "nvc-design(1)", "nvc-tables(5)", NULL };

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    return qc_run(options, n_args ? args[0] : "-", err);
}

static const struct nvc_cmd cmd = {
    .name = "nvc-qc", .summary = "judge the signal, noise, motion and veins of regions of a run", .description = description,
    .args = args_table, .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references,
    .see_also = see_also, .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
