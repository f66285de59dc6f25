/* What the pairs of the grid say together, weighted by their posterior. */
#include "model/glm/arma_internal.h"

#include "math/vec.h"

#include <math.h>

/* Weights below `little` of the largest are left out, until the tail is so thin that they may matter in it: more than `share`
 * of it. */
static const double little = 1e-9, share = 1e-5;

struct average {
    const struct nvc_arma *a;
    struct nvc_arma_work *w;
    const double *ols;
    const struct nvc_tail *t_tail, *f_tails;
    struct nvc_arma_average *out;
    double per_dof;         /* 1 over the degrees of freedom */
    size_t n_kept;
    bool all_shifts;        /* also of the pairs that are left out */
    nvc_vec scale;          /* of the weights, applied to those that count */
};

/* The pair of most weight in every lane; its objective. */
NVC_INLINE nvc_vec find_best(const struct average *v)
{
    const double *objective = v->w->objective;
    nvc_vec least = nvc_vec_at(objective);
    nvc_ivec best = { 0 };
    for (size_t g = 1; g < v->a->n_pairs; g++) {
        nvc_vec here = nvc_vec_at(objective + g * NVC_VECTOR);
        nvc_ivec better = here < least;
        least = nvc_vec_select(better, here, least);
        best = (best & ~better) | (better & (int64_t)g);
    }
    for (int lane = 0; lane < NVC_VECTOR; lane++)
        v->out->best[lane] = (size_t)best[lane];
    return least;
}

NVC_INLINE nvc_vec effect_at(const struct average *v, size_t g, size_t k)
{
    return nvc_vec_at(v->ols + k * NVC_VECTOR) + nvc_vec_at(v->w->shifts + (g * v->a->n_effects + k) * NVC_VECTOR);
}

NVC_INLINE nvc_vec sigma2_at(const struct average *v, size_t g)
{
    return nvc_vec_at(v->w->rss + g * NVC_VECTOR) * v->per_dof;
}

/* What averaging asks of a pair: what it adds to the effects, and its precision. */
NVC_INLINE void prepare(const struct average *v, size_t g)
{
    nvc_arma_find_shifts(v->a, v->w, g, false);
    nvc_vec_put(v->w->precision + g * NVC_VECTOR, 1. / sigma2_at(v, g));
}

/* Posterior weights with a flat prior; those that count in the sum of 1, the rest apart.  Returns the sum of the rest. */
NVC_INLINE nvc_vec weigh(struct average *v)
{
    const nvc_vec least = find_best(v), zero = { 0 };
    nvc_vec sum = zero, left = zero;
    for (size_t g = 0; g < v->a->n_pairs; g++) {
        nvc_vec weight = nvc_vec_exp(0.5 * (least - nvc_vec_at(v->w->objective + g * NVC_VECTOR)));
        nvc_ivec counts = weight > little;
        nvc_vec large = nvc_vec_select(counts, weight, zero), small = nvc_vec_select(counts, zero, weight);
        nvc_vec_put(v->w->weight + g * NVC_VECTOR, large);
        nvc_vec_put(v->w->rest + g * NVC_VECTOR, small);
        sum += large;
        left += small;
        if (nvc_vec_any(counts))
            v->w->kept[v->n_kept++] = g;
    }
    nvc_vec scale = 1. / sum;
    for (size_t i = 0; i < v->n_kept; i++) {
        double *weight = v->w->weight + v->w->kept[i] * NVC_VECTOR;
        nvc_vec_put(weight, nvc_vec_at(weight) * scale);
        prepare(v, v->w->kept[i]);
    }
    v->scale = scale;
    return left * scale;
}

/* Sums over pairs: of one-sided tails beyond t, of those with t > 0, and of the weights of the others. */
struct tails {
    nvc_vec all, above, weight, weight_below;
};

/* Add the tail of effect k at pair g. */
NVC_INLINE void add_tail(const struct average *v, size_t g, size_t k, nvc_vec weight, struct tails *sum)
{
    nvc_vec beta = effect_at(v, g, k), precision = nvc_vec_at(v->w->precision + g * NVC_VECTOR) * v->a->at[g].inverse[k];
    nvc_vec tail = 0.5 * weight * nvc_vec_tail(v->t_tail, beta * beta * precision);
    nvc_ivec above = beta > 0.;
    sum->all += tail;
    sum->above += (nvc_vec)((nvc_ivec)tail & above);
    sum->weight += weight;
    sum->weight_below += (nvc_vec)((nvc_ivec)weight & ~above);
}

/* The lesser of the averages of P(T > t) and P(T < t); what has no pair on one side is an exact sum of tails on the other. */
NVC_INLINE nvc_vec lesser(const struct tails *s)
{
    nvc_vec below = s->all - s->above, upper = s->above + (s->weight_below - below);
    nvc_vec lower = below + ((s->weight - s->weight_below) - s->above);
    return nvc_vec_select(upper < lower, upper, lower);
}

/* The pairs that were left out, in the lanes that want them. */
NVC_INLINE void add_rest(struct average *v, size_t k, nvc_ivec lanes, struct tails *sum)
{
    const nvc_vec zero = { 0 };
    for (size_t g = 0; g < v->a->n_pairs && !v->all_shifts; g++)
        if (nvc_vec_any(nvc_vec_at(v->w->rest + g * NVC_VECTOR) > 0.))
            prepare(v, g);
    v->all_shifts = true;
    for (size_t g = 0; g < v->a->n_pairs; g++) {
        nvc_vec weight = nvc_vec_select(lanes, nvc_vec_at(v->w->rest + g * NVC_VECTOR), zero);
        if (nvc_vec_any(weight > 0.))
            add_tail(v, g, k, weight * v->scale, sum);
    }
}

NVC_INLINE void average_effect(struct average *v, size_t k, nvc_vec left)
{
    nvc_vec effect = { 0 }, variance = { 0 };
    struct tails tails = { { 0 }, { 0 }, { 0 }, { 0 } };
    double dof = (double)(v->a->n - v->a->m), spread = dof / (dof - 2);
    for (size_t i = 0; i < v->n_kept; i++)
        effect += nvc_vec_at(v->w->weight + v->w->kept[i] * NVC_VECTOR) * effect_at(v, v->w->kept[i], k);
    for (size_t i = 0; i < v->n_kept; i++) {
        size_t g = v->w->kept[i];
        nvc_vec off = effect_at(v, g, k) - effect, weight = nvc_vec_at(v->w->weight + g * NVC_VECTOR);
        variance += weight * (spread * v->a->at[g].variance[k] * sigma2_at(v, g) + off * off);
        if (v->a->want[k] == NVC_WANT_P)
            add_tail(v, g, k, weight, &tails);
    }
    nvc_vec_put(v->out->effect + k * NVC_VECTOR, effect);
    nvc_vec_put(v->out->variance + k * NVC_VECTOR, variance);
    if (v->a->want[k] < NVC_WANT_P)
        return;
    nvc_vec p = lesser(&tails);
    nvc_ivec thin = left > share * p;
    if (nvc_vec_any(thin)) {
        add_rest(v, k, thin, &tails);
        p = lesser(&tails);
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
    for (size_t n = 0; n < v->n_kept; n++) {
        size_t g = v->w->kept[n];
        nvc_vec weight = nvc_vec_at(v->w->weight + g * NVC_VECTOR), sigma2 = sigma2_at(v, g), square = { 0 };
        const double *half = v->a->at[g].halves[k], *covariance = v->a->at[g].tests[k];
        for (size_t i = 0; i < r; i++) {
            nvc_vec s = { 0 };
            for (size_t j = 0; j <= i; j++)
                s += half[i * r + j] * effect_at(v, g, test->first + j);
            square += s * s;
            off[i] = effect_at(v, g, test->first + i) - nvc_vec_at(v->out->effect + (test->first + i) * NVC_VECTOR);
        }
        p += weight * nvc_vec_tail(&v->f_tails[k], square * nvc_vec_at(v->w->precision + g * NVC_VECTOR) / (double)r);
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

/* Test k at the pair of most weight alone, whose shifts are known. */
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

NVC_INLINE void average(struct average *v)
{
    nvc_vec *C = (nvc_vec *)(void *)v->w->test, left = weigh(v);
    for (size_t k = 0; k < v->a->n_effects; k++)
        if (v->a->want[k] > NVC_WANT_AT_BEST)
            average_effect(v, k, left);
    for (size_t k = 0; k < v->a->n_tests; k++) {
        size_t r = v->a->tests[k].n_rows;
        if (!v->a->tests[k].at_best)
            average_test(v, k, C, C + r * (r + 1) / 2);
        for (size_t lane = 0; lane < NVC_VECTOR; lane++)
            if (v->a->tests[k].at_best) {
                nvc_arma_find_shifts(v->a, v->w, v->out->best[lane], true);
                test_at_best(v, k, lane);
            } else
                v->out->f[k * NVC_VECTOR + lane] =
                    averaged_f(v, k, lane, v->w->test, v->w->test + r * (r + 1) / 2 * NVC_VECTOR);
    }
}

NVC_KERNEL(average, (struct average *v), (v))

void nvc_arma_average(const struct nvc_arma *a, struct nvc_arma_work *w, const double *ols, const struct nvc_tail *t_tail,
                      const struct nvc_tail *f_tails, struct nvc_arma_average *out)
{
    void (*kernel)(struct average *) = NVC_KERNEL_CHOOSE(average);
    kernel(&(struct average){ a, w, ols, t_tail, f_tails, out, .per_dof = 1 / (double)(a->n - a->m) });
}
