#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cmd/shared/defaults.h"
#include "cmd/shared/task_run.h"
#include "math/dist.h"
#include "math/lsq.h"
#include "model/glm/glm.h"
#include "model/response/negative_control.h"
#include "table/coupling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const noise_names[] = { "ols", "ar1", "arma11", NULL };
static const enum nvc_noise noises[] = { NVC_NOISE_OLS, NVC_NOISE_AR1, NVC_NOISE_ARMA11 };

struct options {
    struct task_run_options run;
    double gap_s;
    int noise, shifts, threads, where_possible;
    const char *output;
};
static const struct options defaults = { .run = { .high_pass_s = 128, .usual_confounds = NVC_RUN_CONFOUNDS },
                                         .gap_s = 8, .noise = 2, .shifts = 8, .threads = 1, .output = "-" };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Controls"),
    OPT_INT(struct options, shifts, 0, "shifts", "N", 1, NVC_SHIFTS_MOST, "shifts of the onsets, of which psc_shifted is the mean"),
    OPT_REAL(struct options, gap_s, 0, "block-gap", "SECONDS", "s", 0, 10000,
             "events of a condition closer than this have one onset, that of the first, before which psc_prestim looks"),
    OPT_GROUP("Model"),
    TASK_RUN_EVENTS(struct options, run, .flags = NVC_OPT_REQUIRED),
    OPT_CHOICE(struct options, noise, 'n', "noise", "MODEL", noise_names, "serial correlation of the noise, as for nvc-glm"),
    OPT_LIST(struct options, run.durations, 0, "event-duration", "[CONDITION=]SECONDS",
             "event that a percent signal change refers to; without it the median duration of each condition"),
    OPT_INT(struct options, run.dummy_scans, 0, "dummy-scans", "N", 0, 1000, "volumes at the start to leave out of the model"),
    OPT_GROUP("Nuisance"),
    TASK_RUN_NUISANCE_OF(struct options, run, NVC_RUN_CONFOUNDS),
    OPT_GROUP("Output"),
    OPT_INT(struct options, threads, 'j', "threads", "N", 1, 1024, "threads; the result does not depend on it"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TSV", "*.tsv", "the rows"),
    OPT_FLAG(struct options, where_possible, 0, "where-possible",
             "a table without rows and a warning where the model cannot be fitted to the run, instead of an error"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "SERIES", "series table of nvc-extract; - is standard input", "*.tsv", 0, 1 },
    { 0 }
};

static const char *const description[] = {
    "Negative controls of a task run: rows in which the same analysis should find nothing.  nvc-group tests them as it tests the response, in a "
    "family of their own; where patients differ from controls in them, something else than the response differs.",
    "psc_prestim: percent signal 6 to 2 s before the onsets of a condition, against the rest of the run.  An effect before its cause is none.",
    "psc_shifted: percent signal change to the onsets of a condition moved round the run, where nothing happened; the mean over --shifts "
    "shifts, at least 10 s apart, those of which the conditions of the run explain least.  They depend on the events alone, so that "
    "people who saw the same have the same shifts.",
    "Both stand, one at a time, in a model that keeps the conditions of the run, each as the canonical response with its temporal and its "
    "dispersion derivative, with the confounds, the drift and the serial correlation of nvc-glm.  Rows are of class negative-control, and "
    "n/a with few_onsets (fewer than three onsets with 6 s before them), overlap (conditions and confounds explain the column) or repeats (the shifts are "
    "those of a condition before: in a run of two that alternate evenly, moving one is moving the other).",
    NULL
};

static const struct nvc_section sections[] = {
    { "HOW OFTEN THEY REJECT", (const char *const[]){
        "2000 studies a cell, 20 cases against 20 controls (Welch, p < .05), 240 volumes of 2 s, two conditions in blocks of 18 s every 30 s or of "
        "24 s without pause, or in events 8-16 or 2-6 s apart; noise AR(1) of .4 or .85, drift of 180-400 s, or .85 in the cases and .3 in the "
        "controls.  Groups alike: 3.9 to 5.9 %.  A response that is smaller in the cases (it differs itself in 15 to 78 %): 3.9 to 5.8 %; one "
        "that is also early (peak at 4 s), late (7 s), off by up to 1 s from event to event, or shrinking by a twentieth from one to the next: "
        "3.7 to 6.1 %.  Monte Carlo error .5.",
        "What leaks of a response without noise, in per cent of its height, at most: canonical .7; early 2.5; late 5.5; jittered 2 in blocks and slow "
        "events, 8 where events follow each other in 2-6 s; shrinking 3.4.  A model without derivatives leaks up to 13.  tests/bench/null_rows "
        "makes both tables.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "Controls without a difference do not make a difference in the response neural, vascular or real: what comes with the response "
        "(head motion in time with the task, breathing, a gain of the whole head) spares them.  They notice what does not: noise that the "
        "test takes for too small, drift that the model leaves, onsets that are wrong, a model that the groups' runs fit unlike.",
        "A response of quite another form leaks a little into both (see above); one that changes over the run leaks into psc_shifted.  A "
        "single control row is below .05 in one of twenty studies in which all is well: count them all.", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "coupling", "one row per region, condition and control, of class negative-control", nvc_coupling_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-null -e sub-01/func/*_events.tsv -c sub-01/func/*_desc-confounds_timeseries.tsv series.tsv > null.tsv",
      "the negative controls of one run; nvc-run makes them of all and hands them to nvc-group" },
    { NULL, NULL }
};

static const char *const references[] = {
    "Lipsitch M, Tchetgen Tchetgen E, Cohen T. Negative controls: a tool for detecting confounding and bias in observational studies. "
    "Epidemiology 2010;21:383-388. doi:10.1097/EDE.0b013e3181d61eeb",
    NULL
};
static const char *const see_also[] = { "nvc-glm(1)", "nvc-group(1)", "nvc-run(1)", "nvc-tables(5)", NULL };

struct job {
    const struct options *o;
    struct task_run run;
    struct nvc_coupling rows;
    double **shifted;        /* x of every condition so far; NULL: undefined */
};

/* In a run of two conditions that alternate evenly, moving one is moving the other. */
static bool repeats(const struct job *j, size_t condition, const double *x)
{
    const size_t n = j->run.design.n_rows;
    bool found = false;
    for (size_t k = 0; k < condition && x; k++) {
        double xx = 0, yy = 0, xy = 0;
        for (size_t i = 0; i < n && j->shifted[k]; i++)
            xx += x[i] * x[i], yy += j->shifted[k][i] * j->shifted[k][i], xy += x[i] * j->shifted[k][i];
        found |= xy > 0.99 * sqrt(xx * yy) && xy > 0;
    }
    return found;
}

/* One control of one condition in all regions: the model of the run and its column. */
static int fit(const struct job *j, struct nvc_glm **g, struct nvc_glm_fit *f, const double *x, struct nvc_error *err)
{
    const struct nvc_design *d = &j->run.design;
    const struct nvc_series *s = &j->run.series;
    const struct nvc_glm_columns columns = { s->Y + j->o->run.dummy_scans, d->n_rows, s->n_volumes };
    const struct nvc_glm_source source = { nvc_glm_load_columns, &columns };
    const size_t m = d->n_cols + 1;
    double *X = nvc_array(d->n_rows * m, sizeof *X, err), *C = nvc_array(m, sizeof *C, err);
    int status = X && C ? 0 : NVC_ESYS;
    if (!status) {
        memcpy(X, d->X, d->n_rows * d->n_cols * sizeof *X);
        memcpy(X + d->n_rows * d->n_cols, x, d->n_rows * sizeof *X);
        C[d->n_cols] = 1;
        const struct nvc_glm_spec spec = { .X = X, .n = d->n_rows, .m = m, .C = C, .n_effects = 1, .noise = noises[j->o->noise] };
        status = nvc_glm_new(g, &spec, err);
    }
    if (!status)
        status = nvc_glm_fit_init(f, *g, s->n_regions, err);
    if (!status)
        status = nvc_glm_run(*g, &source, f, j->o->threads, err);
    free(X);
    free(C);
    return status;
}

/* The rows of one control of one condition. */
static int add_rows(struct job *j, const char *index, size_t condition, const struct nvc_negative_control *c, struct nvc_error *err)
{
    const struct nvc_series *s = &j->run.series;
    const size_t n = j->run.design.n_rows;
    struct nvc_glm *g = NULL;
    struct nvc_glm_fit f = { 0 };
    int status = c->x ? fit(j, &g, &f, c->x, err) : 0;
    for (size_t i = 0; i < s->n_regions && !status; i++) {
        const struct nvc_region_facts *facts = s->regions + i;
        struct nvc_coupling_row row = { .participant_id = s->who.participant_id, .session = s->who.session, .task = s->who.task, .run = s->who.run,
                                        .space = s->who.space, .atlas = facts->atlas, .region = facts->region, .side = facts->side,
                                        .index = index, .class_name = NVC_CLASS_NEGATIVE_CONTROL, .contrast = j->run.events.conditions[condition],
                                        .unit = "%", .noise = nvc_noise_names[noises[j->o->noise]], .note = c->why,
                                        .value = NAN, .se = NAN, .dof = NAN, .ci_low = NAN, .ci_high = NAN, .n_vox = facts->n_vox,
                                        .coverage = facts->coverage, .tsnr = facts->tsnr, .mean_fd_mm = j->run.mean_fd_mm };
        double s0 = 0;
        for (size_t t = 0; t < n; t++)
            s0 += s->Y[(size_t)j->o->run.dummy_scans + t + s->n_volumes * i] / (double)n;
        if (c->x && s0 > 0) {
            row.value = 100 / s0 * f.effect[i], row.se = 100 / s0 * sqrt(f.variance[i]), row.dof = nvc_glm_dof(g);
            nvc_coupling_interval(&row);
        }
        status = nvc_coupling_add(&j->rows, &row, err);
    }
    nvc_glm_fit_release(&f);
    nvc_glm_free(g);
    return status;
}

static int control(struct job *j, size_t condition, struct nvc_error *err)
{
    const struct nvc_negative_run run = { &j->run.design, &j->run.spec, &j->run.events };
    struct nvc_negative_control c = { 0 };
    int status = nvc_negative_before(&c, &run, condition, j->o->gap_s, err);
    if (!status)
        status = add_rows(j, "psc_prestim", condition, &c, err);
    nvc_negative_control_release(&c);
    if (!status)
        status = nvc_negative_shifted(&c, &run, condition, j->run.durations_s[condition], (size_t)j->o->shifts, err);
    if (!status && repeats(j, condition, c.x)) {
        nvc_negative_control_release(&c);
        c.why = "repeats";
    }
    if (!status)
        status = add_rows(j, "psc_shifted", condition, &c, err);
    j->shifted[condition] = c.x;
    c.x = NULL;
    nvc_negative_control_release(&c);
    return status;
}

/* The model of the run itself must be one that can be fitted. */
static int check(const struct job *j, struct nvc_error *err)
{
    const struct nvc_design *d = &j->run.design;
    const char **names = nvc_array(d->n_cols, sizeof *names, err);
    struct nvc_lsq f = { 0 };
    int status = names ? nvc_lsq_init(&f, d->X, d->n_rows, d->n_cols, err) : NVC_ESYS;
    for (size_t k = 0; k < d->n_cols && !status; k++)
        names[k] = d->columns[k].name;
    if (!status)
        status = nvc_lsq_require(&f, 1e6, names, err);
    nvc_lsq_release(&f);
    free(names);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    const struct nvc_hrf informed = { .kind = NVC_HRF_SPM, .n_functions = 3, .length_s = 32 };
    struct job j = { .o = options };
    struct nvc_text text = { 0 };
    nvc_blas_single_thread();
    int status = task_run_read(&j.run, &j.o->run, n_args ? args[0] : "-", &informed, err);
    const bool read = j.run.series.n_regions && j.run.events.n; /* else it is a file that is wrong, not the model */
    if (!status)
        status = check(&j, err);
    if (!status && !(j.shifted = nvc_array(j.run.events.n_conditions, sizeof *j.shifted, err)))
        status = NVC_ESYS;
    for (size_t k = 0; k < j.run.events.n_conditions && !status; k++)
        status = control(&j, k, err);
    if (status == NVC_EDATA && read && j.o->where_possible) {
        nvc_warn("%s; no rows are written", err->text);
        nvc_coupling_release(&j.rows);
        status = 0;
    }
    if (!status)
        status = nvc_coupling_write(&text, &j.rows, true, err);
    if (!status)
        status = task_run_output(&j.run, j.o->output, &text, nvc_coupling_columns, err);
    nvc_text_release(&text);
    nvc_coupling_release(&j.rows);
    for (size_t k = 0; k < j.run.events.n_conditions && j.shifted; k++)
        free(j.shifted[k]);
    free(j.shifted);
    task_run_release(&j.run);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-null", .summary = "negative controls of a task run, where nothing is to be found", .description = description,
    .args = args_table, .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references,
    .see_also = see_also, .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
