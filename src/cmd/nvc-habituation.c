#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cmd/task_run.h"
#include "math/dist.h"
#include "math/lsq.h"
#include "model/glm.h"
#include "model/habituation.h"
#include "table/coupling.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const noise_names[] = { "ols", "ar1", "arma11", NULL };
static const enum nvc_noise noises[] = { NVC_NOISE_OLS, NVC_NOISE_AR1, NVC_NOISE_ARMA11 };

struct options {
    struct task_run_options run;
    int noise, threads;
    const char *output;
};
static const struct options defaults = { .run = { .high_pass_s = 128, .block_gap_s = 8 }, .noise = 2, .threads = 1, .output = "-" };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Model"),
    TASK_RUN_EVENTS(struct options, run, .flags = NVC_OPT_REQUIRED),
    OPT_REAL(struct options, run.block_gap_s, 0, "block-gap", "SECONDS", "s", 0, 10000,
             "events of a condition closer than this are one block; 0: every event is a block of its own"),
    OPT_CHOICE(struct options, noise, 'n', "noise", "MODEL", noise_names, "serial correlation of the noise, as for nvc-glm"),
    OPT_GROUP("Nuisance"),
    TASK_RUN_NUISANCE(struct options, run),
    OPT_GROUP("Output"),
    OPT_INT(struct options, threads, 'j', "threads", "N", 1, 1024, "threads; the result does not depend on it"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TSV", "*.tsv", "where to write the indices"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "SERIES", "series table of nvc-extract; - is standard input", "*.tsv", 0, 1 },
    { 0 }
};

static const char *const description[] = {
    "How the response of a region changes from block to block of a condition: every block has a column of its own in the model of the run, "
    "and slopes are contrasts of these columns, with the degrees of freedom and the serial correlation of the fit.  Regressing block "
    "estimates on their order afterwards would leave B - 2 degrees of freedom.",
    "habituation: slope in percent signal change per block (negative: the response shrinks); habituation_log: per unit of ln(block); "
    "habituation_quadratic: coefficient of block squared beside both; habituation_decrement: 100 (1 - last/first), with Fieller's interval, "
    "where the first block is above 0 by two errors; psc_first and psc_last; psc_odd and psc_even: means of odd and even blocks, from "
    "which nvc-reliability makes the split-half reliability of a cohort.",
    NULL
};

static const struct nvc_section sections[] = {
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "A response that shrinks can be neural adaptation, a drifting gaze, sleep, or vessels that no longer follow: rows are of class "
        "bold-response.  With the four face blocks of the usual task a slope rests on four numbers; in the one study of its reliability it was "
        "better than the mean response (25 people).", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "coupling", "one row per region, condition and index, of class bold-response", nvc_coupling_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-habituation -e sub-01/func/*_events.tsv -c sub-01/func/*_desc-confounds_timeseries.tsv series.tsv > habituation.tsv",
      "slopes over the blocks of each condition" },
    { NULL, NULL }
};

static const char *const references[] = {
    "Plichta MM, et al. Amygdala habituation: a reliable fMRI phenotype. NeuroImage 2014;103:383-390. doi:10.1016/j.neuroimage.2014.09.059",
    "Fieller EC. Some problems in interval estimation. J R Stat Soc B 1954;16:175-185. doi:10.1111/j.2517-6161.1954.tb00159.x",
    NULL
};
static const char *const see_also[] = { "nvc-glm(1)", "nvc-group(1)", "nvc-reliability(1)", "nvc-tables(5)", NULL };

struct job {
    const struct options *o;
    struct task_run run;
    struct nvc_coupling indices;
    double *C;                 /* NVC_HAB_EFFECTS columns per condition with blocks */
    size_t *condition, n;      /* those conditions */
    struct nvc_glm *glm;
    struct nvc_glm_fit fit;
};

static void job_release(struct job *j)
{
    task_run_release(&j->run);
    nvc_coupling_release(&j->indices);
    nvc_glm_fit_release(&j->fit);
    nvc_glm_free(j->glm);
    free(j->C);
    free(j->condition);
}

static int prepare(struct job *j, const char *series_path, struct nvc_error *err)
{
    const struct nvc_hrf canonical = { .kind = NVC_HRF_SPM, .n_functions = 1, .length_s = 32 };
    const struct task_run *r = &j->run;
    struct nvc_lsq f = { 0 };
    int status = task_run_read(&j->run, &j->o->run, series_path, &canonical, err);
    if (status)
        return status;
    const struct nvc_design *d = &r->design;
    const char **names = nvc_array(d->n_cols, sizeof *names, err);
    j->C = nvc_array(d->n_cols * NVC_HAB_EFFECTS * r->events.n_conditions, sizeof *j->C, err);
    j->condition = nvc_array(r->events.n_conditions, sizeof *j->condition, err);
    status = names && j->C && j->condition ? nvc_lsq_init(&f, d->X, d->n_rows, d->n_cols, err) : NVC_ESYS;
    for (size_t k = 0; k < d->n_cols && !status; k++)
        names[k] = d->columns[k].name;
    if (!status)
        status = nvc_lsq_require(&f, 1e6, names, err);
    for (size_t k = 0; k < r->events.n_conditions && !status; k++)
        if (r->n_blocks[k] > 1) {
            status = nvc_habituation_weights(d, r->events.conditions[k], r->n_blocks[k], j->C + d->n_cols * NVC_HAB_EFFECTS * j->n, err);
            j->condition[j->n++] = k;
        }
    nvc_lsq_release(&f);
    free(names);
    const struct nvc_glm_spec spec = { .X = d->X, .n = d->n_rows, .m = d->n_cols, .C = j->C, .n_effects = NVC_HAB_EFFECTS * j->n,
                                       .noise = noises[j->o->noise] };
    if (!status)
        status = nvc_glm_new(&j->glm, &spec, err);
    return status;
}

static int fit(struct job *j, struct nvc_error *err)
{
    const struct nvc_series *s = &j->run.series;
    const struct nvc_glm_columns columns = { s->Y, s->n_volumes, s->n_volumes };
    const struct nvc_glm_source source = { nvc_glm_load_columns, &columns };
    int status = nvc_glm_fit_init(&j->fit, j->glm, s->n_regions, err);
    return status ? status : nvc_glm_run(j->glm, &source, &j->fit, j->o->threads, err);
}

static int add(struct job *j, struct nvc_coupling_row row, const char *index, const char *unit, const char *note, double value, double se,
               double low, double high, struct nvc_error *err)
{
    row.index = index, row.unit = unit, row.note = note, row.value = value, row.se = se, row.ci_low = low, row.ci_high = high;
    return nvc_coupling_add(&j->indices, &row, err);
}

/* Rows of one region and condition: effects are in units of height x beta, percent is 100 / s0 of them. */
static int condition_rows(struct job *j, size_t region, size_t k, struct nvc_error *err)
{
    static const char *const index[NVC_HAB_EFFECTS] = { "habituation", "habituation_log", "habituation_quadratic", "psc_first", "psc_last",
                                                        NULL, "psc_odd", "psc_even" };
    static const char *const unit[NVC_HAB_EFFECTS] = { "%/block", "%/ln(block)", "%/block2", "%", "%", NULL, "%", "%" };
    const struct nvc_series *s = &j->run.series;
    const struct nvc_region_facts *facts = s->regions + region;
    const size_t blocks = j->run.n_blocks[j->condition[k]];
    const double dof = nvc_glm_dof(j->glm), t = nvc_t_critical(0.95, dof);
    double value[NVC_HAB_EFFECTS], variance[NVC_HAB_EFFECTS], s0 = 0;
    struct nvc_coupling_row row = { .participant_id = s->who.participant_id, .session = s->who.session, .task = s->who.task, .run = s->who.run,
                                    .space = s->who.space, .atlas = facts->atlas, .region = facts->region, .side = facts->side,
                                    .class_name = "bold-response", .contrast = j->run.events.conditions[j->condition[k]],
                                    .noise = nvc_noise_names[noises[j->o->noise]], .dof = dof, .n_vox = facts->n_vox,
                                    .coverage = facts->coverage, .tsnr = facts->tsnr, .mean_fd_mm = NAN };
    int status = 0;
    for (size_t i = 0; i < s->n_volumes; i++)
        s0 += s->Y[i + s->n_volumes * region] / (double)s->n_volumes;
    for (size_t e = 0; e < NVC_HAB_EFFECTS; e++) {
        const size_t at = (k * NVC_HAB_EFFECTS + e) * j->fit.n_vox + region;
        value[e] = s0 > 0 ? 100 / s0 * j->fit.effect[at] : NAN;
        variance[e] = s0 > 0 ? pow(100 / s0, 2) * j->fit.variance[at] : NAN;
        if (e == NVC_HAB_QUADRATIC && blocks < 3)
            value[e] = variance[e] = NAN;
    }
    for (size_t e = 0; e < NVC_HAB_EFFECTS && !status; e++) {
        const double se = sqrt(variance[e]);
        const char *note = e == NVC_HAB_QUADRATIC && blocks < 3 ? "few_blocks" : e >= NVC_HAB_LOG ? "derived" : "";
        if (index[e])
            status = add(j, row, index[e], unit[e], note, value[e], se, value[e] - t * se, value[e] + t * se, err);
    }
    const struct nvc_decrement d = nvc_habituation_decrement(value[NVC_HAB_FIRST], variance[NVC_HAB_FIRST], value[NVC_HAB_LAST],
                                                             variance[NVC_HAB_LAST], variance[NVC_HAB_CHANGE], dof);
    return status ? status : add(j, row, "habituation_decrement", "%", isnan(d.value) ? "weak_response" : "derived", d.value, NAN, d.ci_low, d.ci_high, err);
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    struct job j = { .o = options };
    struct nvc_text text = { 0 };
    nvc_blas_single_thread();
    int status = prepare(&j, n_args ? args[0] : "-", err);
    if (!status)
        status = fit(&j, err);
    for (size_t i = 0; i < j.run.series.n_regions && !status; i++)
        for (size_t k = 0; k < j.n && !status; k++)
            status = condition_rows(&j, i, k, err);
    if (!status)
        status = nvc_coupling_write(&text, &j.indices, true, err);
    if (!status)
        status = task_run_output(&j.run, j.o->output, &text, nvc_coupling_columns, err);
    nvc_text_release(&text);
    job_release(&j);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-habituation", .summary = "measure how a response changes from block to block", .description = description,
    .args = args_table, .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references,
    .see_also = see_also, .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
