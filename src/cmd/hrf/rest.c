#include "base/memory.h"
#include "cmd/hrf/job.h"
#include "table/hrf.h"

#include <stdlib.h>

static int width_region(struct hrf_job *j, size_t region, struct nvc_error *err)
{
    const enum nvc_width_method how = j->method == HRF_SPECTRAL ? NVC_WIDTH_SPECTRAL : NVC_WIDTH_SPARSE;
    const bool both = j->o->method == HRF_AUTO && j->o->bootstrap >= 20;
    struct nvc_width w, other;
    int status = nvc_width_estimate(j->width, how, j->clean, region, &w, err);
    if (!status && both)
        status = nvc_width_estimate(j->width, NVC_WIDTH_SPECTRAL, j->clean, region, &other, err);
    return status ? status : nvc_width_indices(&j->indices, &j->run.series, region, how, &w, both ? &other : NULL, err);
}

static int point_process_region(struct hrf_job *j, size_t region, struct nvc_error *err)
{
    const struct nvc_region_facts *facts = j->run.series.regions + region;
    struct nvc_rest_hrf h;
    int status = nvc_rest_fit(j->rest, j->clean, &h, err);
    if (status)
        return status;
    const struct nvc_hrf_samples curve = { h.n_samples, h.dt_s, h.hrf, NULL, NULL };
    if (!(status = nvc_rest_indices(&j->indices, &j->run.series, region, &h, err)) &&
        !(status = nvc_hrf_curve_rows(&j->curves, facts, "rest", &curve, err)))
        status = nvc_lag_rows(&j->lags, facts, &h, err);
    nvc_rest_hrf_release(&h);
    return status;
}

int hrf_rest_region(struct hrf_job *j, size_t region, struct nvc_error *err)
{
    double *beta = nvc_array(j->run.design.n_cols, sizeof *beta, err);
    if (!beta)
        return NVC_ESYS;
    nvc_lsq_solve(&j->nuisance, j->y, beta, j->clean);
    free(beta);
    return (j->method == HRF_POINT_PROCESS ? point_process_region : width_region)(j, region, err);
}

/* A censored volume has a column of its own. */
static int list_kept(struct hrf_job *j, struct nvc_error *err)
{
    const struct nvc_design *d = &j->run.design;
    if (!(j->keep = nvc_array(d->n_rows, sizeof *j->keep, err)))
        return NVC_ESYS;
    for (size_t t = 0; t < d->n_rows; t++) {
        j->keep[t] = true;
        for (size_t k = 0; k < d->n_cols; k++)
            j->keep[t] &= d->columns[k].role != NVC_ROLE_CENSOR || d->X[t + d->n_rows * k] == 0;
    }
    return 0;
}

int hrf_rest_prepare(struct hrf_job *j, struct nvc_error *err)
{
    const struct hrf_options *o = j->o;
    const size_t n = j->run.series.n_volumes;
    int status = (j->clean = nvc_array(n, sizeof *j->clean, err)) ? 0 : NVC_ESYS;
    if (!status)
        status = nvc_lsq_init(&j->nuisance, j->run.design.X, n, j->run.design.n_cols, err);
    if (status)
        return status;
    if (j->method != HRF_POINT_PROCESS) {
        struct nvc_width_spec spec = nvc_width_defaults(j->run.series.tr_s);
        spec.bootstrap = o->bootstrap, spec.seed = (uint64_t)o->seed;
        return nvc_width_new(&j->width, n, &spec, err);
    }
    struct nvc_rest_spec spec = nvc_rest_defaults(j->run.series.tr_s);
    if ((status = list_kept(j, err)))
        return status;
    spec.keep = j->keep;
    spec.basis = (enum nvc_rest_basis)o->basis, spec.microtime = o->microtime, spec.ar_order = o->ar_order;
    spec.threshold_sd = o->threshold_sd, spec.min_onset_s = o->min_lag_s, spec.max_onset_s = o->max_lag_s;
    spec.low_hz = o->low_hz, spec.high_hz = o->high_hz, spec.compat = o->compat;
    return nvc_rest_new(&j->rest, n, &spec, err);
}
