#include "model/coupling/temporal_coupling.h"

#include "base/memory.h"
#include "math/correlation.h"
#include "math/lsq.h"

#include <math.h>
#include <stdlib.h>

/* What a quadratic trend leaves of x. */
static int take_trend_out(const double *x, size_t n, double *left, struct nvc_error *err)
{
    struct nvc_lsq f = { 0 };
    double beta[3], *X = nvc_array(3 * n, sizeof *X, err);
    int status = NVC_ESYS;
    if (!X)
        return status;
    for (size_t t = 0; t < n; t++) {
        const double u = 2 * (double)t / (double)(n - 1) - 1;
        X[t] = 1, X[t + n] = u, X[t + 2 * n] = u * u;
    }
    if (!(status = nvc_lsq_init(&f, X, n, 3, err)))
        nvc_lsq_solve(&f, x, beta, left);
    nvc_lsq_release(&f);
    free(X);
    return status;
}

static double autocorrelation(const double *x, size_t n, size_t lag)
{
    double product = 0, square = 0;
    for (size_t t = 0; t < n; t++) {
        square += x[t] * x[t];
        product += t + lag < n ? x[t] * x[t + lag] : 0;
    }
    return product / square;
}

static double effective_n(const double *x, const double *y, size_t n)
{
    double sum = (double)n;
    for (size_t k = 1; k <= n / 4; k++)
        sum += 2 * (double)(n - k) * autocorrelation(x, n, k) * autocorrelation(y, n, k);
    const double var = sum / (double)(n * n);
    return 1 + 1 / fmax(var, 1 / (double)(n - 1)); /* never more than there are volumes */
}

int nvc_temporal_couple(const double *flow, const double *bold, size_t n, long max_lag, struct nvc_temporal_r *out, struct nvc_error *err)
{
    *out = (struct nvc_temporal_r){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0 };
    if (n < 20)
        return nvc_fail(err, NVC_EDATA, "%zu volumes, need 20 for a correlation through time", n);
    double *x = nvc_array(2 * n, sizeof *x, err);
    if (!x)
        return NVC_ESYS;
    double *y = x + n;
    int status = take_trend_out(flow, n, x, err);
    if (!status && !(status = take_trend_out(bold, n, y, err)) && !isnan(out->r = nvc_pearson(x, y, n))) {
        out->n_eff = effective_n(x, y, n);
        out->z = atanh(out->r);
        out->z_se = out->n_eff > 3 ? 1 / sqrt(out->n_eff - 3) : NAN;
        out->ci_low = tanh(out->z - 1.959964 * out->z_se), out->ci_high = tanh(out->z + 1.959964 * out->z_se);
        for (long lag = -max_lag; lag <= max_lag && (size_t)labs(lag) + 10 < n; lag++) {
            const size_t k = (size_t)labs(lag);
            const double r = lag < 0 ? nvc_pearson(x + k, y, n - k) : nvc_pearson(x, y + k, n - k);
            if (isnan(out->best_r) || fabs(r) > fabs(out->best_r))
                out->best_r = r, out->best_lag = lag;
        }
    }
    free(x);
    return status;
}
