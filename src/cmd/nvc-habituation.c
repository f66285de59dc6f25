#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cmd/task_run.h"
#include "math/dist.h"
#include "math/lsq.h"
#include "model/glm/glm.h"
#include "model/response/habituation.h"
#include "table/coupling.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const noise_names[] = { "ols", "ar1", "arma11", NULL };
static const enum nvc_noise noises[] = { NVC_NOISE_OLS, NVC_NOISE_AR1, NVC_NOISE_ARMA11 };

struct options {
    struct task_run_options run;
    int noise, threads, where_possible;
    const char *output, *halves;
};
static const struct options defaults = { .run = { .high_pass_s = 128, .block_gap_s = 8 }, .noise = 2, .threads = 1, .output = "-" };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Model"),
    TASK_RUN_EVENTS(struct options, run, .flags = NVC_OPT_REQUIRED),
    OPT_REAL(struct options, run.block_gap_s, 0, "block-gap", "SECONDS", "s", 0, 10000,
             "events of a condition closer than this are one block"),
    OPT_CHOICE(struct options, noise, 'n', "noise", "MODEL", noise_names, "serial correlation of the noise, as for nvc-glm"),
    OPT_LIST(struct options, run.durations, 0, "event-duration", "[CONDITION=]SECONDS", "event that a percent signal change refers to"),
    OPT_INT(struct options, run.dummy_scans, 0, "dummy-scans", "N", 0, 1000, "volumes at the start to leave out of the model"),
    OPT_GROUP("Nuisance"),
    TASK_RUN_NUISANCE(struct options, run),
    OPT_GROUP("Output"),
    OPT_INT(struct options, threads, 'j', "threads", "N", 1, 1024, "threads; the result does not depend on it"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TSV", "*.tsv", "where to write the indices"),
    OPT_OUTPUT(struct options, halves, 0, "halves", "TSV", "*.tsv",
               "response and slope from the odd and from the even blocks and trials, as two runs, for nvc-group and nvc-reliability"),
    OPT_FLAG(struct options, where_possible, 0, "where-possible",
             "tables without rows and a warning where the blocks and trials of the run cannot be told apart, instead of an error"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "SERIES", "series table of nvc-extract; - is standard input", "*.tsv", 0, 1 },
    { 0 }
};

static const char *const description[] = {
    "How the response of a region changes over the blocks of a condition and over its trials, as contrasts inside the model of the run, with "
    "the degrees of freedom and the serial correlation of the fit.  Regressing block estimates on their order afterwards would leave B - 2 "
    "degrees of freedom.",
    "Blocks have a column each.  habituation: slope in percent signal change per block (negative: the response shrinks); habituation_log: per "
    "unit of ln(block); habituation_quadratic: coefficient of block squared beside both; habituation_decrement: 100 (1 - last/first), with "
    "Fieller's interval, where the first block is above 0 by two errors; psc_first, psc_last, psc_odd and psc_even: of these blocks.",
    "Trials (conditions of four or more, unless each is a block) have the mean response and a line over their number in one model, ln(number) "
    "and a parabola in two others: habituation_trial, per trial, and habituation_trial_log, _quadratic, _decrement (of the line at the last "
    "against the first trial); psc_first_trial and psc_last_trial are of the line.",
    "--halves makes the reliability inside the run: mean response and slope from every second block or trial (of four or more), in the "
    "coupling table's form with runs odd and even.  The response is psc as in the table of nvc-coupling, from the blocks or, where a condition "
    "has less than four, from its trials (else psc_trial).  nvc-group --halves sets the reliability beside the effect; nvc-reliability --by run makes "
    "intraclass correlation and Spearman-Brown over the participants.",
    NULL
};

static const struct nvc_section sections[] = {
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "A response that shrinks can be neural adaptation, a drifting gaze, sleep, or vessels that no longer follow: rows are of class "
        "bold-response.  Movement and arousal change over a run as well: compare the slope of framewise displacement.  With the four face "
        "blocks of the usual task a slope rests on four numbers; in the one study of its reliability it was better than the mean response "
        "(25 people).", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "coupling", "one row per region, condition and index, of class bold-response", nvc_coupling_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-habituation -e sub-01/func/*_events.tsv -c sub-01/func/*_desc-confounds_timeseries.tsv series.tsv > habituation.tsv",
      "slopes over the blocks and trials of each condition" },
    { "nvc-habituation -e sub-01/func/*_events.tsv --halves halves.tsv series.tsv > habituation.tsv",
      "the halves of one participant; nvc-reliability --by run takes those of all" },
    { NULL, NULL }
};

static const char *const references[] = {
    "Plichta MM, et al. Amygdala habituation: a reliable fMRI phenotype. NeuroImage 2014;103:383-390. doi:10.1016/j.neuroimage.2014.09.059",
    "Fieller EC. Some problems in interval estimation. J R Stat Soc B 1954;16:175-185. doi:10.1111/j.2517-6161.1954.tb00159.x",
    NULL
};
static const char *const see_also[] = { "nvc-glm(1)", "nvc-group(1)", "nvc-reliability(1)", "nvc-tables(5)", NULL };

enum { BLOCKS, TRIALS, WAYS = 1 + NVC_TRIAL_KINDS }; /* ways: the model of the blocks, then those of the trials */

struct job {
    const struct options *o;
    struct task_run run;
    struct nvc_coupling indices, halves;
    struct nvc_glm *glm[WAYS]; /* effects: NVC_HAB_EFFECTS per condition; NULL: nothing to fit */
    struct nvc_glm_fit fit[WAYS];
};

static void job_release(struct job *j)
{
    task_run_release(&j->run);
    nvc_coupling_release(&j->indices);
    nvc_coupling_release(&j->halves);
    for (int way = 0; way < WAYS; way++) {
        nvc_glm_fit_release(&j->fit[way]);
        nvc_glm_free(j->glm[way]);
    }
}

static bool has_blocks(const struct job *j, size_t condition) { return j->run.n_blocks[condition] > 1; }
static bool has_trials(const struct job *j, size_t condition)
{
    const size_t n = j->run.n_trials[condition];
    return n >= NVC_TRIAL_FEWEST && n != j->run.n_blocks[condition];
}

/* Full rank, a model, and its fit to all regions. */
static int fit_way(struct job *j, int way, const double *X, size_t m, const double *C, const char *const *names, struct nvc_error *err)
{
    const struct nvc_series *s = &j->run.series;
    const struct nvc_glm_columns columns = { s->Y + j->o->run.dummy_scans, j->run.design.n_rows, s->n_volumes };
    const struct nvc_glm_source source = { nvc_glm_load_columns, &columns };
    const struct nvc_glm_spec spec = { .X = X, .n = columns.n, .m = m, .C = C, .n_effects = NVC_HAB_EFFECTS * j->run.events.n_conditions,
                                       .noise = noises[j->o->noise] };
    struct nvc_lsq f = { 0 };
    int status = nvc_lsq_init(&f, X, columns.n, m, err);
    if (!status && names)
        status = nvc_lsq_require(&f, 1e6, names, err);
    else if (!status && f.rank < m)
        status = nvc_fail(err, NVC_EDATA, "the trials cannot be told apart (rank %zu of %zu)", f.rank, m);
    nvc_lsq_release(&f);
    if (!status)
        status = nvc_glm_new(&j->glm[way], &spec, err);
    if (!status)
        status = nvc_glm_fit_init(&j->fit[way], j->glm[way], s->n_regions, err);
    return status ? status : nvc_glm_run(j->glm[way], &source, &j->fit[way], j->o->threads, err);
}

static int fit_blocks(struct job *j, struct nvc_error *err)
{
    const struct nvc_design *d = &j->run.design;
    const size_t n_conditions = j->run.events.n_conditions;
    const char **names = nvc_array(d->n_cols, sizeof *names, err);
    double *C = nvc_array(d->n_cols * NVC_HAB_EFFECTS * n_conditions, sizeof *C, err);
    int status = names && C ? 0 : NVC_ESYS;
    for (size_t k = 0; k < d->n_cols && !status; k++)
        names[k] = d->columns[k].name;
    for (size_t k = 0; k < n_conditions && !status; k++)
        if (has_blocks(j, k))
            status = nvc_habituation_weights(d, j->run.events.conditions[k], j->run.n_blocks[k], C + d->n_cols * NVC_HAB_EFFECTS * k, err);
    if (!status)
        status = fit_way(j, BLOCKS, d->X, d->n_cols, C, names, err);
    free(names);
    free(C);
    return status;
}

static int fit_trials(struct job *j, enum nvc_trial_kind kind, struct nvc_error *err)
{
    struct nvc_trial_model m;
    int status = nvc_trial_model_init(&m, kind, &j->run.trial_design, &j->run.events, j->run.n_trials, err);
    if (status)
        return status;
    status = fit_way(j, TRIALS + (int)kind, m.X, m.m, m.C, NULL, err);
    nvc_trial_model_release(&m);
    return status;
}

static int fit(struct job *j, struct nvc_error *err)
{
    bool blocks = false, trials = false;
    for (size_t k = 0; k < j->run.events.n_conditions; k++)
        blocks |= has_blocks(j, k), trials |= has_trials(j, k);
    if (!blocks && !trials)
        return nvc_fail(err, NVC_EDATA, "%s: no condition has two blocks parted by more than %g s, or %d trials", j->o->run.events,
                        j->o->run.block_gap_s, NVC_TRIAL_FEWEST);
    int status = blocks ? fit_blocks(j, err) : 0;
    for (int kind = 0; kind < NVC_TRIAL_KINDS && trials && !status; kind++)
        status = fit_trials(j, (enum nvc_trial_kind)kind, err);
    return status;
}

/* Effects of one region and condition in percent, from the blocks or from the models of the trials. */
struct effects { double value[NVC_HAB_EFFECTS], variance[NVC_HAB_EFFECTS], dof[NVC_HAB_EFFECTS]; };
static void collect(const struct job *j, size_t region, size_t condition, bool trials, struct effects *e)
{
    const struct nvc_series *s = &j->run.series;
    const size_t n = trials ? j->run.n_trials[condition] : j->run.n_blocks[condition];
    double s0 = 0;
    for (size_t i = (size_t)j->o->run.dummy_scans; i < s->n_volumes; i++)
        s0 += s->Y[i + s->n_volumes * region] / (double)j->run.design.n_rows;
    for (int effect = 0; effect < NVC_HAB_EFFECTS; effect++) {
        const bool wants_more = (effect == NVC_HAB_QUADRATIC && n < 3) || (effect >= NVC_HAB_ODD_SLOPE && n < 4);
        int way = BLOCKS;
        for (int kind = 0; kind < NVC_TRIAL_KINDS && trials; kind++)
            if (nvc_trial_kind_has((enum nvc_trial_kind)kind, (enum nvc_habituation_effect)effect))
                way = TRIALS + kind;
        const size_t at = (condition * NVC_HAB_EFFECTS + (size_t)effect) * s->n_regions + region;
        const double unit = s0 > 0 && !wants_more ? 100 / s0 : NAN;
        e->value[effect] = unit * j->fit[way].effect[at];
        e->variance[effect] = unit * unit * j->fit[way].variance[at];
        e->dof[effect] = nvc_glm_dof(j->glm[way]);
    }
}

static int add(struct nvc_coupling *c, struct nvc_coupling_row row, const struct effects *e, int effect, struct nvc_error *err)
{
    row.value = e->value[effect], row.dof = e->dof[effect], row.se = sqrt(e->variance[effect]);
    const double reach = nvc_t_critical(0.95, row.dof) * row.se;
    row.ci_low = row.value - reach, row.ci_high = row.value + reach;
    return nvc_coupling_add(c, &row, err);
}

/* The halves of the response itself are psc, from the blocks or, of a condition with less than four, from the trials. */
static int add_halves(struct job *j, struct nvc_coupling_row row, size_t condition, const struct effects *e, bool trials, struct nvc_error *err)
{
    if ((trials ? j->run.n_trials : j->run.n_blocks)[condition] < NVC_TRIAL_FEWEST)
        return 0;
    const bool second = trials && j->run.n_blocks[condition] >= NVC_TRIAL_FEWEST;
    static const int effect[2][2] = { { NVC_HAB_ODD, NVC_HAB_EVEN }, { NVC_HAB_ODD_SLOPE, NVC_HAB_EVEN_SLOPE } };
    static const char *const index[2][2] = { { "psc", "psc_trial" }, { "habituation", "habituation_trial" } },
                      *const half[2] = { "odd", "even" };
    const char *run = strcmp(row.run, "n/a") ? row.run : NULL;
    int status = 0;
    for (int k = 0; k < 4 && !status; k++) {
        char name[128];
        (void)snprintf(name, sizeof name, "%.100s%s%s", run ? run : "", run ? "-" : "", half[k % 2]);
        row.run = name, row.index = index[k / 2][k < 2 ? second : trials], row.unit = k < 2 ? "%" : trials ? "%/trial" : "%/block", row.note = "";
        status = add(&j->halves, row, e, effect[k / 2][k % 2], err);
    }
    return status;
}

/* Rows of one region and condition, from blocks or trials. */
static int condition_rows(struct job *j, size_t region, size_t condition, bool trials, struct nvc_error *err)
{
    static const char *const index[2][NVC_HAB_EFFECTS] = {
        { "habituation", "habituation_log", "habituation_quadratic", "psc_first", "psc_last", NULL, "psc_odd", "psc_even", NULL, NULL },
        { "habituation_trial", "habituation_trial_log", "habituation_trial_quadratic", "psc_first_trial", "psc_last_trial", NULL, "psc_odd_trial",
          "psc_even_trial", NULL, NULL } };
    static const char *const unit[2][NVC_HAB_EFFECTS] = { { "%/block", "%/ln(block)", "%/block2", "%", "%", NULL, "%", "%", NULL, NULL },
                                                          { "%/trial", "%/ln(trial)", "%/trial2", "%", "%", NULL, "%", "%", NULL, NULL } };
    const struct nvc_series *s = &j->run.series;
    const struct nvc_region_facts *facts = s->regions + region;
    const bool second = trials && has_blocks(j, condition); /* says the same once more */
    struct nvc_coupling_row row = { .participant_id = s->who.participant_id, .session = s->who.session, .task = s->who.task, .run = s->who.run,
                                    .space = s->who.space, .atlas = facts->atlas, .region = facts->region, .side = facts->side,
                                    .class_name = "bold-response", .contrast = j->run.events.conditions[condition],
                                    .noise = nvc_noise_names[noises[j->o->noise]], .n_vox = facts->n_vox,
                                    .coverage = facts->coverage, .tsnr = facts->tsnr, .mean_fd_mm = NAN };
    struct effects e;
    int status = 0;
    collect(j, region, condition, trials, &e);
    for (int effect = 0; effect < NVC_HAB_EFFECTS && !status; effect++) {
        row.index = index[trials][effect], row.unit = unit[trials][effect];
        row.note = effect == NVC_HAB_QUADRATIC && isnan(e.value[effect]) ? "few_blocks" : effect >= NVC_HAB_LOG || second ? "derived" : "";
        if (row.index)
            status = add(&j->indices, row, &e, effect, err);
    }
    const struct nvc_decrement d = nvc_habituation_decrement(e.value[NVC_HAB_FIRST], e.variance[NVC_HAB_FIRST], e.value[NVC_HAB_LAST],
                                                             e.variance[NVC_HAB_LAST], e.variance[NVC_HAB_CHANGE], e.dof[NVC_HAB_FIRST]);
    if (!status)
        status = add_halves(j, row, condition, &e, trials, err);
    row.index = trials ? "habituation_trial_decrement" : "habituation_decrement", row.unit = "%";
    row.note = isnan(d.value) ? "weak_response" : "derived", row.dof = e.dof[NVC_HAB_FIRST];
    row.value = d.value, row.se = NAN, row.ci_low = d.ci_low, row.ci_high = d.ci_high;
    return status ? status : nvc_coupling_add(&j->indices, &row, err);
}

static int write_tables(struct job *j, struct nvc_error *err)
{
    struct nvc_text text = { 0 }, halves = { 0 };
    int status = nvc_coupling_write(&text, &j->indices, true, err);
    if (!status && j->o->halves && !(status = nvc_coupling_write(&halves, &j->halves, true, err)))
        status = task_run_output(&j->run, j->o->halves, &halves, nvc_coupling_columns, err);
    if (!status)
        status = task_run_output(&j->run, j->o->output, &text, nvc_coupling_columns, err);
    nvc_text_release(&text);
    nvc_text_release(&halves);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    const struct nvc_hrf canonical = { .kind = NVC_HRF_SPM, .n_functions = 1, .length_s = 32 };
    struct job j = { .o = options };
    nvc_blas_single_thread();
    int status = task_run_read(&j.run, &j.o->run, n_args ? args[0] : "-", &canonical, err);
    if (!status)
        status = fit(&j, err);
    const bool none = status == NVC_EDATA && j.o->where_possible;
    if (none) {
        nvc_warn("%s; no rows are written", err->text);
        status = 0;
    }
    for (size_t i = 0; i < j.run.series.n_regions && !status && !none; i++)
        for (size_t k = 0; k < j.run.events.n_conditions && !status; k++) {
            if (has_blocks(&j, k))
                status = condition_rows(&j, i, k, false, err);
            if (!status && has_trials(&j, k))
                status = condition_rows(&j, i, k, true, err);
        }
    if (!status)
        status = write_tables(&j, err);
    job_release(&j);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-habituation", .summary = "measure how a response changes over blocks and trials", .description = description,
    .args = args_table, .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references,
    .see_also = see_also, .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
