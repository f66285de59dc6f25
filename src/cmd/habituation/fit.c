/* The models of blocks and trials, every one with the effects of all conditions and contrasts. */
#include "base/memory.h"
#include "cli/message.h"
#include "cmd/habituation/job.h"
#include "math/lsq.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int habituation_pass(const struct habituation_job *j, int status, const char *what, struct nvc_error *err)
{
    if (status != NVC_EDATA)
        return status;
    if (!j->o->where_possible)
        return nvc_fail_in(err, "%s", what);
    nvc_warn("%s: %s; left out", what, err->text);
    return 0;
}

/* Trials that are not the blocks over again. */
static bool has_trials(const struct habituation_job *j, size_t condition)
{
    const size_t n = j->n_trials[condition];
    return n >= NVC_TRIAL_FEWEST && (n != j->n_blocks[condition] || !j->glm[HAB_BLOCKS]);
}

bool habituation_has(const struct habituation_job *j, size_t item, bool trials)
{
    const double *w = j->items[item].C;
    bool has = j->glm[trials ? HAB_TRIALS : HAB_BLOCKS] != NULL;
    for (size_t k = 0; k < j->run.events.n_conditions; k++)
        if (w[k] != 0)
            has = has && (trials ? has_trials(j, k) : j->n_blocks[k] > 1);
    return has;
}

size_t habituation_count(const struct habituation_job *j, size_t item, bool trials)
{
    const size_t *n = trials ? j->n_trials : j->n_blocks;
    size_t least = SIZE_MAX;
    for (size_t k = 0; k < j->run.events.n_conditions; k++)
        if (j->items[item].C[k] != 0 && n[k] < least)
            least = n[k];
    return least;
}

/* Weights of the items from those of the conditions. */
static double *weigh_items(const struct habituation_job *j, const double *C, size_t m, struct nvc_error *err)
{
    double *W = nvc_array(m * NVC_HAB_EFFECTS * j->n_items, sizeof *W, err);
    for (size_t i = 0; W && i < j->n_items; i++)
        for (size_t k = 0; k < j->run.events.n_conditions; k++)
            for (size_t at = 0; at < m * NVC_HAB_EFFECTS && j->items[i].C[k] != 0; at++)
                W[m * NVC_HAB_EFFECTS * i + at] += j->items[i].C[k] * C[m * NVC_HAB_EFFECTS * k + at];
    return W;
}

/* Of full rank and well conditioned; names the columns that are not. */
static int check_rank(const struct nvc_design *d, struct nvc_error *err)
{
    struct nvc_lsq f = { 0 };
    const char **names = nvc_array(d->n_cols, sizeof *names, err);
    int status = names ? nvc_lsq_init(&f, d->X, d->n_rows, d->n_cols, err) : NVC_ESYS;
    for (size_t k = 0; k < d->n_cols && !status; k++)
        names[k] = d->columns[k].name;
    status = status ? status : nvc_lsq_require(&f, 1e6, names, err);
    nvc_lsq_release(&f);
    free(names);
    return status;
}

/* A model, and its fit to all regions.  C: effects of the conditions. */
static int fit_way(struct habituation_job *j, int way, const struct nvc_design *d, const double *C, struct nvc_error *err)
{
    const struct nvc_series *s = &j->run.series;
    const struct nvc_glm_columns columns = { s->Y + d->n_dummy, d->n_rows, s->n_volumes };
    const struct nvc_glm_source source = { nvc_glm_load_columns, &columns };
    struct nvc_glm_spec spec = { .X = d->X, .n = d->n_rows, .m = d->n_cols, .n_effects = NVC_HAB_EFFECTS * j->n_items,
                                 .noise = (enum nvc_noise)j->o->noise };
    double *W = weigh_items(j, C, d->n_cols, err);
    bool *drift = nvc_array(d->n_cols, sizeof *drift, err), *task = nvc_array(d->n_cols, sizeof *task, err);
    int status = W && drift && task ? check_rank(d, err) : NVC_ESYS;
    for (size_t k = 0; k < d->n_cols && !status; k++)
        drift[k] = d->columns[k].role == NVC_ROLE_DRIFT, task[k] = d->columns[k].role == NVC_ROLE_TASK;
    spec.C = W, spec.high_pass = drift, spec.interest = task;
    if (!status && !(status = nvc_glm_new(&j->glm[way], &spec, err)) && !(status = nvc_glm_fit_init(&j->fit[way], j->glm[way], s->n_regions, err)))
        status = nvc_glm_run(j->glm[way], &source, &j->fit[way], j->o->threads, err);
    if (status) {
        nvc_glm_fit_release(&j->fit[way]);
        nvc_glm_free(j->glm[way]);
        j->glm[way] = NULL;
    }
    free(W);
    free(drift);
    free(task);
    return status;
}

/* Events that can be seen in the run; the others would be columns of nothing. */
static int keep_inside(struct nvc_events *e, double begin_s, double end_s, double reach_s, struct nvc_error *err)
{
    struct nvc_events inside;
    int status = nvc_events_init(&inside, NULL, err);
    for (size_t i = 0; i < e->n && !status; i++)
        if (e->onset_s[i] < end_s && e->onset_s[i] + e->duration_s[i] + reach_s > begin_s)
            status = nvc_events_add(&inside, &(struct nvc_event){ e->onset_s[i], e->duration_s[i], e->weight[i],
                                                                  e->conditions[e->condition[i]], NULL }, err);
    status = status ? status : nvc_events_finish(&inside, err);
    nvc_events_release(e);
    *e = inside;
    return status;
}

/* A condition of which a block lies outside the run has no blocks. */
static int weigh_blocks(struct habituation_job *j, const struct nvc_design *d, double *C, bool *any, struct nvc_error *err)
{
    int status = 0;
    for (size_t k = 0; k < j->run.events.n_conditions && !status; k++) {
        if (j->n_blocks[k] < 2)
            continue;
        double *own = C + d->n_cols * NVC_HAB_EFFECTS * k;
        status = nvc_habituation_weights(d, j->run.events.conditions[k], j->n_blocks[k], own, err);
        if (status == NVC_EDATA && j->o->where_possible) {
            memset(own, 0, d->n_cols * NVC_HAB_EFFECTS * sizeof *own);
            j->n_blocks[k] = 0;
            status = habituation_pass(j, status, "blocks", err);
        } else
            *any = true;
    }
    return status;
}

static double begin_of(const struct habituation_job *j) { return (double)j->run.spec.n_dummy * j->run.series.tr_s; }

static int fit_blocks(struct habituation_job *j, struct nvc_error *err)
{
    const struct nvc_events *e = &j->run.events;
    struct nvc_events parts = { 0 };
    struct nvc_design d = { 0 };
    double *C = NULL;
    bool any = false;
    int status = nvc_habituation_blocks(&parts, &j->n_blocks, e, j->o->block_gap_s, j->end_s, err);
    if (!status && !(status = keep_inside(&parts, begin_of(j), j->end_s, j->hrf.length_s, err)))
        status = task_run_design(&d, &j->run, &parts, err);
    if (!status && !(C = nvc_array(d.n_cols * NVC_HAB_EFFECTS * e->n_conditions, sizeof *C, err)))
        status = NVC_ESYS;
    if (!status && !(status = weigh_blocks(j, &d, C, &any, err)) && any)
        status = fit_way(j, HAB_BLOCKS, &d, C, err);
    nvc_events_release(&parts);
    nvc_design_release(&d);
    free(C);
    return status;
}

static int fit_trials(struct habituation_job *j, enum nvc_trial_kind kind, struct nvc_error *err)
{
    const struct nvc_events *e = &j->run.events;
    struct nvc_events parts = { 0 };
    struct nvc_design d = { 0 };
    double *C = NULL;
    int status = nvc_habituation_trials(&parts, e, kind, j->n_trials, j->even, begin_of(j), j->end_s, err);
    if (!status)
        status = task_run_design(&d, &j->run, &parts, err);
    if (!status && !(C = nvc_array(d.n_cols * NVC_HAB_EFFECTS * e->n_conditions, sizeof *C, err)))
        status = NVC_ESYS;
    for (size_t k = 0; k < e->n_conditions && !status; k++)
        if (j->n_trials[k] >= NVC_TRIAL_FEWEST)
            status = nvc_trial_weights(&d, e->conditions[k], kind, j->n_trials[k], C + d.n_cols * NVC_HAB_EFFECTS * k, err);
    if (!status)
        status = fit_way(j, HAB_TRIALS + (int)kind, &d, C, err);
    nvc_events_release(&parts);
    nvc_design_release(&d);
    free(C);
    return status;
}

int habituation_fit(struct habituation_job *j, struct nvc_error *err)
{
    static const char *const what[NVC_TRIAL_KINDS] = { "line over the trials", "logarithm over the trials", "parabola over the trials",
                                                       "slopes over both halves of the trials" };
    struct nvc_events single = { 0 };
    bool any = false;
    int status = habituation_pass(j, fit_blocks(j, err), "blocks", err);
    if (!status)
        status = nvc_habituation_blocks(&single, &j->n_trials, &j->run.events, -INFINITY, j->end_s, err);
    nvc_events_release(&single);
    for (size_t k = 0; k < j->run.events.n_conditions && !status; k++)
        any |= has_trials(j, k);
    for (int kind = 0; kind < NVC_TRIAL_KINDS && any && !status; kind++) {
        if ((status = fit_trials(j, (enum nvc_trial_kind)kind, err)) == NVC_EDATA && kind == NVC_TRIAL_HALVES) {
            nvc_warn("%s: %s; not given", what[kind], err->text);
            status = 0;
        } else
            status = habituation_pass(j, status, what[kind], err);
    }
    if (!status && !j->glm[HAB_BLOCKS] && !j->glm[HAB_TRIALS] && !j->o->where_possible)
        status = nvc_fail(err, NVC_EDATA, "%s: no condition has two blocks parted by more than %g s, or %d trials", j->o->run.events,
                          j->o->block_gap_s, NVC_TRIAL_FEWEST);
    return status;
}
