#include "model/response/habituation.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool nvc_trial_kind_has(enum nvc_trial_kind kind, enum nvc_habituation_effect effect)
{
    switch (effect) {
    case NVC_HAB_LOG: return kind == NVC_TRIAL_LOGARITHM;
    case NVC_HAB_QUADRATIC: return kind == NVC_TRIAL_PARABOLA;
    case NVC_HAB_ODD: case NVC_HAB_EVEN: case NVC_HAB_ODD_SLOPE: case NVC_HAB_EVEN_SLOPE: return kind == NVC_TRIAL_HALVES;
    default: return kind == NVC_TRIAL_LINE;
    }
}

enum { MOST_FUNCTIONS = 4 };
struct functions { /* of the number k = 1 .. T of a trial that multiply its column */
    size_t n;
    double mean[MOST_FUNCTIONS];
};

/* Function j of trial k: the mean response, then what changes; halves: mean and line of the odd trials, then of the even. */
static double raw(enum nvc_trial_kind kind, size_t j, double k)
{
    const bool odd = fmod(k, 2) == 1;
    switch (kind) {
    case NVC_TRIAL_LOGARITHM: return j ? log(k) : 1;
    case NVC_TRIAL_HALVES: return odd == (j < 2) ? j % 2 ? k : 1 : 0;
    default: return pow(k, (double)j);
    }
}

static bool takes_part(enum nvc_trial_kind kind, size_t j, double k) { return kind != NVC_TRIAL_HALVES || (fmod(k, 2) == 1) == (j < 2); }

/* Centred over the trials it is of; the mean response is not. */
static double value(const struct functions *f, enum nvc_trial_kind kind, size_t j, double k)
{
    const bool level = kind == NVC_TRIAL_HALVES ? j % 2 == 0 : j == 0;
    return !takes_part(kind, j, k) ? 0 : raw(kind, j, k) - (level ? 0 : f->mean[j]);
}

static struct functions functions_of(enum nvc_trial_kind kind, size_t n_trials)
{
    struct functions f = { kind == NVC_TRIAL_HALVES ? 4 : kind == NVC_TRIAL_PARABOLA ? 3 : 2, { 0 } };
    for (size_t j = 0; j < f.n; j++) {
        double n = 0;
        for (size_t k = 1; k <= n_trials; k++)
            if (takes_part(kind, j, (double)k))
                f.mean[j] += raw(kind, j, (double)k), n++;
        f.mean[j] /= n;
    }
    return f;
}

/* Weights of the functions (from column `at` of C) for one effect, in units of the height h of the regressor. */
static void weigh(enum nvc_trial_kind kind, enum nvc_habituation_effect effect, const struct functions *f, double n_trials, double h, double *c)
{
    if (!nvc_trial_kind_has(kind, effect))
        return;
    switch (effect) {
    case NVC_HAB_SLOPE: case NVC_HAB_LOG: c[1] = h; break;
    case NVC_HAB_QUADRATIC: c[2] = h; break;
    case NVC_HAB_FIRST: c[0] = h, c[1] = h * (1 - f->mean[1]); break;
    case NVC_HAB_LAST: c[0] = h, c[1] = h * (n_trials - f->mean[1]); break;
    case NVC_HAB_CHANGE: c[1] = h * (1 - n_trials); break;
    case NVC_HAB_ODD: c[0] = h; break;
    case NVC_HAB_ODD_SLOPE: c[1] = h; break;
    case NVC_HAB_EVEN: c[2] = h; break;
    default: c[3] = h; break;
    }
}

/* The columns of one condition put together behind column m->m. */
static int add_condition(struct nvc_trial_model *m, enum nvc_trial_kind kind, const struct nvc_design *d, const char *condition, size_t n_trials,
                         double *C, size_t most, struct nvc_error *err)
{
    const struct functions f = functions_of(kind, n_trials);
    double height = 0, found = 0;
    for (size_t k = 1; k <= n_trials; k++) {
        char *name = nvc_sprintf(err, "%s@%02zu", condition, k);
        if (!name)
            return NVC_ESYS;
        const long at = nvc_design_column(d, name);
        free(name);
        if (at < 0)
            continue;
        height += d->columns[at].h_ref, found++;
        for (size_t j = 0; j < f.n; j++)
            for (size_t t = 0; t < m->n; t++)
                m->X[t + m->n * (m->m + j)] += value(&f, kind, j, (double)k) * d->X[t + m->n * (size_t)at];
    }
    if (found < NVC_TRIAL_FEWEST)
        return nvc_fail(err, NVC_EDATA, "condition '%s' has %g trials inside the run (need %d)", condition, found, NVC_TRIAL_FEWEST);
    for (int effect = 0; effect < NVC_HAB_EFFECTS; effect++)
        weigh(kind, (enum nvc_habituation_effect)effect, &f, (double)n_trials, height / found, C + most * (size_t)effect + m->m);
    m->m += f.n;
    return 0;
}

/* Whether a column belongs to a condition that is put together. */
static bool of_trials(const struct nvc_regressor *column, const struct nvc_events *e, const size_t *n_trials)
{
    for (size_t k = 0; k < e->n_conditions; k++) {
        const size_t length = strlen(e->conditions[k]);
        if (n_trials[k] >= NVC_TRIAL_FEWEST && column->role == NVC_ROLE_TASK && !strncmp(column->name, e->conditions[k], length) &&
            column->name[length] == '@')
            return true;
    }
    return false;
}

int nvc_trial_model_init(struct nvc_trial_model *m, enum nvc_trial_kind kind, const struct nvc_design *d, const struct nvc_events *e,
                         const size_t *n_trials, struct nvc_error *err)
{
    const size_t most = d->n_cols + MOST_FUNCTIONS * e->n_conditions, n_effects = NVC_HAB_EFFECTS * e->n_conditions;
    double *C = nvc_array(most * n_effects, sizeof *C, err);
    *m = (struct nvc_trial_model){ .n = d->n_rows };
    int status = C && (m->X = nvc_array(m->n * most, sizeof *m->X, err)) ? 0 : NVC_ESYS;
    for (size_t j = 0; j < d->n_cols && !status; j++)
        if (!of_trials(d->columns + j, e, n_trials))
            memcpy(m->X + m->n * m->m++, d->X + m->n * j, m->n * sizeof *d->X);
    for (size_t k = 0; k < e->n_conditions && !status; k++)
        if (n_trials[k] >= NVC_TRIAL_FEWEST)
            status = add_condition(m, kind, d, e->conditions[k], n_trials[k], C + most * NVC_HAB_EFFECTS * k, most, err);
    if (!status && !(m->C = nvc_array(m->m * n_effects, sizeof *m->C, err)))
        status = NVC_ESYS;
    for (size_t k = 0; k < n_effects && !status; k++)
        memcpy(m->C + m->m * k, C + most * k, m->m * sizeof *C);
    free(C);
    if (status)
        nvc_trial_model_release(m);
    return status;
}

void nvc_trial_model_release(struct nvc_trial_model *m)
{
    free(m->X);
    free(m->C);
    *m = (struct nvc_trial_model){ 0 };
}
