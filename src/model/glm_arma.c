/* Which pairs of the grid speak for a series, and what they say together. */
#include "model/glm_internal.h"

#include <math.h>

/* Posterior weights of the pairs.  Returns the pair of most weight. */
static size_t weigh(const struct nvc_glm *g, const double *objective, double *weight)
{
    size_t best = 0;
    double sum = 0;
    for (size_t k = 0; k < g->n_pairs; k++)
        if (objective[k] < objective[best])
            best = k;
    for (size_t k = 0; k < g->n_pairs; k++) {
        double lag = objective[best] - objective[k];
        weight[k] = lag > -70 ? exp(lag / 2) : 0;
        sum += weight[k];
    }
    for (size_t k = 0; k < g->n_pairs; k++)
        weight[k] /= sum;
    return best;
}

struct lane {
    const struct nvc_glm *g;
    struct nvc_glm_work *w;
    size_t lane, in_vector, v;
    double spread; /* by what the variance of a posterior t exceeds that of a normal */
};

static double effect_at(const struct lane *l, size_t pair, size_t k, double ols)
{
    return ols + nvc_arma_shift(l->g->arma, l->w->arma, l->in_vector, pair, k);
}

static double sigma2_at(const struct lane *l, size_t pair)
{
    return nvc_arma_rss(l->w->arma, l->in_vector, pair) / l->g->sigma_dof;
}

static double ols_effect(const struct lane *l, size_t k)
{
    double sum = 0;
    for (size_t j = 0; j < l->g->m; j++)
        sum += l->g->H[k * l->g->m + j] * l->w->theta[j * NVC_LANES + l->lane];
    return sum;
}

/* Mean, variance and two-sided p of effect k over the pairs. */
static void average_effect(const struct lane *l, struct nvc_glm_fit *fit, size_t k)
{
    const struct nvc_glm *g = l->g;
    const double *weight = l->w->weight;
    double ols = ols_effect(l, k), effect = 0, variance = 0, upper = 0, lower = 0;
    for (size_t pair = 0; pair < g->n_pairs; pair++)
        if (weight[pair] > 0)
            effect += weight[pair] * effect_at(l, pair, k, ols);
    for (size_t pair = 0; pair < g->n_pairs; pair++) {
        if (!(weight[pair] > 1e-12))
            continue;
        double beta = effect_at(l, pair, k, ols), v = sigma2_at(l, pair) * nvc_arma_variance(g->arma, pair, k);
        double tail = nvc_tail_p(&g->t_tail, fabs(beta) / sqrt(v)) / 2;
        variance += weight[pair] * (l->spread * v + (beta - effect) * (beta - effect));
        upper += weight[pair] * (beta > 0 ? tail : 1 - tail);
        lower += weight[pair] * (beta > 0 ? 1 - tail : tail);
    }
    size_t at = k * fit->n_vox + l->v;
    fit->effect[at] = effect;
    fit->variance[at] = variance;
    fit->p[at] = fmin(1, 2 * fmin(upper, lower));
}

/* F from the averaged effects and their covariance; p averaged. */
static void average_test(const struct lane *l, struct nvc_glm_fit *fit, size_t k)
{
    const struct nvc_glm *g = l->g;
    const struct nvc_arma_test *test = &g->tests[k];
    size_t r = test->n_rows;
    double *C = l->w->test, *e = C + r * r, *here = e + r, *scratch = here + r, p = 0;
    for (size_t i = 0; i < r * r; i++)
        C[i] = 0;
    for (size_t i = 0; i < r; i++)
        e[i] = fit->effect[(test->first + i) * fit->n_vox + l->v];
    for (size_t pair = 0; pair < g->n_pairs; pair++) {
        double weight = l->w->weight[pair], sigma2 = sigma2_at(l, pair);
        if (!(weight > 1e-12))
            continue;
        const double *V = nvc_arma_test_covariance(g->arma, pair, k);
        for (size_t i = 0; i < r; i++)
            here[i] = effect_at(l, pair, test->first + i, ols_effect(l, test->first + i));
        p += weight * nvc_tail_p(&g->f_tails[k], sqrt(nvc_glm_quadratic(V, here, r, scratch) / sigma2 / (double)r));
        for (size_t i = 0; i < r; i++)
            for (size_t j = 0; j < r; j++)
                C[i * r + j] += weight * (l->spread * sigma2 * V[i * r + j] + (here[i] - e[i]) * (here[j] - e[j]));
    }
    fit->f[k * fit->n_vox + l->v] = nvc_glm_quadratic(C, e, r, scratch) / (double)r;
    fit->f_p[k * fit->n_vox + l->v] = p;
}

void nvc_glm_lane_arma(const struct nvc_glm *g, struct nvc_glm_work *w, struct nvc_glm_fit *fit, size_t lane, size_t v)
{
    struct lane l = { g, w, lane, lane % NVC_VECTOR, v, g->dof / (g->dof - 2) };
    const double *objective = nvc_arma_objective(g->arma, w->arma, l.in_vector);
    size_t best = weigh(g, objective, w->weight);
    fit->ar[v] = g->pairs[best].a;
    fit->ma[v] = g->pairs[best].b;
    fit->rss[v] = nvc_arma_rss(w->arma, l.in_vector, best) * nvc_arma_gain(g->pairs[best]);
    fit->sigma[v] = sqrt(fit->rss[v] / g->sigma_dof);
    fit->objective[v] = objective[best] + g->f.log_det;
    for (size_t k = 0; k < g->n_effects; k++)
        average_effect(&l, fit, k);
    for (size_t k = 0; k < g->n_tests; k++)
        average_test(&l, fit, k);
}
