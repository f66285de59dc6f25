#include "model/group/combat.h"

#include "base/memory.h"
#include "math/lsq.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct work {
    size_t n, J, batches, m;
    bool gaps; /* some value is missing */
    const size_t *batch;
    const struct nvc_combat_options *o;
    double *D;             /* n x (batches + m): design */
    double *s;             /* n x J: standardised, NaN where missing */
    double *stand, *sd;    /* n x J expected without batches; J pooled sd */
    double *gamma, *delta; /* batches x J: estimates, then posterior */
    struct nvc_lsq f;      /* of the last feature; one for all where nothing is missing */
};

static void work_release(struct work *w)
{
    free(w->D);
    free(w->s);
    free(w->stand);
    free(w->sd);
    free(w->gamma);
    free(w->delta);
    nvc_lsq_release(&w->f);
}

static int allocate(struct work *w, const double *X, struct nvc_error *err)
{
    size_t n = w->n, J = w->J, B = w->batches;
    w->D = nvc_array(n * (B + w->m), sizeof *w->D, err);
    w->s = nvc_array(n * J, sizeof *w->s, err);
    w->stand = nvc_array(n * J, sizeof *w->stand, err);
    w->sd = nvc_array(J, sizeof *w->sd, err);
    w->gamma = nvc_array(B * J, sizeof *w->gamma, err);
    w->delta = nvc_array(B * J, sizeof *w->delta, err);
    if (!w->D || !w->s || !w->stand || !w->sd || !w->gamma || !w->delta)
        return NVC_ESYS;
    for (size_t i = 0; i < n; i++) {
        w->D[i + n * w->batch[i]] = 1;
        if (w->o->reference != SIZE_MAX)
            w->D[i + n * w->o->reference] = 1;
    }
    if (w->m)
        memcpy(w->D + n * B, X, n * w->m * sizeof *X);
    return 0;
}

/* Least squares of one feature over the samples that have it. */
static int standardise(struct work *w, const double *y, size_t j, double *room, size_t *row, struct nvc_error *err)
{
    size_t n = w->n, B = w->batches, cols = B + w->m, k = 0, counted = 0;
    double *A = room, *v = A + n * cols, *rest = v + n, *beta = rest + n, grand = 0, sum = 0, ss = 0;
    int status = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(y[i + n * j]))
            row[k++] = i;
    for (size_t i = 0; i < k; i++)
        v[i] = y[row[i] + n * j];
    if (w->gaps || !w->f.m) {
        for (size_t c = 0; c < cols; c++)
            for (size_t i = 0; i < k; i++)
                A[i + k * c] = w->D[row[i] + n * c];
        nvc_lsq_release(&w->f);
        status = nvc_lsq_init(&w->f, A, k, cols, err);
        status = status ? status : nvc_lsq_require(&w->f, 1e10, NULL, err);
    }
    if (!status) {
        (void)nvc_lsq_solve(&w->f, v, beta, rest);
        for (size_t i = 0; i < k; i++)
            if (w->o->reference == SIZE_MAX || w->batch[row[i]] == w->o->reference) {
                sum += rest[i], ss += rest[i] * rest[i];
                counted++;
            }
        for (size_t i = 0; i < n; i++)
            grand += w->o->reference == SIZE_MAX ? beta[w->batch[i]] / (double)n : 0;
        if (w->o->reference != SIZE_MAX)
            grand = beta[w->o->reference];
        w->sd[j] =
            w->gaps ? sqrt((ss - sum * sum / (double)counted) / ((double)counted - 1)) : sqrt(ss / (double)counted);
        for (size_t i = 0; i < n; i++) {
            double expected = grand;
            for (size_t c = 0; c < w->m; c++)
                expected += w->D[i + n * (B + c)] * beta[B + c];
            w->stand[i + n * j] = expected;
            w->s[i + n * j] = (y[i + n * j] - expected) / w->sd[j];
        }
        if (!(w->sd[j] > 0))
            status = nvc_fail(err, NVC_EDATA, "feature %zu does not vary within sites", j + 1);
    }
    return status;
}

/* Mean and variance (n - 1) of each batch of a standardised feature. */
static void estimate(struct work *w)
{
    for (size_t j = 0; j < w->J; j++)
        for (size_t b = 0; b < w->batches; b++) {
            double sum = 0, ss = 0, k = 0;
            for (size_t i = 0; i < w->n; i++)
                if (w->batch[i] == b && !isnan(w->s[i + w->n * j]))
                    sum += w->s[i + w->n * j], k++;
            for (size_t i = 0; i < w->n; i++)
                if (w->batch[i] == b && !isnan(w->s[i + w->n * j]))
                    ss += (w->s[i + w->n * j] - sum / k) * (w->s[i + w->n * j] - sum / k);
            w->gamma[b + w->batches * j] = sum / k;
            w->delta[b + w->batches * j] = w->o->mean_only ? 1 : ss / (k - 1);
        }
}

static void moments(const double *x, size_t J, size_t stride, double *mean, double *variance)
{
    *mean = *variance = 0;
    for (size_t j = 0; j < J; j++)
        *mean += x[j * stride] / (double)J;
    for (size_t j = 0; j < J; j++)
        *variance += (x[j * stride] - *mean) * (x[j * stride] - *mean) / ((double)J - 1);
}

static double sum_squares(const struct work *w, size_t b, size_t j, double centre, double *count)
{
    double ss = 0;
    *count = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->batch[i] == b && !isnan(w->s[i + w->n * j])) {
            double e = w->s[i + w->n * j] - centre;
            ss += e * e;
            ++*count;
        }
    return ss;
}

/* Normal and inverse gamma priors with the moments over features; the features of a batch iterate together
 * until the largest relative step is below 1e-4 (signed, as sva divides). */
static void parametric(struct work *w, size_t b, double *g_new, double *d_new)
{
    size_t B = w->batches;
    double *gamma = w->gamma + b, *delta = w->delta + b, g_bar, t2, mean, s2, change = 1;
    moments(gamma, w->J, B, &g_bar, &t2);
    moments(delta, w->J, B, &mean, &s2);
    double a = (2 * s2 + mean * mean) / s2, prior = (mean * s2 + mean * mean * mean) / s2;
    double *hat = g_new + w->J, *g_old = hat + w->J, *d_old = g_old + w->J;
    for (size_t j = 0; j < w->J; j++)
        hat[j] = g_old[j] = gamma[j * B], d_old[j] = delta[j * B];
    for (int step = 0; step < 10000 && change > 1e-4; step++) {
        change = -INFINITY;
        for (size_t j = 0; j < w->J; j++) {
            double k;
            (void)sum_squares(w, b, j, 0, &k);
            g_new[j] = w->o->mean_only ? (t2 * hat[j] + g_bar) / (t2 + 1)
                                       : (t2 * k * hat[j] + d_old[j] * g_bar) / (t2 * k + d_old[j]);
            d_new[j] = w->o->mean_only ? 1 : (0.5 * sum_squares(w, b, j, g_new[j], &k) + prior) / (k / 2 + a - 1);
            change = fmax(change, fmax(fabs(g_new[j] - g_old[j]) / g_old[j], fabs(d_new[j] - d_old[j]) / d_old[j]));
        }
        if (w->o->mean_only)
            break;
        memcpy(g_old, g_new, w->J * sizeof *g_old);
        memcpy(d_old, d_new, w->J * sizeof *d_old);
    }
}

/* Every other feature's estimate is a support point, weighted by its likelihood. */
static void nonparametric(struct work *w, size_t b, double *g_new, double *d_new)
{
    size_t B = w->batches;
    for (size_t j = 0; j < w->J; j++) {
        double top = -INFINITY, weights = 0, g = 0, d = 0, k;
        for (int pass = 0; pass < 2; pass++)
            for (size_t l = 0; l < w->J; l++) {
                if (l == j)
                    continue;
                double variance = w->delta[b + B * l], ss = sum_squares(w, b, j, w->gamma[b + B * l], &k);
                double log_likelihood = -0.5 * k * log(2 * M_PI * variance) - 0.5 * ss / variance;
                if (!pass)
                    top = fmax(top, log_likelihood);
                else {
                    double weight = exp(log_likelihood - top);
                    weights += weight;
                    g += weight * w->gamma[b + B * l], d += weight * variance;
                }
            }
        g_new[j] = g / weights;
        d_new[j] = w->o->mean_only ? 1 : d / weights;
    }
}

static int check(const struct work *w, struct nvc_error *err)
{
    if (w->J < 3)
        return nvc_fail(
            err, NVC_EDATA,
            "ComBat shares information between indices and needs at least three; use the site as a covariate");
    for (size_t b = 0; b < w->batches; b++) {
        size_t size = 0;
        for (size_t i = 0; i < w->n; i++)
            size += w->batch[i] == b;
        if (size < (w->o->mean_only ? 1 : 2))
            return nvc_fail(err, NVC_EDATA, "site %zu of %zu has %zu participant%s; ComBat needs two of each", b + 1,
                            w->batches, size, size == 1 ? "" : "s");
    }
    return 0;
}

int nvc_combat(double *y, size_t n, size_t J, const size_t *batch, size_t batches, const double *X, size_t m,
               const struct nvc_combat_options *o, struct nvc_error *err)
{
    struct work w = { .n = n, .J = J, .batches = batches, .m = m, .batch = batch, .o = o };
    size_t *row = nvc_array(n, sizeof *row, err), most = n * (batches + m) + 2 * n + batches + m;
    double *room = nvc_array(most > 5 * J ? most : 5 * J, sizeof *room, err);
    int status = row && room ? check(&w, err) : NVC_ESYS;
    status = status ? status : allocate(&w, X, err);
    for (size_t i = 0; i < n * J; i++)
        w.gaps |= isnan(y[i]);
    for (size_t j = 0; j < J && !status; j++)
        status = standardise(&w, y, j, room, row, err);
    if (!status) {
        double *d_new = room + 4 * J;
        estimate(&w);
        double *star = nvc_array(2 * batches * J, sizeof *star, err);
        status = star ? 0 : NVC_ESYS;
        for (size_t b = 0; b < batches && !status; b++) {
            if (o->prior == NVC_COMBAT_PARAMETRIC)
                parametric(&w, b, room, d_new);
            else
                nonparametric(&w, b, room, d_new);
            for (size_t j = 0; j < J; j++) {
                star[b + batches * j] = b == o->reference ? 0 : room[j];
                star[batches * J + b + batches * j] = b == o->reference ? 1 : d_new[j];
            }
        }
        for (size_t j = 0; j < J && !status; j++)
            for (size_t i = 0; i < n; i++)
                if (batch[i] != o->reference && !isnan(y[i + n * j]))
                    y[i + n * j] = (w.s[i + n * j] - star[batch[i] + batches * j]) /
                                       sqrt(star[batches * J + batch[i] + batches * j]) * w.sd[j] +
                                   w.stand[i + n * j];
        free(star);
    }
    work_release(&w);
    free(row);
    free(room);
    return status;
}
