/* What the pairs of the grid say together, weighted by their posterior. */
#include "model/arma_internal.h"

#include "math/vec.h"

#include <math.h>

/* Pairs below `little` are only looked at where the tail is so thin that they may matter in it. */
static const double little = 1e-12, thin = 1e-5;

struct average {
    const struct nvc_arma *a;
    struct nvc_arma_work *w;
    const double *ols;
    const struct nvc_tail *t_tail, *f_tails;
    struct nvc_arma_average *out;
};

/* Posterior weights with a flat prior, and the pair of most weight. */
NVC_INLINE void weigh(const struct average *v)
{
    size_t n = v->a->n_pairs;
    const double *objective = v->w->objective;
    nvc_vec least = nvc_vec_at(objective), sum = { 0 };
    nvc_ivec best = { 0 };
    for (size_t g = 1; g < n; g++) {
        nvc_vec here = nvc_vec_at(objective + g * NVC_VECTOR);
        nvc_ivec better = here < least;
        least = nvc_vec_select(better, here, least);
        best = (best & ~better) | (better & (int64_t)g);
    }
    for (size_t g = 0; g < n; g++) {
        nvc_vec weight = nvc_vec_exp(0.5 * (least - nvc_vec_at(objective + g * NVC_VECTOR)));
        nvc_vec_put(v->w->weight + g * NVC_VECTOR, weight);
        sum += weight;
    }
    for (size_t g = 0; g < n; g++)
        nvc_vec_put(v->w->weight + g * NVC_VECTOR, nvc_vec_at(v->w->weight + g * NVC_VECTOR) / sum);
    for (int lane = 0; lane < NVC_VECTOR; lane++)
        v->out->best[lane] = (size_t)best[lane];
}

NVC_INLINE nvc_vec effect_at(const struct average *v, size_t g, size_t k)
{
    return nvc_vec_at(v->ols + k * NVC_VECTOR) + nvc_vec_at(v->w->shifts + (g * v->a->n_effects + k) * NVC_VECTOR);
}

NVC_INLINE nvc_vec sigma2_at(const struct average *v, size_t g)
{
    return nvc_vec_at(v->w->rss + g * NVC_VECTOR) / (double)(v->a->n - v->a->m);
}

/* Add the tails of effect k at the pairs whose weight `small` says. */
NVC_INLINE void add_tails(const struct average *v, size_t k, bool small, nvc_vec *upper, nvc_vec *lower)
{
    for (size_t g = 0; g < v->a->n_pairs; g++) {
        nvc_vec weight = nvc_vec_at(v->w->weight + g * NVC_VECTOR);
        nvc_ivec large = weight > little, wanted = large;
        if (small)
            wanted = ~large & (weight > 0.);
        if (!nvc_vec_any(wanted))
            continue;
        nvc_vec beta = effect_at(v, g, k), variance = sigma2_at(v, g) * v->a->at[g].variance[k];
        nvc_vec tail = 0.5 * nvc_vec_tail(v->t_tail, beta * beta / variance), share = nvc_vec_select(wanted, weight, weight - weight);
        *upper += share * nvc_vec_select(beta > 0., tail, 1. - tail);
        *lower += share * nvc_vec_select(beta > 0., 1. - tail, tail);
    }
}

NVC_INLINE void average_effect(const struct average *v, size_t k)
{
    nvc_vec effect = { 0 }, variance = { 0 }, upper = { 0 }, lower = { 0 };
    double dof = (double)(v->a->n - v->a->m), spread = dof / (dof - 2);
    for (size_t g = 0; g < v->a->n_pairs; g++)
        effect += nvc_vec_at(v->w->weight + g * NVC_VECTOR) * effect_at(v, g, k);
    for (size_t g = 0; g < v->a->n_pairs; g++) {
        nvc_vec off = effect_at(v, g, k) - effect;
        variance += nvc_vec_at(v->w->weight + g * NVC_VECTOR) * (spread * v->a->at[g].variance[k] * sigma2_at(v, g) + off * off);
    }
    nvc_vec_put(v->out->effect + k * NVC_VECTOR, effect);
    nvc_vec_put(v->out->variance + k * NVC_VECTOR, variance);
    if (v->a->want[k] < NVC_WANT_P)
        return;
    add_tails(v, k, false, &upper, &lower);
    nvc_vec p = nvc_vec_select(upper < lower, upper, lower);
    if (nvc_vec_any(p < thin)) {
        add_tails(v, k, true, &upper, &lower);
        p = nvc_vec_select(upper < lower, upper, lower);
    }
    nvc_vec_put(v->out->p + k * NVC_VECTOR, 2. * p);
}

/* F of test k at each pair into p; covariance of the averaged effects into C (lower triangle, by rows). */
NVC_INLINE void average_test(const struct average *v, size_t k, nvc_vec *C, nvc_vec *off)
{
    const struct nvc_arma_test *test = &v->a->tests[k];
    size_t r = test->n_rows;
    double dof = (double)(v->a->n - v->a->m), spread = dof / (dof - 2);
    nvc_vec p = { 0 };
    for (size_t i = 0; i < r * (r + 1) / 2; i++)
        C[i] = (nvc_vec){ 0 };
    for (size_t g = 0; g < v->a->n_pairs; g++) {
        nvc_vec weight = nvc_vec_at(v->w->weight + g * NVC_VECTOR), sigma2 = sigma2_at(v, g), square = { 0 };
        if (!nvc_vec_any(weight > little))
            continue;
        const double *half = v->a->at[g].halves[k], *covariance = v->a->at[g].tests[k];
        for (size_t i = 0; i < r; i++) {
            nvc_vec s = { 0 };
            for (size_t j = 0; j <= i; j++)
                s += half[i * r + j] * effect_at(v, g, test->first + j);
            square += s * s;
            off[i] = effect_at(v, g, test->first + i) - nvc_vec_at(v->out->effect + (test->first + i) * NVC_VECTOR);
        }
        p += weight * nvc_vec_tail(&v->f_tails[k], square / sigma2 / (double)r);
        for (size_t i = 0, at = 0; i < r; i++)
            for (size_t j = 0; j <= i; j++, at++)
                C[at] += weight * (spread * covariance[i * r + j] * sigma2 + off[i] * off[j]);
    }
    nvc_vec_put(v->out->f_p + k * NVC_VECTOR, p);
}

/* F of test k of one lane from the averaged effects e and their covariance C: solves with its Cholesky factor. */
static double averaged_f(const struct average *v, size_t k, size_t lane, const double *C, double *L)
{
    size_t r = v->a->tests[k].n_rows;
    double *x = L + r * r, f = 0;
    for (size_t i = 0, at = 0; i < r; i++) {
        double e = v->out->effect[(v->a->tests[k].first + i) * NVC_VECTOR + lane];
        for (size_t j = 0; j <= i; j++, at++) {
            double sum = C[at * NVC_VECTOR + lane];
            for (size_t q = 0; q < j; q++)
                sum -= L[i * r + q] * L[j * r + q];
            L[i * r + j] = i == j ? sqrt(sum) : sum / L[j * r + j];
        }
        for (size_t q = 0; q < i; q++)
            e -= L[i * r + q] * x[q];
        x[i] = e / L[i * r + i];
        f += x[i] * x[i];
    }
    return f / (double)r;
}

/* Test k at the pair of most weight alone. */
static void test_at_best(const struct average *v, size_t k, size_t lane)
{
    const struct nvc_arma_test *test = &v->a->tests[k];
    size_t g = v->out->best[lane], r = test->n_rows;
    const double *half = v->a->at[g].halves[k];
    double square = 0, sigma2 = v->w->rss[g * NVC_VECTOR + lane] / (double)(v->a->n - v->a->m);
    for (size_t i = 0; i < r; i++) {
        double s = 0;
        for (size_t j = 0; j <= i; j++)
            s += half[i * r + j] * (v->ols[(test->first + j) * NVC_VECTOR + lane] +
                                    v->w->shifts[(g * v->a->n_effects + test->first + j) * NVC_VECTOR + lane]);
        square += s * s;
    }
    v->out->f[k * NVC_VECTOR + lane] = square / sigma2 / (double)r;
    v->out->f_p[k * NVC_VECTOR + lane] = nvc_tail_p(&v->f_tails[k], v->out->f[k * NVC_VECTOR + lane]);
}

NVC_INLINE void average(const struct average *v)
{
    nvc_vec *C = (nvc_vec *)(void *)v->w->test;
    weigh(v);
    for (size_t k = 0; k < v->a->n_effects; k++)
        if (v->a->want[k] > NVC_WANT_AT_BEST)
            average_effect(v, k);
    for (size_t k = 0; k < v->a->n_tests; k++) {
        size_t r = v->a->tests[k].n_rows;
        if (!v->a->tests[k].at_best)
            average_test(v, k, C, C + r * (r + 1) / 2);
        for (size_t lane = 0; lane < NVC_VECTOR; lane++)
            if (v->a->tests[k].at_best)
                test_at_best(v, k, lane);
            else
                v->out->f[k * NVC_VECTOR + lane] =
                    averaged_f(v, k, lane, v->w->test, v->w->test + r * (r + 1) / 2 * NVC_VECTOR);
    }
}

NVC_KERNEL(average, (const struct average *v), (v))

void nvc_arma_average(const struct nvc_arma *a, struct nvc_arma_work *w, const double *ols, const struct nvc_tail *t_tail,
                      const struct nvc_tail *f_tails, struct nvc_arma_average *out)
{
    void (*kernel)(const struct average *) = NVC_KERNEL_CHOOSE(average);
    kernel(&(struct average){ a, w, ols, t_tail, f_tails, out });
}
