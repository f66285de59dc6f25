#include "model/stat/stat_effect.h"

#include "math/dist.h"
#include "math/root.h"

#include <math.h>

double nvc_hedges_j(double dof)
{
    return dof > 1 ? exp(lgamma(dof / 2) - lgamma((dof - 1) / 2)) / sqrt(dof / 2) : NAN;
}

struct nvc_effect nvc_effect_size(const struct nvc_sample *a, const struct nvc_sample *b, double level)
{
    struct nvc_ttest t = nvc_student(a, b, level);
    double scale = sqrt(1 / (double)a->n + 1 / (double)b->n), J = nvc_hedges_j(t.dof);
    struct nvc_effect e = { .d = t.t * scale, .glass = b->sd > 0 ? t.diff / b->sd : NAN };
    e.d_low = scale * nvc_nct_ncp(t.t, t.dof, 0.5 * (1 + level));
    e.d_high = scale * nvc_nct_ncp(t.t, t.dof, 0.5 * (1 - level));
    e.g = J * e.d, e.g_low = J * e.d_low, e.g_high = J * e.d_high;
    return e;
}

double nvc_tost(const struct nvc_sample *a, const struct nvc_sample *b, double bound)
{
    struct nvc_ttest t = nvc_welch(a, b, 0.9);
    return fmax(nvc_t_sf((t.diff + bound) / t.se, t.dof), nvc_t_cdf((t.diff - bound) / t.se, t.dof));
}

double nvc_tost_standardised(const struct nvc_sample *a, const struct nvc_sample *b, double bound_g)
{
    struct nvc_ttest t = nvc_student(a, b, 0.9);
    double ncp = bound_g / nvc_hedges_j(t.dof) / sqrt(1 / (double)a->n + 1 / (double)b->n);
    return fmax(nvc_nct_sf(t.t, t.dof, -ncp), nvc_nct_cdf(t.t, t.dof, ncp));
}

double nvc_bayes_factor(double t, double n1, double n0, double r)
{
    double N = n1 * n0 / (n1 + n0), v = n1 + n0 - 2, sum = 0, h = 1.0 / 64;
    if (isnan(t) || !(v > 0))
        return NAN;
    /* g = e^u: analytic and flat at both ends, so the trapezium rule converges faster than any power of h */
    for (int i = -64 * 60; i <= 64 * 60; i++) {
        double g = exp(i * h), c = 1 + N * g;
        double f = -0.5 * log(c) - 0.5 * (v + 1) * log1p(t * t / (c * v)) + 0.5 * (v + 1) * log1p(t * t / v);
        sum += exp(f - 0.5 * log(g) - 0.5 * r * r / g);
    }
    return sum * h * r / sqrt(2 * M_PI);
}

struct design {
    double dof, critical, power;
};

static double power_excess(double ncp, const void *with)
{
    const struct design *d = with;
    return nvc_nct_sf(d->critical, d->dof, ncp) + nvc_nct_cdf(-d->critical, d->dof, ncp) - d->power;
}

double nvc_minimum_detectable_g(double n1, double n0, double alpha, double power)
{
    struct design d = { n1 + n0 - 2, nvc_t_critical(1 - alpha, n1 + n0 - 2), power };
    return d.dof > 1
               ? nvc_hedges_j(d.dof) * nvc_root_beyond(power_excess, &d, 0, d.critical + 1) * sqrt(1 / n1 + 1 / n0)
               : NAN;
}
