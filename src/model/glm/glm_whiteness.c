/* Is what a model leaves white?  (model/glm/glm_detail.h) */
#include "model/glm/glm_detail.h"

#include "base/memory.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>

/* Sum of x_t y_(t-lag) over pairs of volumes of one run that are not censored. */
static double lagged(const struct nvc_glm_detail *d, const bool *censored, size_t lag, const double *x, const double *y)
{
    double sum = 0;
    for (size_t r = 0; r < d->n_runs; r++)
        for (size_t t = d->run_start[r] + lag; t < d->run_start[r + 1]; t++)
            if (!censored || (!censored[t] && !censored[t - lag]))
                sum += x[t] * y[t - lag];
    return sum;
}

/* out = A x, A the symmetric operator whose form with the residuals is lagged(): half of what lies `lag` before and after. */
static void shift(const struct nvc_glm_detail *d, const bool *censored, size_t lag, const double *x, double *out)
{
    for (size_t t = 0; t < d->n; t++)
        out[t] = 0;
    for (size_t r = 0; r < d->n_runs; r++)
        for (size_t t = d->run_start[r] + lag; t < d->run_start[r + 1]; t++)
            if (!censored || (!censored[t] && !censored[t - lag])) {
                out[t] += x[t - lag] / 2;
                out[t - lag] += x[t] / 2;
            }
}

static double count_pairs(const struct nvc_glm_detail *d, const bool *censored, size_t lag)
{
    double n = 0;
    for (size_t r = 0; r < d->n_runs; r++)
        for (size_t t = d->run_start[r] + lag; t < d->run_start[r + 1]; t++)
            n += !censored || (!censored[t] && !censored[t - lag]);
    return n;
}

double nvc_glm_ljung_box(const struct nvc_glm_detail *d, const bool *censored, size_t p, size_t *lags)
{
    double n = count_pairs(d, censored, 0), q = 0, square = lagged(d, censored, 0, d->residual, d->residual);
    *lags = (size_t)fmin(2 + (double)p + fmin(floor(n / 8), rint(3 * log(n))), floor(n / 2));
    for (size_t lag = 1; lag <= *lags; lag++) {
        double correlation = lagged(d, censored, lag, d->residual, d->residual) / square;
        q += correlation * correlation / (n - (double)lag);
    }
    return n * (n + 2) * q;
}

/* Column j of what the residuals are orthogonal to. */
static const double *column(const struct nvc_glm_detail *d, size_t j)
{
    return j < d->f.m ? d->f.Q + j * d->n : d->filter + (j - d->f.m) * d->n;
}

/* With Q these columns, M = I - QQ' and B_k = M A_k M: trace[k] = tr B_k, and C[k + lags l] = tr B_k B_l. */
static int traces(const struct nvc_glm_detail *d, const bool *censored, size_t lags, double *trace, double *C, struct nvc_error *err)
{
    size_t n = d->n, m = d->f.m + d->n_filter;
    double *G = nvc_array(lags * m * (n + m), sizeof *G, err), *S = G + lags * m * n;
    if (!G)
        return NVC_ESYS;
    for (size_t k = 0; k < lags; k++) {
        double *g = G + k * n * m, *s = S + k * m * m;
        for (size_t j = 0; j < m; j++)
            shift(d, censored, k + 1, column(d, j), g + j * n);
        for (size_t j = 0; j < m; j++)
            cblas_dgemv(CblasColMajor, CblasTrans, (int)n, (int)m, 1, g, (int)n, column(d, j), 1, 0, s + j * m, 1);
        trace[k] = 0;
        for (size_t j = 0; j < m; j++)
            trace[k] -= s[j + j * m];
        for (size_t l = 0; l <= k; l++) {
            double own = l == k ? count_pairs(d, censored, k + 1) / 2 : 0;
            C[k + lags * l] = C[l + lags * k] = own - 2 * cblas_ddot((int)(n * m), g, 1, G + l * n * m, 1) +
                                                cblas_ddot((int)(m * m), s, 1, S + l * m * m, 1);
        }
    }
    free(G);
    return 0;
}

int nvc_glm_whiteness(const struct nvc_glm_detail *d, const bool *censored, double *statistic, size_t *n_lags, struct nvc_error *err)
{
    size_t lags = *n_lags = (size_t)fmin(10, floor(count_pairs(d, censored, 0) / 5));
    double dof = (double)d->n - (double)(d->f.m + d->n_filter), square = lagged(d, censored, 0, d->residual, d->residual);
    double *C = nvc_array(lags * (lags + 3), sizeof *C, err), *trace = C + lags * lags, *off = trace + lags, *x = off + lags;
    int status = C ? traces(d, censored, lags, trace, C, err) : NVC_ESYS;
    *statistic = NAN;
    for (size_t k = 0; k < lags && !status; k++) {
        x[k] = off[k] = lagged(d, censored, k + 1, d->residual, d->residual) / square - trace[k] / dof;
        for (size_t l = 0; l < lags; l++)
            C[k + lags * l] = (trace[k] * trace[l] + 2 * C[k + lags * l]) / (dof * (dof + 2)) - trace[k] * trace[l] / (dof * dof);
    }
    if (!status && lags > 0 && !LAPACKE_dposv(LAPACK_COL_MAJOR, 'L', (int)lags, 1, C, (int)lags, x, (int)lags))
        *statistic = cblas_ddot((int)lags, off, 1, x, 1);
    free(C);
    return status;
}
