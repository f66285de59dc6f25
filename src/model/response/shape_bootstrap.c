/* Intervals from resampled series. */
#include "model/response/shape_internal.h"

#include "base/memory.h"
#include "math/random.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

void nvc_shape_draw(const struct nvc_curve_shape *c, double height, double *draw)
{
    const double found[NVC_DRAWS] = { c->ttp_s, c->fwhm_s, height, c->onset_s, c->undershoot, c->undershoot_s,
                                      c->auc_positive + c->auc_negative };
    for (size_t k = 0; k < NVC_DRAWS; k++)
        draw[k] = found[k];
}

/* Percentiles of what is defined; none where a twentieth of the replicates is not. */
static struct nvc_interval percentiles(const double *draws, size_t n, double *work)
{
    size_t good = 0;
    for (size_t b = 0; b < n; b++)
        if (!isnan(draws[NVC_DRAWS * b]))
            work[good++] = draws[NVC_DRAWS * b];
    if (good < 20 || 20 * good < 19 * n)
        return (struct nvc_interval){ NAN, NAN };
    gsl_sort(work, 1, good);
    return (struct nvc_interval){ gsl_stats_quantile_from_sorted_data(work, 1, good, 0.025),
                                  gsl_stats_quantile_from_sorted_data(work, 1, good, 0.975) };
}

void nvc_shape_use_draws(double *draws, size_t n, unsigned which, struct nvc_shape_fit *fit, double *work)
{
    struct nvc_interval *const to[NVC_DRAWS] = { &fit->ttp_ci_s, &fit->fwhm_ci_s, &fit->height_ci, &fit->onset_ci_s, &fit->undershoot_ci,
                                                 &fit->undershoot_time_ci_s, &fit->auc_ci };
    for (size_t k = 0; k < NVC_DRAWS; k++)
        if (which >> k & 1)
            *to[k] = percentiles(draws + k, n, work);
}

/* The nuisance lies across every column of the family: what the drawn residuals hold of it does not matter. */
int nvc_shape_resample(const struct nvc_shape *s, const struct nvc_shape_work *w, const struct nvc_shape_bootstrap *how,
                       struct nvc_shape_fit *fit, struct nvc_error *err)
{
    const size_t B = how->replicates < 20 ? 0 : (size_t)how->replicates, n = s->n;
    struct nvc_shape_work *again = nvc_array(1, sizeof *again, err);
    double *draws = nvc_array(B * (NVC_DRAWS + 1) + 4 * n, sizeof *draws, err);
    int status = again && draws ? 0 : NVC_ESYS;
    if (!status && B > 0) {
        double *residual = draws + B * (NVC_DRAWS + 1), inflate = sqrt((double)n / fit->dof);
        again->z = residual + n, again->x = again->z + n, again->u = again->x + n;
        for (size_t t = 0; t < n; t++)
            residual[t] = inflate * (w->z[t] - fit->amplitude * w->x[t]);
        for (size_t b = 0; b < B; b++) {
            struct nvc_rng rng;
            struct nvc_shape_fit one;
            nvc_rng_init(&rng, how->seed, how->stream * 1000003 + b);
            for (size_t t = 0; t < n; t++)
                again->z[t] = fit->amplitude * w->x[t] + residual[nvc_rng_below(&rng, n)];
            nvc_shape_locate(s, again, &one);
            nvc_shape_draw(&one.curve, one.height, draws + NVC_DRAWS * b);
        }
        nvc_shape_use_draws(draws, B, how->all ? NVC_DRAWS_SHAPE : NVC_DRAWS_NO_PROFILE, fit, draws + B * NVC_DRAWS);
    }
    free(again);
    free(draws);
    return status;
}
