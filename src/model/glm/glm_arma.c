/* ARMA(1,1): the grid is evaluated by vectors of series, and read off lane by lane. */
#include "model/glm/glm_internal.h"

#include <math.h>

/* OLS effects of the lanes of a vector. */
static void ols_effects(const struct nvc_glm *g, struct nvc_glm_work *w, size_t first)
{
    for (size_t k = 0; k < g->n_effects; k++)
        for (size_t lane = 0; lane < NVC_VECTOR; lane++) {
            double sum = 0;
            for (size_t j = 0; j < g->m; j++)
                sum += g->H[k * g->m + j] * w->theta[j * NVC_LANES + first + lane];
            w->ols[k * NVC_VECTOR + lane] = sum;
        }
}

static void read_lane(const struct nvc_glm *g, const struct nvc_glm_work *w, struct nvc_glm_fit *fit, size_t lane, size_t v)
{
    const struct nvc_arma_average *mean = &w->average;
    size_t best = mean->best[lane];
    fit->ar[v] = g->pairs[best].a;
    fit->ma[v] = g->pairs[best].b;
    fit->rss[v] = nvc_arma_rss(w->arma, lane, best) * nvc_arma_gain(g->pairs[best]);
    fit->sigma[v] = sqrt(fit->rss[v] / g->sigma_dof);
    fit->objective[v] = nvc_arma_objective(w->arma, lane, best) + g->f.log_det;
    for (size_t k = 0; k < g->n_effects; k++) {
        if (g->want[k] == NVC_WANT_AT_BEST)
            continue;
        fit->effect[k * fit->n_vox + v] = mean->effect[k * NVC_VECTOR + lane];
        fit->variance[k * fit->n_vox + v] = mean->variance[k * NVC_VECTOR + lane];
        if (g->want[k] == NVC_WANT_P)
            fit->p[k * fit->n_vox + v] = fmin(1, mean->p[k * NVC_VECTOR + lane]);
    }
    for (size_t k = 0; k < g->n_tests; k++) {
        fit->f[k * fit->n_vox + v] = mean->f[k * NVC_VECTOR + lane];
        fit->f_p[k * fit->n_vox + v] = fmin(1, mean->f_p[k * NVC_VECTOR + lane]);
    }
}

int nvc_glm_vector_arma(const struct nvc_glm *g, struct nvc_glm_work *w, struct nvc_glm_fit *fit, size_t first, size_t count,
                        size_t v, struct nvc_error *err)
{
    int status = 0;
    nvc_arma_evaluate(g->arma, w->arma, first);
    if (!g->bands) {
        ols_effects(g, w, first);
        nvc_arma_average(g->arma, w->arma, w->ols, &g->t_tail, g->f_tails, &w->average);
    }
    for (size_t lane = 0; lane < count && !status; lane++) {
        if (!(w->rss[first + lane] > 0))
            continue;
        if (!g->bands) {
            read_lane(g, w, fit, lane, v + lane);
            continue;
        }
        for (size_t k = 0; k < g->n_pairs; k++)
            w->objective[k] = nvc_arma_objective(w->arma, lane, k);
        status = nvc_glm_lane_banded(g, w, fit, first + lane, v + lane, nvc_arma_descend(g->pairs, g->n_pairs, w->objective), err);
    }
    return status;
}
