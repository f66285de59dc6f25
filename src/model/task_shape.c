#include "model/task_shape.h"

#include "base/memory.h"
#include "math/lsq.h"
#include "model/ar_debias.h"

#include <stdlib.h>
#include <string.h>

static int noise_of(const struct nvc_design *d, const double *y, double *ar, struct nvc_error *err)
{
    struct nvc_lsq f = { 0 };
    struct nvc_ar_debias table;
    double *beta = nvc_array(d->n_cols + d->n_rows, sizeof *beta, err);
    int status = beta ? nvc_lsq_init(&f, d->X, d->n_rows, d->n_cols, err) : NVC_ESYS;
    if (!status && f.rank < d->n_cols)
        status = nvc_fail(err, NVC_EDATA, "the design is rank-deficient (%zu of %zu columns): leave out confounds", f.rank, d->n_cols);
    if (!status) {
        nvc_lsq_solve(&f, y, beta, beta + d->n_cols);
        status = nvc_ar_debias_init(&table, f.Q, d->n_rows, d->n_cols, err);
    }
    if (!status)
        *ar = nvc_ar_debias_estimate(&table, beta + d->n_cols, d->n_rows);
    nvc_lsq_release(&f);
    free(beta);
    return status;
}

/* Events of one condition, and the design without it. */
static int fit_condition(const struct nvc_task_shape_run *r, size_t condition, const double *y, double ar, struct nvc_shape_fit *fit,
                         struct nvc_error *err)
{
    const struct nvc_design *d = r->design;
    const struct nvc_events *e = r->events;
    double *onset = nvc_array(2 * e->n + d->n_rows * d->n_cols, sizeof *onset, err), *duration = onset ? onset + e->n : NULL;
    struct nvc_shape *s = NULL;
    if (!onset)
        return NVC_ESYS;
    struct nvc_shape_problem p = { .n = d->n_rows, .time_s = r->time_s, .onset_s = onset, .duration_s = duration,
                                   .nuisance = duration + e->n, .event_duration_s = r->durations_s[condition], .ar = ar };
    for (size_t i = 0; i < e->n; i++)
        if (e->condition[i] == condition) {
            onset[p.n_events] = e->onset_s[i];
            duration[p.n_events++] = e->duration_s[i];
        }
    for (size_t k = 0; k < d->n_cols; k++) {
        const char *own = d->columns[k].role == NVC_ROLE_TASK ? d->columns[k].condition : NULL;
        if (!own || strcmp(own, e->conditions[condition]))
            memcpy(duration + e->n + d->n_rows * p.n_nuisance++, d->X + d->n_rows * k, d->n_rows * sizeof *d->X);
    }
    int status = nvc_shape_new(&s, r->family, &p, err);
    if (!status)
        status = nvc_shape_estimate(s, y, NULL, fit, NULL, err);
    nvc_shape_free(s);
    free(onset);
    return status ? nvc_fail_in(err, "condition '%s'", e->conditions[condition]) : 0;
}

int nvc_task_shape(const struct nvc_task_shape_run *r, const double *y, struct nvc_shape_fit *fits, double *ar, struct nvc_error *err)
{
    int status = noise_of(r->design, y, ar, err);
    for (size_t k = 0; k < r->events->n_conditions && !status; k++)
        status = fit_condition(r, k, y, *ar, fits + k, err);
    return status;
}
