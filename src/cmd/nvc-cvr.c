#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/shared/run_input.h"
#include "math/lsq.h"
#include "model/design/cleaner.h"
#include "model/reactivity/reactivity.h"
#include "table/coupling.h"
#include "table/events.h"
#include "table/mask.h"
#include "table/physio.h"
#include "table/reactivity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const unit_names[] = { "auto", "mmHg", "kPa", "percent", NULL };
static const char *const shape_names[] = { "box", "ramp", NULL };
static const char *const response_names[] = { "auto", "none", "hrf", NULL };
enum response { RESPONSE_AUTO, RESPONSE_NONE, RESPONSE_HRF };
static const double grid_s = 0.1, memory_s = 40;

struct options {
    struct run_input_options run;
    const char *co2, *co2_column, *events, *blocks, *holds, *reference, *grey_mask, *output;
    int co2_unit, capnogram, gas_free, shape, response, threads;
    double step_mmhg, lag_low_s, lag_high_s, lag_step_s, high_hz;
};
static const struct options defaults = { .run = RUN_INPUT_DEFAULTS, .output = "-", .step_mmhg = NAN, .lag_low_s = NAN, .lag_high_s = NAN,
                                         .lag_step_s = 1, .high_hz = 0.1164, .threads = 1 };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Stimulus (one of four)"),
    OPT_INPUT(struct options, co2, 0, "co2", "FILE", "*.tsv *.tsv.gz",
              "end-tidal CO2: a BIDS recording with its sidecar, or a table with columns time and co2", .exclusive = 1),
    OPT_TEXT(struct options, blocks, 0, "blocks", "CONDITION", "blocks of inhaled gas: this condition of the events", .exclusive = 1),
    OPT_TEXT(struct options, holds, 0, "breath-holds", "CONDITION", "breath-holds: this condition of the events", .exclusive = 1),
    OPT_FLAG(struct options, gas_free, 0, "gas-free", "none: slow fluctuation of the reference, at rest", .exclusive = 1),
    OPT_TEXT(struct options, co2_column, 0, "co2-column", "NAME", "column of the recording; without it co2, petco2 or the only one"),
    OPT_CHOICE(struct options, co2_unit, 0, "co2-unit", "UNIT", unit_names, "unit of the recording; auto: Units of the sidecar, else mmHg"),
    OPT_FLAG(struct options, capnogram, 0, "capnogram", "the recording is that of a capnograph: take the top of every breath"),
    OPT_INPUT(struct options, events, 'e', "events", "TSV", "*.tsv", "events of the run (BIDS): onset, duration, trial_type"),
    OPT_REAL(struct options, step_mmhg, 0, "step", "MMHG", "mmHg", 0.1, 60, "rise of end-tidal CO2 in the blocks; without it the result is in %"),
    OPT_CHOICE(struct options, shape, 0, "shape", "SHAPE", shape_names, "of a breath-hold: box, or ramp from 0 to 1 at the end of the median hold"),
    OPT_CHOICE(struct options, response, 0, "response", "HOW", response_names,
               "none: as recorded; hrf: convolved with SPM's response; auto: hrf for breath-holds, else none"),
    OPT_TEXT(struct options, reference, 0, "reference", "REGION", "gas-free, of a table: column of the reference, such as grey matter"),
    OPT_INPUT(struct options, grey_mask, 0, "grey-mask", "NIFTI", "*.nii*", "gas-free, of an image: voxels of the reference; without it the brain"),
    OPT_REAL(struct options, high_hz, 0, "high", "HZ", "Hz", 0.005, 10, "gas-free: the reference up to this frequency"),
    OPT_GROUP("Lag"),
    OPT_REAL(struct options, lag_low_s, 0, "lag-min", "SECONDS", "s", -120, 120, "least lag of the signal behind the stimulus (-10; gas-free 0)"),
    OPT_REAL(struct options, lag_high_s, 0, "lag-max", "SECONDS", "s", -120, 120, "greatest lag (20; gas-free 0)"),
    OPT_REAL(struct options, lag_step_s, 0, "lag-step", "SECONDS", "s", 0.05, 20, "step of the search"),
    RUN_INPUT_NUISANCE(struct options, run),
    RUN_INPUT_IMAGE(struct options, run),
    OPT_GROUP("Output"),
    OPT_INT(struct options, threads, 'j', "threads", "N", 1, 1024, "threads; the result does not depend on it"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TSV", "*.tsv", "the rows of the regions"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "RUN", "series of nvc-extract, or an image with --maps; without it standard input", "*.tsv *.nii *.nii.gz", 0, 1 },
    { 0 }
};

static const char *const description[] = {
    "Cerebrovascular reactivity: how strongly, and how late, the BOLD signal of regions or voxels follows a stimulus of the vessels, from "
    "end-tidal CO2 (%/mmHg), blocks of inhaled gas, breath-holds, or without any stimulus relative to the brain's slow fluctuation.",
    "At every lag of the search the signal in percent of its mean is regressed on the stimulus of that lag, trend and confounds, with "
    "ARMA(1,1) noise averaged over its posterior.  The lags are weighted by their likelihood: the slope is the mean over them, and its "
    "standard error holds that the lag is not known.  (The slope at the best of many lags would be too large, the more so the weaker the "
    "response.)  cvr_lag is the likeliest lag with its 95 % interval; a side that runs into the end of the search is n/a.",
    "A lag counts the time from the recording to the signal: a sampling line of 6 s makes it smaller by 6 s.",
    NULL
};

static const struct nvc_section sections[] = {
    { "ROWS", (const char *const[]){
        "cvr (%/mmHg), contrast co2, or the condition of blocks with --step; cvr_block (%) without; bh_response (%), of a hold of the "
        "condition's median duration; cvr_relative, percent per percent of the reference.  Each with cvr_lag (s), unless the search has one lag.",
        "Notes: weak: the value is less than two standard errors from 0, and nothing should be divided by it; lag_at_edge: the likeliest lag is "
        "the first or last of the search: widen it; empty: no signal.",
        "Maps: stat-cvr, stat-cvrse, stat-cvrz (value over its error), stat-cvrlag.", NULL } },
    { "HOW WELL IT RECOVERS", (const char *const[]){
        "200 volumes at TR 2 s, minutes of 7 mmHg, noise AR(1) .5 plus white of sd .86 %, true lag 6.3 s, search -10 to 20 s, 160 runs each: "
        "of slopes .25, .1, .05 and 0 %/mmHg the mean is .251, .102, .047, -.001, intervals cover 156, 156, 153, 153 times; those "
        "of the lag 153, 158, 159 times.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "Rows are of class reactivity: what vessels can do when asked by carbon dioxide, not what neurons ask of them.  None is neurovascular "
        "coupling.  BOLD reactivity grows with venous blood volume and with baseline oxygen extraction: a vein reacts most.",
        "A breath-hold without a recording supposes that all participants raise CO2 alike; patients who hold shorter or breathe in first "
        "look less reactive.  A relative value says nothing of the whole brain's reactivity and, at rest, vessels, breathing and neurons "
        "share the reference.", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "coupling", "reactivity and lag of each region, of class reactivity", nvc_coupling_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-cvr --gas-free --reference BLA_R series.tsv > relative.tsv",
      "reactivity relative to another region, without gas" },
    { NULL, NULL }
};

static const char *const references[] = {
    "Moia S, et al. ICA-based denoising strategies in breath-hold induced cerebrovascular reactivity mapping with multi echo BOLD fMRI. "
    "NeuroImage 2021;233:117914. doi:10.1016/j.neuroimage.2021.117914",
    "Bright MG, Murphy K. Reliable quantification of BOLD fMRI cerebrovascular reactivity despite poor breath-hold performance. NeuroImage "
    "2013;83:559-568. doi:10.1016/j.neuroimage.2013.07.007",
    "Liu P, et al. Cerebrovascular reactivity mapping without gas challenges. NeuroImage 2017;146:320-326. doi:10.1016/j.neuroimage.2016.11.054",
    NULL
};
static const char *const see_also[] = { "nvc-extract(1)", "nvc-coupling(1)", "nvc-activity(1)", "nvc-group(1)", "nvc-tables(5)", NULL };

struct job {
    const struct options *o;
    struct run_input run;
    struct nvc_trace stimulus;
    double *frame_s, low_s, high_s; /* of the lags */
    struct nvc_cvr_rows rows;
    struct nvc_reactivity *found;
};

static int check(struct job *j, struct nvc_error *err)
{
    const struct options *o = j->o;
    const bool events = o->blocks || o->holds;
    j->low_s = !isnan(o->lag_low_s) ? o->lag_low_s : o->gas_free ? 0 : -10;
    j->high_s = !isnan(o->lag_high_s) ? o->lag_high_s : o->gas_free ? 0 : 20;
    j->rows = (struct nvc_cvr_rows){ .kind = o->co2 ? NVC_CVR_CO2 : o->blocks ? NVC_CVR_BLOCK : o->holds ? NVC_CVR_BREATH_HOLD : NVC_CVR_GAS_FREE,
                                     .contrast = o->blocks ? o->blocks : o->holds, .step_mmhg = o->step_mmhg, .mean_fd_mm = NAN,
                                     .one_lag = j->high_s < j->low_s + o->lag_step_s };
    if (!o->co2 && !events && !o->gas_free)
        return nvc_fail(err, NVC_EUSAGE, "give a stimulus: --co2, --blocks, --breath-holds or --gas-free");
    if (events != (o->events != NULL))
        return nvc_fail(err, NVC_EUSAGE, events ? "%s needs --events (-e)" : "--events (-e) goes with --blocks or --breath-holds",
                        o->blocks ? "--blocks" : "--breath-holds");
    if (!isnan(o->step_mmhg) && !o->blocks)
        return nvc_fail(err, NVC_EUSAGE, "--step goes with --blocks");
    if ((o->co2_column || o->capnogram || o->co2_unit) && !o->co2)
        return nvc_fail(err, NVC_EUSAGE, "--co2-column, --co2-unit and --capnogram go with --co2");
    if (j->low_s > j->high_s)
        return nvc_fail(err, NVC_EUSAGE, "--lag-min %g is above --lag-max %g", j->low_s, j->high_s);
    if (j->high_s - j->low_s > 1000 * o->lag_step_s)
        return nvc_fail(err, NVC_EUSAGE, "more than 1000 lags from %g to %g s: take a longer --lag-step", j->low_s, j->high_s);
    return 0;
}

/* The part of the run that the recording covers, at the lags of the search that ask least of it. */
static int check_cover(const struct job *j, struct nvc_error *err)
{
    const double end_s = j->frame_s[j->run.n - 1], first = j->stimulus.time_s[0], last = j->stimulus.time_s[j->stimulus.n - 1];
    if (fmin(last, end_s) - fmax(first, 0) < 0.9 * end_s)
        return nvc_fail(err, NVC_EDATA, "%s: from %g to %g s of a run of 0 to %g s: less than 90 %% is recorded; is StartTime right?", j->o->co2,
                        first, last, end_s);
    return 0;
}

static int read_co2(struct job *j, struct nvc_error *err)
{
    const struct options *o = j->o;
    const struct nvc_co2_request request = { o->co2_column, (enum nvc_co2_unit)o->co2_unit, o->capnogram };
    struct nvc_input_mark *mark = j->run.marks + j->run.n_marks;
    int status = nvc_co2_read(&j->stimulus, o->co2, &request, &mark->crc32, &mark->bytes, err);
    if (status)
        return status;
    mark->path = o->co2;
    j->run.n_marks++;
    return check_cover(j, err);
}

static int read_events(struct job *j, struct nvc_error *err)
{
    const struct options *o = j->o;
    const char *wanted = j->rows.contrast;
    struct nvc_table t = { 0 };
    struct nvc_events e = { 0 };
    size_t condition = 0;
    double median_s = NAN;
    int status = run_input_table(&j->run, &t, o->events, err);
    if (!status)
        status = nvc_events_parse(&e, &t, NULL, NULL, err);
    while (!status && condition < e.n_conditions && strcmp(e.conditions[condition], wanted) != 0)
        condition++;
    if (!status && condition == e.n_conditions) {
        const char *near = nvc_near_miss(wanted, (const char *const *)e.conditions, e.n_conditions);
        status = nvc_fail(err, NVC_EDATA, "%s: no condition '%s'%s%s%s", o->events, wanted, near ? "; did you mean '" : "", near ? near : "",
                          near ? "'?" : "");
    }
    if (!status && !(status = nvc_events_median_duration(&e, condition, &median_s, err)) &&
        (status = nvc_trace_of_events(&j->stimulus, &e, condition, o->holds && o->shape ? NVC_EVENTS_RAMP : NVC_EVENTS_BOX, median_s,
                                      -j->high_s - memory_s, j->frame_s[j->run.n - 1] - j->low_s + 1, grid_s, err)))
        status = nvc_fail_in(err, "%s", o->events);
    nvc_events_release(&e);
    nvc_table_release(&t);
    return status;
}

/* Mean of the reference in percent. */
static int read_reference(struct job *j, double *mean, struct nvc_error *err)
{
    struct run_input *r = &j->run;
    struct nvc_mask_source source;
    bool *grey = NULL;
    double *y = nvc_array(r->n, sizeof *y, err), count = 0;
    size_t only = r->n_series;
    int status = y ? 0 : NVC_ESYS;
    if (!status && !r->image)
        status = j->o->reference ? run_input_region(&r->series, j->o->reference, &only, err)
                                 : nvc_fail(err, NVC_EUSAGE, "--gas-free of a table needs --reference");
    if (!status && r->image && j->o->grey_mask &&
        !(status = nvc_brain_read_as(&grey, j->o->grey_mask, r->held.bold.orientation, held_image_grid(&r->held), &source, err)))
        r->marks[r->n_marks++] = (struct nvc_input_mark){ j->o->grey_mask, source.crc32, source.bytes };
    for (size_t v = 0; v < r->n_series && !status; v++) {
        if (r->image ? grey && !grey[r->held.index[v]] : v != only)
            continue;
        run_input_percent(r, v, y);
        for (size_t t = 0; t < r->n && !isnan(y[0]); t++)
            mean[t] += y[t];
        count += !isnan(y[0]);
    }
    for (size_t t = 0; t < r->n && !status; t++)
        mean[t] /= count;
    if (!status && !(count > 0))
        status = nvc_fail(err, NVC_EDATA, "the reference has no signal");
    free(y);
    free(grey);
    return status;
}

static int make_reference(struct job *j, struct nvc_error *err)
{
    const struct run_input *r = &j->run;
    const struct nvc_cleaner_spec spec = { .n = r->n, .tr_s = r->series.tr_s, .trend = j->o->run.trend, .low_hz = NAN, .high_hz = j->o->high_hz,
                                           .keep = r->keep };
    struct nvc_cleaner *c = NULL;
    double *work = nvc_array(r->n, sizeof *work, err);
    int status = work ? nvc_trace_init(&j->stimulus, r->n, err) : NVC_ESYS;
    if (!status && !(status = read_reference(j, j->stimulus.value, err)) && !(status = nvc_cleaner_new(&c, &spec, err))) {
        nvc_cleaner_apply(c, j->stimulus.value, 1, work);
        memcpy(j->stimulus.time_s, j->frame_s, r->n * sizeof *j->frame_s);
        status = nvc_trace_check(&j->stimulus, err);
    }
    nvc_cleaner_free(c);
    free(work);
    return status;
}

static int make_stimulus(struct job *j, struct nvc_error *err)
{
    const struct options *o = j->o;
    struct nvc_trace smooth = { 0 };
    if (!(j->frame_s = nvc_array(j->run.n, sizeof *j->frame_s, err)))
        return NVC_ESYS;
    for (size_t t = 0; t < j->run.n; t++)
        j->frame_s[t] = (double)t * j->run.series.tr_s + j->run.offset_s;
    int status = o->co2 ? read_co2(j, err) : o->gas_free ? make_reference(j, err) : read_events(j, err);
    if (status || !(o->response == RESPONSE_HRF || (o->response == RESPONSE_AUTO && o->holds)))
        return status;
    if (!(status = nvc_trace_respond(&smooth, &j->stimulus, -j->high_s, j->frame_s[j->run.n - 1] - j->low_s + 1, grid_s, err))) {
        nvc_trace_release(&j->stimulus);
        j->stimulus = smooth;
    }
    return status;
}

static void tick(void *with, size_t done, size_t of)
{
    struct nvc_progress *p = with;
    p->total = of;
    nvc_progress_step(p, done);
}

static int fit(struct job *j, struct nvc_error *err)
{
    const struct run_input *r = &j->run;
    const struct nvc_glm_source source = run_input_source(r);
    const struct nvc_reactivity_spec spec = { .stimulus = &j->stimulus, .frame_s = j->frame_s, .n = r->n, .nuisance = r->X, .n_nuisance = r->m,
                                              .lag_low_s = j->low_s, .lag_high_s = j->high_s, .lag_step_s = j->o->lag_step_s };
    struct nvc_progress progress;
    if (!(j->found = nvc_array(r->n_series, sizeof *j->found, err)))
        return NVC_ESYS;
    nvc_progress_start(&progress, "lags", 1);
    int status = nvc_reactivity_fit(&spec, &source, r->n_series, j->o->threads, j->found, tick, &progress, err);
    nvc_progress_end(&progress);
    return status;
}

static int write_maps(const struct job *j, struct nvc_error *err)
{
    static const char *const names[] = { "cvr", "cvrse", "cvrz", "cvrlag" };
    static const char *const helps[] = { "reactivity", "standard error of the reactivity, that of the lag included",
                                         "reactivity over its standard error", "likeliest lag behind the stimulus" };
    const double step = j->rows.kind == NVC_CVR_BLOCK && !isnan(j->rows.step_mmhg) ? j->rows.step_mmhg : 1;
    const char *unit = j->rows.kind == NVC_CVR_GAS_FREE ? "ratio" : j->rows.kind == NVC_CVR_CO2 || step != 1 ? "%/mmHg" : "%";
    float *value = nvc_array(j->run.n_series, sizeof *value, err);
    int status = value ? 0 : NVC_ESYS;
    for (int k = 0; k < (j->rows.one_lag ? 3 : 4) && !status; k++) {
        for (size_t v = 0; v < j->run.n_series; v++) {
            const struct nvc_reactivity *f = j->found + v;
            value[v] = (float)(k == 0 ? f->slope / step : k == 1 ? f->se / step : k == 2 ? f->slope / f->se : f->lag_s);
        }
        status = run_input_map(&j->run, j->o->run.maps, names[k], value, helps[k], k < 2 ? unit : k == 3 ? "s" : NULL, err);
    }
    free(value);
    return status;
}

static int write_rows(struct job *j, struct nvc_error *err)
{
    struct nvc_coupling c = { 0 };
    struct nvc_text text = { 0 };
    struct nvc_sidecar sidecar = { .columns = nvc_coupling_columns, .inputs = j->run.marks, .n_inputs = j->run.n_marks };
    int status = 0;
    j->rows.mean_fd_mm = j->run.mean_fd_mm;
    for (size_t r = 0; r < j->run.series.n_regions && !status; r++)
        status = nvc_cvr_indices(&c, &j->run.series, r, j->found + r, &j->rows, err);
    if (!status && !(status = nvc_coupling_write(&text, &c, true, err)))
        status = nvc_output(j->o->output, &text, &sidecar, err);
    nvc_coupling_release(&c);
    nvc_text_release(&text);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    struct job j = { .o = options };
    nvc_blas_single_thread();
    int status = check(&j, err);
    if (!status && !(status = run_input_read(&j.run, &j.o->run, n_args ? args[0] : "-", err)) && !(status = make_stimulus(&j, err)) &&
        !(status = fit(&j, err)))
        status = j.run.image ? write_maps(&j, err) : write_rows(&j, err);
    run_input_release(&j.run);
    nvc_trace_release(&j.stimulus);
    free(j.frame_s);
    free(j.found);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-cvr", .summary = "measure cerebrovascular reactivity", .description = description, .args = args_table, .opts = opts,
    .outputs = outputs, .sections = sections, .examples = examples, .references = references, .see_also = see_also,
    .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
