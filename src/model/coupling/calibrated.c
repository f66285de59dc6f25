#include "model/coupling/calibrated.h"

#include "math/random.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

const struct nvc_davis nvc_davis_classic = { 0.38, 1.5 }, nvc_davis_3t = { 0.20, 1.3 }, nvc_davis_griffeth = { 0.14, 0.91 };

double nvc_davis_signal(const struct nvc_davis *d, double M, double f, double m)
{
    return M * (1 - pow(f, d->alpha - d->beta) * pow(m, d->beta));
}

double nvc_davis_calibrate(const struct nvc_davis *d, double ds, double f)
{
    const double gain = 1 - pow(f, d->alpha - d->beta);
    return f > 0 && gain != 0 ? ds / gain : NAN;
}

double nvc_davis_cmro2(const struct nvc_davis *d, double M, double ds, double f)
{
    const double left = 1 - ds / M;
    return f > 0 && M > 0 && left > 0 ? pow(f, 1 - d->alpha / d->beta) * pow(left, 1 / d->beta) : NAN;
}

static struct nvc_quantiles quantiles(double *x, size_t n)
{
    if (n < 40)
        return (struct nvc_quantiles){ NAN, NAN, NAN };
    gsl_sort(x, 1, n);
    return (struct nvc_quantiles){ gsl_stats_quantile_from_sorted_data(x, 1, n, 0.5),
                                   gsl_stats_quantile_from_sorted_data(x, 1, n, 0.025),
                                   gsl_stats_quantile_from_sorted_data(x, 1, n, 0.975) };
}

struct nvc_davis_result nvc_davis_couple(const struct nvc_davis *d, struct nvc_measured ds_co2, struct nvc_measured f_co2,
                                         struct nvc_measured ds_task, struct nvc_measured f_task, size_t draws, uint64_t seed,
                                         double *work)
{
    struct nvc_davis_result r = { 0 };
    struct nvc_rng rng;
    size_t n_M = 0, n_m = 0;
    double *M = work, *m = M + draws, *n = m + draws, *theta = n + draws;
    nvc_rng_init(&rng, seed, 0);
    for (size_t i = 0; i < draws; i++) {
        const double a = ds_co2.value + ds_co2.se * nvc_rng_normal(&rng), b = f_co2.value + f_co2.se * nvc_rng_normal(&rng);
        const double c = ds_task.value + ds_task.se * nvc_rng_normal(&rng), f = f_task.value + f_task.se * nvc_rng_normal(&rng);
        const double one = nvc_davis_calibrate(d, a, b), cmro2 = nvc_davis_cmro2(d, one, c, f);
        if (isfinite(one))
            M[n_M++] = one;
        if (!isfinite(cmro2) || cmro2 == 1 || f == 1)
            continue;
        m[n_m] = cmro2;
        n[n_m] = (f - 1) / (cmro2 - 1);
        theta[n_m++] = (cmro2 - 1) / (f - 1);
    }
    r.M = nvc_davis_calibrate(d, ds_co2.value, f_co2.value);
    r.m = nvc_davis_cmro2(d, r.M, ds_task.value, f_task.value);
    r.n = r.m != 1 ? (f_task.value - 1) / (r.m - 1) : NAN;
    r.theta = f_task.value != 1 ? (r.m - 1) / (f_task.value - 1) : NAN;
    r.M_ci = quantiles(M, n_M), r.m_ci = quantiles(m, n_m), r.n_ci = quantiles(n, n_m), r.theta_ci = quantiles(theta, n_m);
    r.invalid = 1 - (double)n_m / (double)draws;
    return r;
}
