/* The last step of 3dREMLfit: generalised least squares at one pair (a, b) with a banded correlation, entries
 * below 1e-4 dropped.  It differs from the exact one by up to 3e-4 standard errors, so parity wants the band. */
#include "model/glm/glm_internal.h"

#include "base/memory.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct nvc_glm_band {
    int width;           /* sub-diagonals that are kept */
    double *factor;      /* (width + 1) x n: Cholesky factor of R, LAPACK's lower band storage */
    double *half;        /* m x n_effects: weights in the basis of the whitened design */
    double *variance;    /* n_effects */
    double **covariance; /* n_tests */
    struct nvc_lsq f;    /* of the whitened basis Q */
    double constant;     /* log|R| + log|X'R^-1 X| */
};

void nvc_glm_band_free(struct nvc_glm_band *b)
{
    if (!b)
        return;
    free(b->factor);
    free(b->half);
    free(b->covariance);
    nvc_lsq_release(&b->f);
    free(b);
}

static int correlate(const struct nvc_glm *g, struct nvc_glm_band *b, struct nvc_arma_pair p, struct nvc_error *err)
{
    const double least = 1e-4;
    double lam = nvc_arma_lambda(p), lags = p.a > 0 && fabs(lam) > least ? ceil(log(least / fabs(lam)) / log(p.a)) : 0;
    b->width = lam == 0 ? 0 : (int)fmin(1 + lags, (double)g->n - 1);
    size_t rows = (size_t)b->width + 1;
    if (!(b->factor = nvc_array(rows * g->n, sizeof *b->factor, err)))
        return NVC_ESYS;
    for (size_t run = 0; run < g->n_runs; run++)
        for (size_t t = g->run_start[run]; t < g->run_start[run + 1]; t++)
            for (size_t lag = 0; lag < rows && t + lag < g->run_start[run + 1]; lag++)
                b->factor[lag + t * rows] = lag == 0 ? 1 : lam * pow(p.a, (double)lag - 1);
    if (LAPACKE_dpbtrf(LAPACK_COL_MAJOR, 'L', (int)g->n, b->width, b->factor, b->width + 1))
        return nvc_fail(err, NVC_EDATA, "the correlation of ARMA(1,1) noise with a = %g, b = %g is not positive once entries "
                        "below %g are dropped; take other values", p.a, p.b, least);
    for (size_t t = 0; t < g->n; t++)
        b->constant += 2 * log(b->factor[t * rows]);
    return 0;
}

static void whiten(const struct nvc_glm_band *b, size_t n, double *x)
{
    cblas_dtbsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, (int)n, b->width, b->factor, b->width + 1, x, 1);
}

static int whiten_basis(const struct nvc_glm *g, struct nvc_glm_band *b, struct nvc_error *err)
{
    size_t n = g->n, m = g->m, cov = 0;
    double *WQ = nvc_array(n * m, sizeof *WQ, err);
    if (!WQ)
        return NVC_ESYS;
    memcpy(WQ, g->f.Q, n * m * sizeof *WQ);
    for (size_t j = 0; j < m; j++)
        whiten(b, n, WQ + j * n);
    int status = nvc_lsq_init(&b->f, WQ, n, m, err);
    free(WQ);
    if (status)
        return status;
    b->constant += b->f.log_det + g->f.log_det;
    for (size_t k = 0; k < g->n_tests; k++)
        cov += g->tests[k].n_rows * g->tests[k].n_rows;
    if (!(b->half = nvc_array((m + 1) * g->n_effects + cov, sizeof *b->half, err)) ||
        !(b->covariance = nvc_array(g->n_tests, sizeof *b->covariance, err)))
        return NVC_ESYS;
    b->variance = b->half + m * g->n_effects;
    nvc_glm_weights_in_basis(&b->f, g->H, g->n_effects, b->half, b->variance);
    double *at = b->variance + g->n_effects;
    for (size_t k = 0; k < g->n_tests; k++) {
        b->covariance[k] = at;
        at += g->tests[k].n_rows * g->tests[k].n_rows;
        nvc_glm_inner_products(b->half + g->tests[k].first * m, m, g->tests[k].n_rows, b->covariance[k]);
    }
    return 0;
}

/* Factors are made when a series first asks for a pair. */
static struct nvc_glm_band *band_of(const struct nvc_glm *g, size_t pair, struct nvc_error *err)
{
    struct nvc_glm_band *b;
    #pragma omp critical(nvc_glm_band)
    {
        b = g->bands[pair];
        if (!b && (b = nvc_array(1, sizeof *b, err))) {
            if (correlate(g, b, g->pairs[pair], err) || whiten_basis(g, b, err)) {
                nvc_glm_band_free(b);
                b = NULL;
            }
            g->bands[pair] = b;
        }
    }
    return b;
}

int nvc_glm_lane_banded(const struct nvc_glm *g, struct nvc_glm_work *w, struct nvc_glm_fit *fit, size_t lane, size_t v,
                        size_t pair, struct nvc_error *err)
{
    const struct nvc_glm_band *b = band_of(g, pair, err);
    if (!b)
        return (int)err->status;
    size_t n = g->n, m = g->m;
    double *y = w->series, *residual = y + n, *theta = w->lane;
    for (size_t t = 0; t < n; t++)
        y[t] = w->Y[t * NVC_LANES + lane];
    whiten(b, n, y);
    fit->rss[v] = nvc_lsq_solve(&b->f, y, theta, residual);
    for (size_t j = 0; j < m; j++)
        theta[j] += w->theta[j * NVC_LANES + lane];
    double sigma2 = fit->rss[v] / g->sigma_dof;
    fit->ar[v] = g->pairs[pair].a;
    fit->ma[v] = g->pairs[pair].b;
    fit->sigma[v] = sqrt(sigma2);
    fit->objective[v] = b->constant + g->dof * log(fit->rss[v]);
    for (size_t k = 0; k < g->n_effects; k++)
        nvc_glm_store(g, fit, v, k, cblas_ddot((int)m, g->H + k * m, 1, theta, 1), sigma2 * b->variance[k]);
    for (size_t k = 0; k < g->n_tests; k++)
        nvc_glm_store_test(g, w, fit, v, k, b->covariance[k], sigma2);
    return 0;
}
