#include "model/stat/bootstrap.h"

#include "base/memory.h"
#include "math/dist.h"
#include "math/random.h"
#include "model/stat/stat_sample.h"

#include <math.h>
#include <stdlib.h>

/* Acceleration from leaving one unit out at a time. */
static double acceleration(nvc_bootstrap_statistic statistic, const void *data, size_t n1, size_t n0, size_t *pick,
                           double *value)
{
    size_t n = n1 + n0;
    double cubes = 0, squares = 0;
    for (size_t out = 0; out < n; out++) {
        size_t k = 0;
        for (size_t i = 0; i < n; i++)
            if (i != out)
                pick[k++] = i;
        value[out] = statistic(pick, n1 - (out < n1), n0 - (out >= n1), data);
    }
    double mean = nvc_mean(value, n);
    for (size_t i = 0; i < n; i++) {
        double d = mean - value[i];
        cubes += d * d * d, squares += d * d;
    }
    return squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0;
}

int nvc_bootstrap(nvc_bootstrap_statistic statistic, const void *data, size_t n1, size_t n0, size_t replicates,
                  uint64_t seed, double level, struct nvc_bootstrap *out, struct nvc_error *err)
{
    size_t n = n1 + n0, m = 0, below = 0;
    size_t *pick = nvc_array(n, sizeof *pick, err);
    double *value = nvc_array(replicates + n, sizeof *value, err);
    *out = (struct nvc_bootstrap){ NAN, NAN, NAN, 0 };
    if (!pick || !value) {
        free(pick);
        free(value);
        return NVC_ESYS;
    }
    for (size_t i = 0; i < n; i++)
        pick[i] = i;
    out->estimate = statistic(pick, n1, n0, data);
    double a = acceleration(statistic, data, n1, n0, pick, value);
    for (size_t b = 0; b < replicates; b++) {
        struct nvc_rng r;
        nvc_rng_init(&r, seed, b + 1);
        for (size_t i = 0; i < n; i++)
            pick[i] = i < n1 ? (size_t)nvc_rng_below(&r, n1) : n1 + (size_t)nvc_rng_below(&r, n0);
        double v = statistic(pick, n1, n0, data);
        if (isnan(v))
            out->undefined++;
        else {
            value[m++] = v;
            below += v < out->estimate;
        }
    }
    if (!isnan(out->estimate) && m > 20 && 10 * out->undefined <= replicates && below > 0 && below < m && !isnan(a)) {
        double z0 = nvc_normal_quantile((double)below / (double)m), z = nvc_normal_quantile(0.5 * (1 + level));
        nvc_sort(value, m);
        out->low = nvc_quantile(value, m, nvc_normal_cdf(z0 + (z0 - z) / (1 - a * (z0 - z))));
        out->high = nvc_quantile(value, m, nvc_normal_cdf(z0 + (z0 + z) / (1 - a * (z0 + z))));
    }
    free(pick);
    free(value);
    return 0;
}
