#include "base/memory.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/shared/bold.h"
#include "cmd/hrf/job.h"
#include "cmd/shared/task_run.h"
#include "io/tsv.h"
#include "table/coupling.h"
#include "table/hrf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PICTURES "*.png *.svg *.pdf"

static const char *const method_names[] = { "auto", "parametric", "fir", "smooth-fir", "canonical", "sparse", "spectral", "point-process", NULL };
static const char *const basis_names[] = { "canon2dd", "gamma", "fourier", "hanning", "fir", "sfir", NULL };
static const char *const compat_names[] = { "none", "rshrf", NULL };
static const char *const interval_names[] = { "profile", "bootstrap", NULL };

static const struct hrf_options defaults = { .run = TASK_RUN_DEFAULTS, .microtime = 3, .ar_order = 1, .bootstrap = 200, .seed = 1,
    .print = { 0.001, 5 }, .bin_s = NAN, .length_s = 28, .threshold_sd = 1, .min_lag_s = 4, .max_lag_s = 8, .low_hz = 0.01,
    .high_hz = 0.08, .threads = 1, .memory_mib = 4096, .output = "-" };

static const struct nvc_opt opts[] = {
    OPT_GROUP("What to fit"),
    TASK_RUN_EVENTS(struct hrf_options, run, .exclusive = 1),
    OPT_FLAG(struct hrf_options, rest, 0, "rest", "estimate the response of a run without events", .exclusive = 1),
    OPT_CHOICE(struct hrf_options, method, 'm', "method", "HOW", method_names,
               "estimator; auto: parametric with events; at rest sparse, checked against spectral"),
    OPT_GROUP("Task"),
    OPT_LIST(struct hrf_options, run.durations, 0, "event-duration", "[CONDITION=]SECONDS",
             "event whose response hrf_height is; without it the median duration of each condition"),
    OPT_LIST(struct hrf_options, run.modulators, 0, "modulator", "COLUMN",
             "numeric column of the events (intensity, threat, duration): slope of the height per unit"),
    OPT_LIST(struct hrf_options, run.splits, 0, "split-duration", "SECONDS",
             "part every condition at this duration into classes with a response each; rising"),
    OPT_REAL(struct hrf_options, bin_s, 0, "bin", "SECONDS", "s", 0.1, 10, "distance of the heights of fir and smooth-fir; without it the TR, at least 1 s"),
    OPT_REAL(struct hrf_options, length_s, 0, "length", "SECONDS", "s", 8, 32, "where fir and smooth-fir end"),
    OPT_REAL(struct hrf_options, print.p, 0, "print-p", "P", NULL, 0, 1, "print times only where the omnibus F has a smaller p"),
    OPT_REAL(struct hrf_options, print.z, 0, "print-z", "Z", NULL, 0, 100,
             "print widths only where, as well, the fitted amplitude exceeds so many of its errors"),
    OPT_GROUP("Intervals"),
    OPT_CHOICE(struct hrf_options, intervals, 0, "intervals", "KIND", interval_names,
               "of height, ttp and fwhm of the parametric fit: profile likelihood, or bootstrap like onset and area"),
    OPT_INT(struct hrf_options, bootstrap, 0, "bootstrap", "N", 0, 10000,
            "replicates for the intervals of onset and area, of the methods without a profile, and of a resting width; below 20: none"),
    OPT_INT(struct hrf_options, seed, 0, "seed", "N", 0, INT_MAX, "seed of the bootstrap"),
    OPT_GROUP("Point process"),
    OPT_CHOICE(struct hrf_options, basis, 0, "basis", "SET", basis_names, "basis set"),
    OPT_INT(struct hrf_options, microtime, 0, "microtime", "BINS", 1, 64, "bins per volume"),
    OPT_INT(struct hrf_options, ar_order, 0, "ar", "ORDER", 0, 5, "autoregressive order of the noise"),
    OPT_REAL(struct hrf_options, threshold_sd, 0, "threshold", "SD", "sd", 0, 10, "height of a peak that counts as an event"),
    OPT_REAL(struct hrf_options, min_lag_s, 0, "min-lag", "SECONDS", "s", 0, 30, "shortest lag between event and peak"),
    OPT_REAL(struct hrf_options, max_lag_s, 0, "max-lag", "SECONDS", "s", 0, 30, "longest lag"),
    OPT_REAL(struct hrf_options, low_hz, 0, "low", "HZ", "Hz", 0, 1, "lower edge of the band-pass"),
    OPT_REAL(struct hrf_options, high_hz, 0, "high", "HZ", "Hz", 0, 5, "upper edge of the band-pass"),
    OPT_CHOICE(struct hrf_options, compat, 0, "compat", "PROGRAM", compat_names,
               "rshrf: as its MATLAB version 2.5, one-late time to peak and lag after the knee included"),
    OPT_GROUP("Nuisance"),
    TASK_RUN_NUISANCE(struct hrf_options, run),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct hrf_options, output, 'o', "output", "TSV", "*.tsv", "the indices"),
    OPT_OUTPUT(struct hrf_options, curves, 0, "curves", "TSV", "*.tsv", "the response curves with their pointwise intervals"),
    OPT_OUTPUT(struct hrf_options, figure, 0, "figure", "PICTURE", PICTURES, "the curves of a task with their bands, a panel per region"),
    OPT_OUTPUT(struct hrf_options, lags, 0, "lags", "TSV", "*.tsv", "residual variance at every lag (point process)"),
    OPT_GROUP("Maps"),
    OPT_TEXT(struct hrf_options, maps, 0, "maps", "PREFIX",
             "SERIES is a 4-D image: write height, ttp, fwhm and z of every voxel to PREFIX_contrast-face_stat-ttp_statmap.nii.gz and so on"),
    OPT_INPUT(struct hrf_options, mask, 'b', "brain-mask", "IMAGE", "*.nii *.nii.gz", "voxels above 0 are fitted; without it all"),
    OPT_ORIENTATION(struct hrf_options, orientation),
    OPT_TEXT(struct hrf_options, tr, 0, "tr", "TR", "repetition time to believe: header, sidecar or SECONDS"),
    OPT_INT(struct hrf_options, memory_mib, 0, "memory", "MIB", 16, 1 << 24, "memory for the voxels; a larger file is read several times"),
    OPT_INT(struct hrf_options, threads, 'j', "threads", "N", 1, 1024, "threads for maps; the result does not depend on it"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "SERIES", "series table of nvc-extract, or with --maps an image; - is standard input", "*.tsv *.nii *.nii.gz", 0, 1 },
    { 0 }
};

static const char *const description[] = {
    "The shape of the haemodynamic response of each region: height, time to peak, width and undershoot, each with an interval.",
    "With --events, for every condition: a gamma lobe with its mode and its width free, less a share of a later lobe, is fitted by variable "
    "projection over a grid of 2.5-10.5 s (mode) by 2-12 s (width), at any TR and event times; the drift, the confounds and the canonical "
    "responses (with both derivatives) of all other conditions stay in the model; noise is AR(1), its coefficient freed of what the "
    "regression does to residuals.  hrf_misfit is the F of 2-s tents beyond the fit.",
    "Other methods: fir, free heights every --bin s to --length s, a cubic spline between; smooth-fir, the same under a Gaussian process whose variance "
    "and length are chosen by REML; canonical, SPM's response with both derivatives, and hrf_latency = -b2/b1 s.  fir and smooth-fir describe "
    "the response to the events as they were, from their onsets; parametric and canonical that to an impulse, and hrf_height the peak of "
    "the response to the declared event.",
    "--modulator: hrf_slope, how much the height grows per unit of intensity, at the fitted shape; the conditions stay apart and modulators "
    "are centred.  --split-duration: short and long events as conditions of their own.",
    "With --rest, for a run without events: the width (hrf_rest_fwhm_s), from a sparse blind deconvolution (events at any second, AR(1) "
    "noise, the time scale that needs the fewest) or from a debiased Whittle fit to the spectrum.  Never a time to peak: an onset is not "
    "identified without events.  --method point-process is the published estimator of rsHRF; volumes that --confounds scrub:MM censors cannot "
    "be its events.",
    NULL
};

static const struct nvc_section sections[] = {
    { "WHEN A SHAPE IS PRINTED", (const char *const[]){
        "A curve always has a peak, also a curve of noise.  ttp, hrf_onset and hrf_auc are printed where the omnibus F of the shape has p < .001 "
        "(--print-p), fwhm and undershoot where the amplitude also exceeds 5 of its errors (--print-z).  An interval that reaches the end of "
        "the grid is n/a on that side, that of an undershoot where there may be none (above) or the largest of the family (below).  Maps hold NaN "
        "there.",
        "An interval of hrf_rest_fwhm_s holds the widths whose criterion is no worse than that of the true width in 95 % of series simulated from "
        "what was found; a side is n/a where every width to the end of the search (2.4-12.6 s) is among them.",
        "Notes: no_response (at rest: fewer than three events found), weak_response (not printed), ttp_censored, fwhm_censored (an open side), misfit (p < .05: "
        "the true shape may lie outside the family, whose times are then off by up to 0.6 s).", NULL } },
    { "HOW GOOD THE TASK FIT IS", (const char *const[]){
        "40 events 8-16 s apart, AR(1) noise of .63 per s, true ttp and fwhm 4-7 s in 16 cells of 2000 runs, all runs counted, printed or not; at a "
        "peak of once (z 5) and of twice (z 10) the sd of the noise.  parametric, with profile intervals:",
        "ttp, TR 2 s: slope .97 and 1.00, bias .04 and -.01 s, sd .65 and .23 s, coverage 93.7 and 95.1 %.  TR 0.8 s: slope .98 and 1.00, bias .01 and "
        "-.01 s, sd .55 and .21 s, coverage 93.7 and 94.8 %.",
        "fwhm, TR 2 s: slope .91 and .99, bias -.11 and -.03 s, sd 1.43 and .67 s, coverage 94.3 and 95.3 %, 27 and 0.2 % of the intervals open.  TR "
        "0.8 s: slope .92 and .98, bias -.08 and -.02 s, sd 1.24 and .58 s, coverage 94.0 and 94.7 %, 14 and 0.1 % open.",
        "The others (100-150 runs a cell): hrf_height 4 and 1 % too large, coverage 95 %, also at z 40 and 80.  hrf_onset slope .97 and 1.00, bias .08 "
        "and .01 s, sd .6 and .2 s, coverage 93-94 %.  hrf_auc sd 70 and 40 % of itself, coverage 96-97 %.  An undershoot of .11 comes out as .28 and "
        ".18 where one is found (in 65 and 76 % of the runs): the interval, which covers 92-93 and 95-96 %, nearly always has an open side below "
        "z 20.  undershoot_time 96-97 %.",
        "Among the runs whose times are printed coverage at z 5 is 1-2 % less.  With --intervals bootstrap ttp is covered 93-94 %, fwhm 93-94 %, "
        "height 92-94 %.",
        "The other methods, TR 2 s, 100-200 runs a cell, same two noises.  fir: ttp slope .87 and .97, bias .30 and .06 s, coverage 96 and 90 %; fwhm "
        "slope .84 and .98, sd 2.3 and .8 s.  smooth-fir: ttp late by .4 and .2 s, coverage 89 and 80 %; fwhm slope .96 and .99, coverage 81 and 87 %: a "
        "picture, not an interval.  canonical: ttp slope 1.01 and 1.03, coverage 93 and 90 %; fwhm slope .48 and .49: it hardly follows the width.",
        "Maps: 0.06 ms for each voxel and condition.  A true shape outside the family costs up to 0.6 s.  tests/bench/hrf_recovery makes the tables.", NULL } },
    { "HOW GOOD THE RESTING WIDTH IS", (const char *const[]){
        "TR 2 s, AR(1) noise of .4, canonical responses of 3.7 to 7.9 s width, a response every 27 s on average, 400 (1000 volumes: 200) runs in "
        "each of 5 cells; median bias and sd are those of the worst cell.",
        "sparse, responses of five times the noise: at random times, slope 1.00, bias .09 s, sd .64 s (1000 volumes: .99, .08 s, .30 s); with a dead time "
        "of 12 s, .96, -.10 s, .47 s (.96, -.13 s, .20 s).  Of twice the noise: at random times .95, .12 s, 2.0 s (.95, .12 s, .86 s); with a dead time .67, "
        "-1.4 s, 2.0 s.  Responses of another family (ttp 3.6-7.5 s): slope .94 and .89 (.88 and .87).  Intervals cover "
        "(240 volumes, 100-300 runs) 96 % (with a dead time 99 %); of twice the noise 91 % (95 %), where a third has an open side.",
        "spectral, the same: slope .95, bias -.33 s, sd 1.1 s (1.01, -.23 s, .56 s); .67, -1.6 s, .62 s (gaps that are not random are taken for a narrower "
        "response); .77, -.77 s, 2.9 s; .47, -2.5 s.  Intervals cover 95 % (with a dead time "
        "71 %: use sparse); of twice the noise 93 % (84 %), where most are open: a spectrum hardly tells a width then.",
        "What is not white or sparse, 240 volumes, slope and range of the bias, sparse and spectral: an event every 3 s, 1.14 and .5 to .9 s, .97 and -.4 to "
        "-.1 s; Gaussian white input, 1.15 and 1.3 to 2.1 s, .97 and -.2 to 0 s; pink input, .71 and 4.4 to 5.1 s, 1.44 and 1.6 to 3.5 s; 1/f drift, 1.02 and .2 "
        "s, .99 and -.3 s; a rhythm of .1 Hz, .87 and -.6 to .1 s, .49 and -2.5 to -.3 s; of .03 Hz, 1.02 and .4 to .7 s, .90 and .4 to .8 s.",
        "The published point process: slope .06 to .19 in every one of these; a width of 3.7 s comes out as 7.6 s, one of 7.9 s as 8.0 s.  "
        "tests/bench/rest_width makes the tables.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "A response that is late or wide can be a late or long neural response, a slow vessel, or a vein: rows are of class bold-shape.  The "
        "undershoot share and times are those of the family.",
        "hrf_slope takes the fitted shape as known and the same at every intensity: over ratings of 0 to 3 and true ttp and fwhm of 4-7 s it comes out "
        "10 and 5 % too small at z 5 and 10, its intervals cover 93-94 % (at the true shape 95-96 %; at one shape for all 91 %, in the worst case 62 "
        "%).  A response that becomes longer rather than higher shows in --split-duration.",
        "At rest only the product of response and input spectrum is identified: absolute widths assume input that is sparse or white, "
        "differences between groups assume equal input spectra.  With pink input widths are too large by 2-5 s; Mayer waves, breathing and "
        "head motion look like input.  A pure delay is never seen.  The note input_not_white stands where sparse and spectral disagree by more than two "
        "errors: in 240 volumes with none of 25 runs of random events, but only with a fifth of those of pink, Gaussian or rhythmic input.", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "coupling", "one row per region, condition and index, of class bold-shape", nvc_coupling_columns },
    { "hrf-curves", "with --curves: response curves", nvc_hrf_curve_columns },
    { "lags", "with --lags: the lag curve of the point process", nvc_lag_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-hrf -e sub-01/func/*_events.tsv -c sub-01/func/*_desc-confounds_timeseries.tsv series.tsv > hrf.tsv", "shape of the response to each condition" },
    { "nvc-hrf -e sub-01/func/*_events.tsv -c sub-01/func/*_desc-confounds_timeseries.tsv --modulator duration --figure hrf.pdf --curves curves.tsv "
      "series.tsv > hrf.tsv", "the same with slopes over the duration of the events, and the curves drawn" },
    { "nvc-hrf -e sub-01/func/*_events.tsv -b sub-01/func/*_mask.nii.gz --maps sub-01 sub-01/func/*_bold.nii.gz", "maps of height, time to peak, width and z" },
    { "nvc-hrf --rest --method spectral --bootstrap 20 series.tsv > rest.tsv", "width of the response without events" },
    { NULL, NULL }
};

static const char *const references[] = {
    "Golub G, Pereyra V. Separable nonlinear least squares: the variable projection method and its applications. Inverse Probl 2003;19:R1-R26. "
    "doi:10.1088/0266-5611/19/2/201",
    "Goutte C, Nielsen FA, Hansen LK. Modeling the haemodynamic response in fMRI using smooth FIR filters. IEEE Trans Med Imaging "
    "2000;19:1188-1201. doi:10.1109/42.897811",
    "Wu GR, Liao W, Stramaglia S, Ding JR, Chen H, Marinazzo D. A blind deconvolution approach to recover effective connectivity brain networks from "
    "resting state fMRI data. Med Image Anal 2013;17:365-374. doi:10.1016/j.media.2013.01.003",
    "Sykulski AM, Olhede SC, Guillaumin AP, Lilly JM, Early JJ. The debiased Whittle likelihood. Biometrika 2019;106:251-266. doi:10.1093/biomet/asy071",
    NULL
};
static const char *const see_also[] = { "nvc-extract(1)", "nvc-glm(1)", "nvc-balloon(1)", "nvc-group(1)", "nvc-tables(5)", NULL };

static void job_release(struct hrf_job *j)
{
    task_run_release(&j->run);
    nvc_coupling_release(&j->indices);
    nvc_text_release(&j->curves);
    nvc_text_release(&j->lags);
    nvc_text_release(&j->figure);
    nvc_task_shape_free(j->task);
    nvc_width_free(j->width);
    nvc_rest_free(j->rest);
    nvc_lsq_release(&j->nuisance);
    free(j->y);
    free(j->clean);
    free(j->keep);
    free(j->fits);
    free(j->bands);
    free(j->seen);
    free(j->time_s);
}

/* What the options ask for together. */
static int settle(struct hrf_job *j, struct nvc_error *err)
{
    const struct hrf_options *o = j->o;
    if (!o->run.events && !o->rest)
        return nvc_fail(err, NVC_EUSAGE, "give --events for a task, or --rest");
    j->method = o->method == HRF_AUTO ? o->rest ? HRF_SPARSE : HRF_PARAMETRIC : (enum hrf_method)o->method;
    if ((j->method >= HRF_SPARSE) != (bool)o->rest)
        return nvc_fail(err, NVC_EUSAGE, "--method %s goes with %s", method_names[j->method], o->rest ? "--events" : "--rest");
    if (o->rest && (o->figure || o->run.modulators.n || o->run.splits.n))
        return nvc_fail(err, NVC_EUSAGE, "%s goes with --events", o->figure ? "--figure" : o->run.splits.n ? "--split-duration" : "--modulator");
    if (o->run.modulators.n && j->method != HRF_PARAMETRIC)
        return nvc_fail(err, NVC_EUSAGE, "--modulator goes with --method parametric");
    if (o->maps && (j->method != HRF_PARAMETRIC || o->figure || o->curves || o->run.modulators.n))
        return nvc_fail(err, NVC_EUSAGE, "--maps goes with --method parametric, and without --figure, --curves and --modulator");
    if (!o->maps && (o->mask || o->tr || o->orientation))
        return nvc_fail(err, NVC_EUSAGE, "%s goes with --maps", o->mask ? "--brain-mask" : o->tr ? "--tr" : "--orientation");
    if (j->method != HRF_POINT_PROCESS && (o->lags || (o->rest && o->curves)))
        return nvc_fail(err, NVC_EUSAGE, "%s goes with %s--method point-process", o->lags ? "--lags" : "--curves", o->lags ? "" : "--events, or at rest with ");
    if (o->min_lag_s > o->max_lag_s)
        return nvc_fail(err, NVC_EUSAGE, "--min-lag %g is longer than --max-lag %g", o->min_lag_s, o->max_lag_s);
    return o->figure ? nvc_picture_of(o->figure, &j->picture, err) : 0;
}

static int fit_regions(struct hrf_job *j, struct nvc_error *err)
{
    const size_t n = j->run.series.n_regions;
    struct nvc_progress progress;
    int status = 0;
    nvc_progress_start(&progress, "regions", n);
    for (size_t i = 0; i < n && !status; i++) {
        if (task_run_percent(&j->run, i, j->y) && (status = (j->o->rest ? hrf_rest_region : hrf_task_region)(j, i, err)))
            status = nvc_fail_in(err, "region %s", j->run.series.regions[i].column);
        nvc_progress_step(&progress, i + 1);
    }
    nvc_progress_end(&progress);
    return !status && !j->indices.n ? nvc_fail(err, NVC_EDATA, "no region has a signal") : status;
}

static int write_tables(struct hrf_job *j, struct nvc_error *err)
{
    const struct hrf_options *o = j->o;
    struct nvc_text text = { 0 };
    int status = nvc_coupling_write(&text, &j->indices, true, err);
    if (!status && o->figure && !(status = hrf_task_figure(j, err)))
        status = nvc_output(o->figure, &j->figure, NULL, err);
    if (!status && !(status = task_run_output(&j->run, o->curves, &j->curves, nvc_hrf_curve_columns, err)) &&
        !(status = task_run_output(&j->run, o->lags, &j->lags, nvc_lag_columns, err)))
        status = task_run_output(&j->run, o->output, &text, nvc_coupling_columns, err);
    nvc_text_release(&text);
    return status;
}

static int fit_table(struct hrf_job *j, const char *path, const struct nvc_hrf *informed, struct nvc_error *err)
{
    struct task_run_options run = j->o->run;
    if (j->method == HRF_POINT_PROCESS)
        run.high_pass_s = 0; /* the band-pass takes the drift; twice filtered is filtered wrong */
    int status = task_run_read(&j->run, &run, path, run.events ? informed : NULL, err);
    if (!status && !(j->y = nvc_array(j->run.series.n_volumes, sizeof *j->y, err)))
        status = NVC_ESYS;
    if (!status)
        status = (j->o->rest ? hrf_rest_prepare : hrf_task_prepare)(j, err);
    if (!status && !(status = nvc_tsv_header(&j->curves, nvc_hrf_curve_columns, err)))
        status = nvc_tsv_header(&j->lags, nvc_lag_columns, err);
    if (!status && !(status = fit_regions(j, err)))
        status = write_tables(j, err);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    const struct nvc_hrf informed = { .kind = NVC_HRF_SPM, .n_functions = 3, .length_s = 32 };
    struct hrf_job j = { .o = options };
    nvc_blas_single_thread();
    int status = settle(&j, err);
    if (!status)
        status = (j.o->maps ? hrf_maps : fit_table)(&j, n_args ? args[0] : "-", &informed, err);
    job_release(&j);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-hrf", .summary = "measure the shape of the haemodynamic response", .description = description, .args = args_table,
    .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references, .see_also = see_also,
    .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
