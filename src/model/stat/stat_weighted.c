#include "model/stat/stat_weighted.h"

#include "math/dist.h"
#include "math/root.h"
#include "model/stat/stat_sample.h"

#include <math.h>

struct units {
    const double *y, *v;
    size_t k;
};

static double weighted_mean(const struct units *u, double tau2, double *weights)
{
    double sum = 0;
    *weights = 0;
    for (size_t i = 0; i < u->k; i++) {
        double w = 1 / (u->v[i] + tau2);
        sum += w * u->y[i];
        *weights += w;
    }
    return sum / *weights;
}

/* Derivative of the restricted log likelihood by tau2, times 2. */
static double score(double tau2, const void *with)
{
    const struct units *u = with;
    double W, mean = weighted_mean(u, tau2, &W), sum = 0, squares = 0;
    for (size_t i = 0; i < u->k; i++) {
        double w = 1 / (u->v[i] + tau2), e = u->y[i] - mean;
        sum += w * w * e * e - w;
        squares += w * w;
    }
    return sum + squares / W;
}

static double reml_tau2(const struct units *u)
{
    double scale = 0;
    if (u->k < 2 || score(0, u) <= 0)
        return 0;
    for (size_t i = 0; i < u->k; i++)
        scale = fmax(scale, u->v[i] + (u->y[i] - u->y[0]) * (u->y[i] - u->y[0]));
    return nvc_root_beyond(score, u, 0, scale);
}

struct nvc_pooled nvc_pool_effects(const double *y, const double *v, size_t k, double level)
{
    struct units u = { y, v, k };
    struct nvc_pooled r = { NAN, NAN, NAN, NAN, NAN, NAN, NAN };
    double W, q = 0, sum = 0, squares = 0, K = (double)k;
    if (!k)
        return r;
    r.tau2 = reml_tau2(&u);
    r.mean = weighted_mean(&u, r.tau2, &W);
    r.dof = K - 1;
    for (size_t i = 0; i < k; i++) {
        q += (y[i] - r.mean) * (y[i] - r.mean) / (v[i] + r.tau2);
        sum += 1 / v[i];
        squares += 1 / (v[i] * v[i]);
    }
    if (k < 2) {
        r.se = sqrt(v[0]);
        r.tau2 = NAN;
        return r;
    }
    r.se = sqrt(q / (K - 1) / W);
    double typical = (K - 1) * sum / (sum * sum - squares);
    r.i2 = 100 * r.tau2 / (r.tau2 + typical);
    double half = k > 2 ? nvc_t_critical(level, K - 2) * sqrt(r.tau2 + r.se * r.se) : NAN;
    r.prediction_low = r.mean - half, r.prediction_high = r.mean + half;
    return r;
}

static struct nvc_estimate from(double difference, double variance, double dof, double level)
{
    struct nvc_estimate e = { difference, sqrt(variance), NAN, NAN, NAN, dof, NAN };
    if (!(variance > 0) || !(dof > 0))
        return (struct nvc_estimate){ difference, NAN, NAN, NAN, NAN, NAN, NAN };
    double half = nvc_t_critical(level, dof) * e.se;
    e.ci_low = difference - half, e.ci_high = difference + half;
    e.t = difference / e.se;
    e.p = nvc_t_two_sided(e.t, dof);
    return e;
}

struct nvc_estimate nvc_precision_difference(const double *y1, const double *v1, size_t n1, const double *y0,
                                             const double *v0, size_t n0, double level)
{
    if (n1 < 2 || n0 < 2)
        return from(NAN, NAN, NAN, level);
    struct nvc_pooled a = nvc_pool_effects(y1, v1, n1, level), b = nvc_pool_effects(y0, v0, n0, level);
    double va = a.se * a.se, vb = b.se * b.se;
    return from(a.mean - b.mean, va + vb, (va + vb) * (va + vb) / (va * va / a.dof + vb * vb / b.dof), level);
}

/* Weighted mean of one group and its HC3 variance: leverage of value i is w_i / sum w. */
static double robust_mean(const double *y, const double *w, size_t n, double *variance)
{
    double W = 0, sum = 0;
    for (size_t i = 0; i < n; i++)
        W += w[i], sum += w[i] * y[i];
    *variance = 0;
    for (size_t i = 0; i < n; i++) {
        double h = w[i] / W, e = y[i] - sum / W;
        *variance += h < 1 ? h * h * e * e / ((1 - h) * (1 - h)) : 0;
    }
    return sum / W;
}

struct nvc_estimate nvc_weighted_difference(const double *y1, const double *w1, size_t n1, const double *y0,
                                            const double *w0, size_t n0, double level)
{
    double va, vb;
    if (n1 < 2 || n0 < 2)
        return from(NAN, NAN, NAN, level);
    double difference = robust_mean(y1, w1, n1, &va) - robust_mean(y0, w0, n0, &vb);
    return from(difference, va + vb, (double)(n1 + n0) - 2, level);
}

/* Trimmed mean, its winsorised variance and degrees of freedom: one value cut from each end for every five. */
struct trimmed {
    double mean, v, dof;
};

static struct trimmed trim(const double *y, size_t n)
{
    size_t cut = n / 5, h = n - 2 * cut;
    double winsorised = 0, ss = 0;
    if (h < 3)
        return (struct trimmed){ NAN, NAN, NAN };
    for (size_t i = 0; i < n; i++)
        winsorised += y[i < cut ? cut : i >= n - cut ? n - cut - 1 : i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        double e = y[i < cut ? cut : i >= n - cut ? n - cut - 1 : i] - winsorised;
        ss += e * e;
    }
    return (struct trimmed){ nvc_mean(y + cut, h), ss / ((double)h * ((double)h - 1)), (double)h - 1 };
}

struct nvc_estimate nvc_trimmed_difference(const double *y1, size_t n1, const double *y0, size_t n0, double level)
{
    const struct trimmed a = trim(y1, n1), b = trim(y0, n0);
    const double diff = a.mean - b.mean, v = a.v + b.v, se = sqrt(v), dof = v * v / (a.v * a.v / a.dof + b.v * b.v / b.dof);
    const double t = diff / se, half = nvc_t_critical(level, dof) * se;
    return (struct nvc_estimate){ diff, se, diff - half, diff + half, t, dof, nvc_t_two_sided(t, dof) };
}
