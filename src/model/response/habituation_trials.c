#include "model/response/habituation.h"

#include "base/memory.h"
#include "model/response/habituation_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool nvc_trial_kind_has(enum nvc_trial_kind kind, enum nvc_habituation_effect effect)
{
    switch (effect) {
    case NVC_HAB_LOG: return kind == NVC_TRIAL_LOGARITHM;
    case NVC_HAB_QUADRATIC: return kind == NVC_TRIAL_PARABOLA;
    case NVC_HAB_ODD: case NVC_HAB_EVEN: case NVC_HAB_DIFFERENCE: return kind == NVC_TRIAL_HALVES;
    default: return kind == NVC_TRIAL_LINE;
    }
}

enum { MOST_FUNCTIONS = 4 };
struct functions { /* of the number of a trial: heights of its event */
    size_t n;
    double mean[MOST_FUNCTIONS];
};

/* Function j of trial k: the mean response, then what changes; halves: level and line of the odd trials, then of the even. */
static double raw(enum nvc_trial_kind kind, size_t j, double k)
{
    switch (kind) {
    case NVC_TRIAL_LOGARITHM: return j ? log(k) : 1;
    case NVC_TRIAL_HALVES: return j % 2 ? k : 1;
    default: return pow(k, (double)j);
    }
}

static bool is_level(enum nvc_trial_kind kind, size_t j) { return kind == NVC_TRIAL_HALVES ? j % 2 == 0 : j == 0; }
static bool takes_part(enum nvc_trial_kind kind, size_t j, bool even) { return kind != NVC_TRIAL_HALVES || even == (j > 1); }

/* Trials of one condition and their numbers from 1; those of a half are `even`. */
struct trials { const struct nvc_events *e; size_t condition, n; const size_t *number; const bool *even; };

/* The means over the trials that a function is of: by number, so that one outside the run counts, too. */
static struct functions functions_of(enum nvc_trial_kind kind, const struct trials *t)
{
    struct functions f = { kind == NVC_TRIAL_HALVES ? 4 : kind == NVC_TRIAL_PARABOLA ? 3 : 2, { 0 } };
    for (size_t j = 0; j < f.n; j++) {
        double n = 0;
        for (size_t i = 0; i < t->e->n; i++)
            if (t->e->condition[i] == t->condition && t->number[i] < t->n && takes_part(kind, j, t->even && t->even[i]))
                f.mean[j] += raw(kind, j, (double)t->number[i] + 1), n++;
        f.mean[j] /= n;
    }
    return f;
}

/* Weights of the functions in units of the height of the regressor; middle: mean number of a trial. */
static void weigh(enum nvc_trial_kind kind, enum nvc_habituation_effect effect, double middle, double n_trials, double c[MOST_FUNCTIONS])
{
    if (!nvc_trial_kind_has(kind, effect))
        return;
    switch (effect) {
    case NVC_HAB_SLOPE: case NVC_HAB_LOG: c[1] = 1; break;
    case NVC_HAB_QUADRATIC: c[2] = 1; break;
    case NVC_HAB_FIRST: c[0] = 1, c[1] = 1 - middle; break;
    case NVC_HAB_LAST: c[0] = 1, c[1] = n_trials - middle; break;
    case NVC_HAB_CHANGE: c[1] = 1 - n_trials; break;
    case NVC_HAB_ODD: c[0] = 1; break;
    case NVC_HAB_EVEN: c[2] = 1; break;
    default: c[1] = 0.5, c[3] = -0.5; break;
    }
}

/* One trial once for each function of its number that is not 0. */
static int add_trial(struct nvc_events *out, const struct trials *t, size_t i, enum nvc_trial_kind kind, const struct functions *f,
                     struct nvc_error *err)
{
    int status = 0;
    for (size_t j = 0; j < f->n && !status; j++) {
        const double height = raw(kind, j, (double)t->number[i] + 1) - (is_level(kind, j) ? 0 : f->mean[j]);
        if (height != 0 && takes_part(kind, j, t->even && t->even[i]))
            status = nvc_events_add_part(out, t->e, i, height, nvc_sprintf(err, "%s@%zu", t->e->conditions[t->condition], j), err);
    }
    return status;
}

int nvc_habituation_trials(struct nvc_events *out, const struct nvc_events *e, enum nvc_trial_kind kind, const size_t *n_trials, const bool *even,
                           double begin_s, double end_s, struct nvc_error *err)
{
    struct nvc_in_time *order = nvc_array(e->n, sizeof *order, err);
    size_t *number = nvc_array(e->n, sizeof *number, err);
    int status = order && number ? nvc_events_init(out, NULL, err) : NVC_ESYS;
    for (size_t c = 0; c < e->n_conditions && !status; c++) {
        const bool few = n_trials[c] < NVC_TRIAL_FEWEST;
        (void)nvc_number_blocks(e, c, -INFINITY, end_s, order, number);
        const struct trials t = { e, c, n_trials[c], number, kind == NVC_TRIAL_HALVES ? even : NULL };
        const struct functions f = functions_of(kind, &t);
        for (size_t i = 0; i < e->n && !status; i++)
            if (e->condition[i] == c && few)
                status = nvc_events_add_part(out, e, i, 1, nvc_strdup(e->conditions[c], err), err);
            else if (e->condition[i] == c && e->onset_s[i] >= begin_s && e->onset_s[i] < end_s)
                status = add_trial(out, &t, i, kind, &f, err);
    }
    status = status ? status : nvc_events_finish(out, err);
    free(order);
    free(number);
    return status;
}

int nvc_trial_weights(const struct nvc_design *d, const char *condition, enum nvc_trial_kind kind, size_t n_trials, double *C, struct nvc_error *err)
{
    const double n = (double)n_trials, middle = (n + 1) / 2;
    memset(C, 0, d->n_cols * NVC_HAB_EFFECTS * sizeof *C);
    for (size_t j = 0; j < (kind == NVC_TRIAL_HALVES ? 4 : kind == NVC_TRIAL_PARABOLA ? 3 : 2); j++) {
        char *name = nvc_sprintf(err, "%s@%zu", condition, j);
        if (!name)
            return NVC_ESYS;
        const long at = nvc_design_column(d, name);
        free(name);
        if (at < 0)
            return nvc_fail(err, NVC_EDATA, "condition '%s': too few trials inside the run for a line%s", condition,
                            kind == NVC_TRIAL_HALVES ? " over each half of them" : "");
        for (int effect = 0; effect < NVC_HAB_EFFECTS; effect++) {
            double c[MOST_FUNCTIONS] = { 0 };
            weigh(kind, (enum nvc_habituation_effect)effect, middle, n, c);
            C[(size_t)at + d->n_cols * (size_t)effect] = c[j] * d->columns[at].h_ref;
        }
    }
    return 0;
}
