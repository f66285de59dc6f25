#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cmd/task_run.h"
#include "io/tsv.h"
#include "math/lsq.h"
#include "model/task_shape.h"
#include "table/coupling.h"
#include "table/hrf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum method { PARAMETRIC, SPARSE, SPECTRAL, POINT_PROCESS };
static const char *const method_names[] = { "auto", "sparse", "spectral", "point-process", NULL };
static const char *const basis_names[] = { "canon2dd", "gamma", "fourier", "hanning", "fir", "sfir", NULL };
static const char *const compat_names[] = { "none", "rshrf", NULL };

struct options {
    struct task_run_options run;
    const char *output, *curves, *lags;
    int rest, method, basis, compat, microtime, ar_order, bootstrap, seed;
    double print_p, print_z, threshold_sd, min_lag_s, max_lag_s, low_hz, high_hz;
};
static const struct options defaults = { .run = TASK_RUN_DEFAULTS, .microtime = 3, .ar_order = 1, .bootstrap = 200, .seed = 1,
    .print_p = 0.001, .print_z = 5, .threshold_sd = 1, .min_lag_s = 4, .max_lag_s = 8, .low_hz = 0.01, .high_hz = 0.08, .output = "-" };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Task"),
    TASK_RUN_EVENTS(struct options, run, .exclusive = 1),
    OPT_LIST(struct options, run.durations, 0, "event-duration", "[CONDITION=]SECONDS",
             "event whose response hrf_height is; without it the median duration of each condition"),
    OPT_REAL(struct options, print_p, 0, "print-p", "P", NULL, 0, 1, "print times only where the omnibus F has a smaller p"),
    OPT_REAL(struct options, print_z, 0, "print-z", "Z", NULL, 0, 100,
             "print widths only where, as well, the fitted amplitude exceeds so many of its errors"),
    OPT_GROUP("Rest"),
    OPT_FLAG(struct options, rest, 0, "rest", "estimate the response of a run without events", .exclusive = 1),
    OPT_CHOICE(struct options, method, 0, "method", "HOW", method_names, "estimator at rest; auto is sparse, checked against spectral"),
    OPT_INT(struct options, bootstrap, 0, "bootstrap", "N", 0, 10000, "replicates for the interval of a resting width; 0: none"),
    OPT_INT(struct options, seed, 0, "seed", "N", 0, INT_MAX, "seed of the bootstrap"),
    OPT_GROUP("Point process"),
    OPT_CHOICE(struct options, basis, 0, "basis", "SET", basis_names, "basis set"),
    OPT_INT(struct options, microtime, 0, "microtime", "BINS", 1, 64, "bins per volume"),
    OPT_INT(struct options, ar_order, 0, "ar", "ORDER", 0, 5, "autoregressive order of the noise"),
    OPT_REAL(struct options, threshold_sd, 0, "threshold", "SD", "sd", 0, 10, "height of a peak that counts as an event"),
    OPT_REAL(struct options, min_lag_s, 0, "min-lag", "SECONDS", "s", 0, 30, "shortest lag between event and peak"),
    OPT_REAL(struct options, max_lag_s, 0, "max-lag", "SECONDS", "s", 0, 30, "longest lag"),
    OPT_REAL(struct options, low_hz, 0, "low", "HZ", "Hz", 0, 1, "lower edge of the band-pass"),
    OPT_REAL(struct options, high_hz, 0, "high", "HZ", "Hz", 0, 5, "upper edge of the band-pass"),
    OPT_CHOICE(struct options, compat, 0, "compat", "PROGRAM", compat_names,
               "rshrf: as its MATLAB version 2.5, one-late time to peak and lag after the knee included"),
    OPT_GROUP("Nuisance"),
    TASK_RUN_NUISANCE(struct options, run),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TSV", "*.tsv", "where to write the indices"),
    OPT_OUTPUT(struct options, curves, 0, "curves", "TSV", "*.tsv", "the response curves"),
    OPT_OUTPUT(struct options, lags, 0, "lags", "TSV", "*.tsv", "residual variance at every lag (point process)"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "SERIES", "series table of nvc-extract; - is standard input", "*.tsv", 0, 1 },
    { 0 }
};

static const char *const description[] = {
    "The shape of the haemodynamic response of each region: height, time to peak, width and undershoot, each with an interval.",
    "With --events, for every condition: a gamma lobe with its mode and its width free, less a share of a later lobe, is fitted by variable "
    "projection over a grid of 2.5-10.5 s (mode) by 2-12 s (width), at any TR and event times; the drift, the confounds and the canonical "
    "responses (with both derivatives) of all other conditions stay in the model; noise is AR(1), its coefficient freed of what the "
    "regression does to residuals.  Intervals are profile likelihood.  hrf_misfit is the F of 2-s tents beyond the fit.",
    "With --rest, for a run without events: the width (hrf_rest_fwhm_s), from a sparse blind deconvolution (events at any second, AR(1) "
    "noise, the time scale that needs the fewest) or from a debiased Whittle fit to the spectrum.  Never a time to peak: an onset is not "
    "identified without events.  --method point-process is the published estimator of rsHRF.",
    NULL
};

static const struct nvc_section sections[] = {
    { "WHEN A SHAPE IS PRINTED", (const char *const[]){
        "A curve always has a peak, also a curve of noise.  ttp, hrf_onset and hrf_auc are printed where the omnibus F of the shape has p < .001 "
        "(--print-p), fwhm and undershoot where the amplitude also exceeds 5 of its errors (--print-z).  An interval that reaches the end of "
        "the grid is n/a on that side.",
        "Notes: no_response, weak_response (not printed), ttp_censored, fwhm_censored (an open side), misfit (p < .05: the true shape may lie outside "
        "the family, whose times are then off by up to 0.6 s).", NULL } },
    { "HOW GOOD THE TASK FIT IS", (const char *const[]){
        "40 events 8-16 s apart, TR 2 s, AR(1) noise, true ttp and fwhm 4-7 s, all runs counted, printed or not.  At a peak of twice the noise "
        "(amplitude ten times its error): ttp slope 1.00, bias 0.00 s, sd 0.23 s, interval coverage 94.5 %; fwhm slope 1.00, bias -0.03 s, sd "
        "0.66 s, coverage 95.7 %.  At a peak of once the noise: ttp slope 0.96, bias 0.03 s, sd 0.65 s, coverage 93.5 %; fwhm slope 0.89, bias "
        "-0.12 s, sd 1.4 s, coverage 94.0 %, one interval in four open.  tests/bench/hrf_recovery makes the table.", NULL } },
    { "HOW GOOD THE RESTING WIDTH IS", (const char *const[]){
        "240 volumes at TR 2 s, AR(1) noise, responses five times the noise, widths of 3.7 to 7.9 s: sparse, random gaps: slope 0.99, "
        "median bias within 0.2 s, sd 0.3-0.6 s, interval coverage about 90 %; with a dead time of 12 s: slope 0.97, bias within 0.1 s.  "
        "spectral: slope 0.98 and bias to -0.4 s for random gaps, slope 0.67 and bias to -1.8 s with a dead time (gaps that are not random are taken "
        "for a narrower response).  The published point process: slope 0.1-0.2, true widths of 3.7-7.9 s come out as 7.0-7.9 s.  "
        "tests/bench/rest_width makes the table.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "A response that is late or wide can be a late or long neural response, a slow vessel, or a vein: rows are of class bold-shape.  The "
        "undershoot share and times are those of the family.",
        "At rest only the product of response and input spectrum is identified: absolute widths assume input that is sparse or white, "
        "differences between groups assume equal input spectra.  With pink input widths are too large by 2-5 s; Mayer waves, breathing and "
        "head motion look like input.  A pure delay is never seen.", NULL } },
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
    { "nvc-hrf --rest --method spectral --bootstrap 20 series.tsv > rest.tsv", "width of the response without events" },
    { NULL, NULL }
};

static const char *const references[] = {
    "Golub G, Pereyra V. Separable nonlinear least squares: the variable projection method and its applications. Inverse Probl 2003;19:R1-R26. "
    "doi:10.1088/0266-5611/19/2/201",
    "Wu GR, Liao W, Stramaglia S, Ding JR, Chen H, Marinazzo D. A blind deconvolution approach to recover effective connectivity brain networks from "
    "resting state fMRI data. Med Image Anal 2013;17:365-374. doi:10.1016/j.media.2013.01.003",
    "Sykulski AM, Olhede SC, Guillaumin AP, Lilly JM, Early JJ. The debiased Whittle likelihood. Biometrika 2019;106:251-266. doi:10.1093/biomet/asy071",
    NULL
};
static const char *const see_also[] = { "nvc-extract(1)", "nvc-glm(1)", "nvc-balloon(1)", "nvc-group(1)", "nvc-tables(5)", NULL };

struct job {
    const struct options *o;
    struct task_run run;
    struct nvc_coupling indices;
    struct nvc_text curves, lags;
    double *y, *clean;
    /* task */
    struct nvc_shape_family *family;
    struct nvc_shape_fit *fits;
    double *time_s;
    /* rest */
    struct nvc_width_fit *width;
    struct nvc_rest *rest;
    struct nvc_lsq nuisance;
};

static void job_release(struct job *j)
{
    task_run_release(&j->run);
    nvc_coupling_release(&j->indices);
    nvc_text_release(&j->curves);
    nvc_text_release(&j->lags);
    nvc_shape_family_free(j->family);
    nvc_width_free(j->width);
    nvc_rest_free(j->rest);
    nvc_lsq_release(&j->nuisance);
    free(j->y);
    free(j->clean);
    free(j->fits);
    free(j->time_s);
}

static int task_region(struct job *j, size_t region, struct nvc_error *err)
{
    enum { SAMPLES = 321 };
    const double dt_s = 0.1;
    const struct nvc_task_shape_run run = { &j->run.events, j->run.durations_s, &j->run.design, j->time_s, j->family };
    const struct nvc_hrf_print print = { j->o->print_p, j->o->print_z };
    double ar, h[SAMPLES];
    int status = nvc_task_shape(&run, j->y, j->fits, &ar, err);
    for (size_t k = 0; k < j->run.events.n_conditions && !status; k++) {
        status = nvc_shape_indices(&j->indices, &j->run.series, region, j->run.events.conditions[k], j->fits + k, &print, err);
        nvc_shape_curve(j->fits + k, dt_s, SAMPLES, h);
        if (!status)
            status = nvc_hrf_curve_rows(&j->curves, j->run.series.regions + region, j->run.events.conditions[k], h, SAMPLES, dt_s, err);
    }
    return status;
}

static int width_region(struct job *j, size_t region, enum method method, struct nvc_error *err)
{
    const enum nvc_width_method how = method == SPECTRAL ? NVC_WIDTH_SPECTRAL : NVC_WIDTH_SPARSE;
    const bool both = j->o->method == PARAMETRIC && j->o->bootstrap > 1;
    struct nvc_width w, other;
    int status = nvc_width_estimate(j->width, how, j->clean, region, &w, err);
    if (!status && both)
        status = nvc_width_estimate(j->width, NVC_WIDTH_SPECTRAL, j->clean, region, &other, err);
    return status ? status : nvc_width_indices(&j->indices, &j->run.series, region, how, &w, both ? &other : NULL, err);
}

static int point_process_region(struct job *j, size_t region, struct nvc_error *err)
{
    const struct nvc_region_facts *facts = j->run.series.regions + region;
    struct nvc_rest_hrf h;
    int status = nvc_rest_fit(j->rest, j->clean, &h, err);
    if (status)
        return status;
    if (!(status = nvc_rest_indices(&j->indices, &j->run.series, region, &h, err)) &&
        !(status = nvc_hrf_curve_rows(&j->curves, facts, "rest", h.hrf, h.n_samples, h.dt_s, err)))
        status = nvc_lag_rows(&j->lags, facts, &h, err);
    nvc_rest_hrf_release(&h);
    return status;
}

static int rest_region(struct job *j, size_t region, struct nvc_error *err)
{
    const enum method method = j->o->method == PARAMETRIC ? SPARSE : (enum method)j->o->method;
    double *beta = nvc_array(j->run.design.n_cols, sizeof *beta, err);
    if (!beta)
        return NVC_ESYS;
    nvc_lsq_solve(&j->nuisance, j->y, beta, j->clean);
    free(beta);
    return method == POINT_PROCESS ? point_process_region(j, region, err) : width_region(j, region, method, err);
}

static int prepare_rest(struct job *j, struct nvc_error *err)
{
    const struct options *o = j->o;
    const size_t n = j->run.series.n_volumes;
    int status = nvc_lsq_init(&j->nuisance, j->run.design.X, n, j->run.design.n_cols, err);
    if (status)
        return status;
    if (o->method != POINT_PROCESS) {
        struct nvc_width_spec spec = nvc_width_defaults(j->run.series.tr_s);
        spec.bootstrap = o->bootstrap, spec.seed = (uint64_t)o->seed;
        return nvc_width_new(&j->width, n, &spec, err);
    }
    struct nvc_rest_spec spec = nvc_rest_defaults(j->run.series.tr_s);
    spec.basis = (enum nvc_rest_basis)o->basis, spec.microtime = o->microtime, spec.ar_order = o->ar_order;
    spec.threshold_sd = o->threshold_sd, spec.min_onset_s = o->min_lag_s, spec.max_onset_s = o->max_lag_s;
    spec.low_hz = o->low_hz, spec.high_hz = o->high_hz, spec.compat = o->compat;
    return nvc_rest_new(&j->rest, n, &spec, err);
}

static int prepare(struct job *j, const char *series_path, struct nvc_error *err)
{
    const struct nvc_hrf informed = { .kind = NVC_HRF_SPM, .n_functions = 3, .length_s = 32 };
    struct task_run_options run = j->o->run;
    if (!run.events && !j->o->rest)
        return nvc_fail(err, NVC_EUSAGE, "give --events for a task, or --rest");
    if (j->o->rest && j->o->method == POINT_PROCESS)
        run.high_pass_s = 0; /* the band-pass takes the drift; twice filtered is filtered wrong */
    int status = task_run_read(&j->run, &run, series_path, run.events ? &informed : NULL, err);
    const size_t n = j->run.series.n_volumes;
    if (status)
        return status;
    if (!(j->y = nvc_array(n, sizeof *j->y, err)) || !(j->clean = nvc_array(n, sizeof *j->clean, err)) ||
        !(j->time_s = nvc_array(n, sizeof *j->time_s, err)) ||
        !(j->fits = nvc_array(j->run.events.n_conditions, sizeof *j->fits, err)))
        return NVC_ESYS;
    for (size_t t = 0; t < n; t++)
        j->time_s[t] = (double)t * j->run.series.tr_s + j->run.offset_s;
    return j->o->rest ? prepare_rest(j, err) : nvc_shape_family_new(&j->family, err);
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    struct job j = { .o = options };
    struct nvc_text text = { 0 };
    struct nvc_progress progress;
    nvc_blas_single_thread();
    int status = prepare(&j, n_args ? args[0] : "-", err);
    if (!status && !(status = nvc_tsv_header(&j.curves, nvc_hrf_curve_columns, err)))
        status = nvc_tsv_header(&j.lags, nvc_lag_columns, err);
    nvc_progress_start(&progress, "regions", j.run.series.n_regions);
    for (size_t i = 0; i < j.run.series.n_regions && !status; i++) {
        if (task_run_percent(&j.run, i, j.y) && (status = (j.o->rest ? rest_region : task_region)(&j, i, err)))
            status = nvc_fail_in(err, "region %s", j.run.series.regions[i].column);
        nvc_progress_step(&progress, i + 1);
    }
    nvc_progress_end(&progress);
    if (!status && !j.indices.n)
        status = nvc_fail(err, NVC_EDATA, "no region has a signal");
    if (!status)
        status = nvc_coupling_write(&text, &j.indices, true, err);
    if (!status && !(status = task_run_output(&j.run, j.o->curves, &j.curves, nvc_hrf_curve_columns, err)) &&
        !(status = task_run_output(&j.run, j.o->lags, &j.lags, nvc_lag_columns, err)))
        status = task_run_output(&j.run, j.o->output, &text, nvc_coupling_columns, err);
    nvc_text_release(&text);
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
