/* The noncentral t of dist.h. */
#include "math/dist.h"

#include "math/root.h"

#include <math.h>
#include <stdbool.h>

/* One side of the series: sum over j of Poisson weights times the incomplete beta I (or, for the upper
 * tail, its complement J), outward from the largest weight. `half` is 0.5 for the even part, 1 for the odd. */
static double series(double x, double y, double b, double h, double half, bool upper)
{
    double j0 = floor(h), a0 = j0 + half, sum = 0;
    double weight0 = exp(-h + (j0 > 0 ? j0 * log(h) : 0) - lgamma(j0 + half + 0.5));
    double beta0 = upper ? nvc_beta_upper(x, y, a0, b) : nvc_beta_lower(x, y, a0, b);
    /* I(a + 1) = I(a) - step(a), step(a) = x^a y^b / (a B(a, b)) */
    double step0 = exp(a0 * log(x) + b * log(y) + lgamma(a0 + b) - lgamma(a0 + 1) - lgamma(b));
    double weight = weight0, value = beta0, step = step0, a = a0;
    for (double j = j0; weight > 1e-19 * (sum + 1e-30) && j < j0 + 1e6; j++) {
        sum += weight * value;
        value += upper ? step : -step;
        value = value < 0 ? 0 : value > 1 ? 1 : value;
        step *= x * (a + b) / (a + 1);
        a++;
        weight *= h / (j + half + 0.5);
    }
    weight = weight0, value = beta0, step = step0, a = a0;
    for (double j = j0; j > 0 && weight > 1e-19 * (sum + 1e-30); j--) {
        weight *= (j + half - 0.5) / h;
        step *= a / (x * (a + b - 1));
        a--;
        value += upper ? -step : step;
        value = value < 0 ? 0 : value > 1 ? 1 : value;
        sum += weight * value;
    }
    return sum;
}

/* P(0 < T <= t) or P(T > t), t > 0 */
static double positive_part(double t, double dof, double ncp, bool upper)
{
    double r = t * t / dof, x = r / (1 + r), y = 1 / (1 + r), h = 0.5 * ncp * ncp;
    double even = series(x, y, 0.5 * dof, h, 0.5, upper);
    double odd = ncp != 0 ? series(x, y, 0.5 * dof, h, 1, upper) : 0;
    return 0.5 * (even + ncp * M_SQRT1_2 * odd);
}

static bool outside(double t, double dof, double ncp)
{
    return isnan(t) || !(dof > 0) || !(fabs(ncp) <= 1e4);
}

double nvc_nct_sf(double t, double dof, double ncp)
{
    if (outside(t, dof, ncp))
        return NAN;
    if (isinf(dof))
        return nvc_normal_sf(t - ncp);
    if (t < 0)
        return nvc_nct_cdf(-t, dof, -ncp);
    if (t * t / dof < 1e-300)
        return nvc_normal_sf(-ncp);
    return isinf(t * t / dof) ? 0 : fmax(0, positive_part(t, dof, ncp, true));
}

double nvc_nct_cdf(double t, double dof, double ncp)
{
    if (outside(t, dof, ncp))
        return NAN;
    if (isinf(dof))
        return nvc_normal_cdf(t - ncp);
    if (t < 0)
        return nvc_nct_sf(-t, dof, -ncp);
    if (t * t / dof < 1e-300)
        return nvc_normal_cdf(-ncp);
    return isinf(t * t / dof) ? 1 : fmin(1, nvc_normal_cdf(-ncp) + positive_part(t, dof, ncp, false));
}

struct nct {
    double t, dof, ncp, p;
};

static double excess_at_ncp(double ncp, const void *with)
{
    const struct nct *a = with;
    return a->p < 0.5 ? a->p - nvc_nct_cdf(a->t, a->dof, ncp) : nvc_nct_sf(a->t, a->dof, ncp) - (1 - a->p);
}

static double excess_at_t(double t, const void *with)
{
    const struct nct *a = with;
    return a->p < 0.5 ? nvc_nct_cdf(t, a->dof, a->ncp) - a->p : (1 - a->p) - nvc_nct_sf(t, a->dof, a->ncp);
}

double nvc_nct_ncp(double t, double dof, double p)
{
    struct nct a = { t, dof, 0, p };
    if (!(p > 0 && p < 1) || outside(t, dof, t))
        return NAN;
    double at = excess_at_ncp(t, &a);
    return isnan(at) ? NAN : nvc_root_beyond(excess_at_ncp, &a, t, at < 0 ? t + 1 : t - 1);
}

double nvc_nct_quantile(double p, double dof, double ncp)
{
    struct nct a = { 0, dof, ncp, p };
    if (!(p > 0 && p < 1) || outside(0, dof, ncp))
        return NAN;
    double at = excess_at_t(ncp, &a);
    return isnan(at) ? NAN : nvc_root_beyond(excess_at_t, &a, ncp, at < 0 ? ncp + 1 : ncp - 1);
}
