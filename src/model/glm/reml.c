#include "model/glm/reml.h"

#include "base/memory.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LAGS = 6 }; /* .2^lag <= 1e-4 beyond */

/* Bands of the two components: Q(a) -+ a dQ/da at a = .2, the derivative a forward difference. */
static void components(double band[2][LAGS])
{
    const double a = 0.2, step = exp(-8);
    for (int lag = 0; lag < LAGS; lag++) {
        double here = pow(a, lag), there = pow(a + step, lag);
        here = here > 1e-4 ? here : 0;
        there = there > 1e-4 ? there : 0;
        band[0][lag] = here - a * (there - here) / step;
        band[1][lag] = here + a * (there - here) / step;
    }
}

/* The covariance of the noise, estimated. */
struct scoring {
    size_t n, n_components; /* two components per run */
    const size_t *run_start;
    double band[2][LAGS];
    double *C, *P, *PCy, *PQ; /* n x n, PQ n_components of them */
    double *h;
};

static void add_component(const struct scoring *s, size_t k, double h, double *C)
{
    size_t first = s->run_start[k / 2], end = s->run_start[k / 2 + 1];
    for (size_t t = first; t < end; t++)
        for (size_t u = first; u < end; u++) {
            size_t lag = t > u ? t - u : u - t;
            if (lag < LAGS)
                C[t + u * s->n] += h * s->band[k % 2][lag];
        }
}

/* out = P times component k. */
static void times_component(const struct scoring *s, size_t k, double *out)
{
    size_t n = s->n, first = s->run_start[k / 2], end = s->run_start[k / 2 + 1];
    memset(out, 0, n * n * sizeof *out);
    for (size_t t = first; t < end; t++)
        for (size_t u = first; u < end; u++) {
            size_t lag = t > u ? t - u : u - t;
            if (lag < LAGS)
                cblas_daxpy((int)n, s->band[k % 2][lag], s->P + u * n, 1, out + t * n, 1);
        }
}

/* sum of A_st B_ts */
static double trace_product(const double *A, const double *B, size_t n)
{
    double sum = 0;
    for (size_t t = 0; t < n; t++)
        sum += cblas_ddot((int)n, A + t * n, 1, B + t, (int)n);
    return sum;
}

/* P = C^-1 - C^-1 X (X'C^-1 X)^-1 X'C^-1, X (n x m) orthonormal. */
static int projector(struct scoring *s, const double *X, size_t m, double *work, lapack_int *pivot, struct nvc_error *err)
{
    int n = (int)s->n, cols = (int)m;
    double *iCX = work, *G = work + s->n * m, *GiCX = G + m * m;
    memset(s->C, 0, s->n * s->n * sizeof *s->C);
    for (size_t k = 0; k < s->n_components; k++)
        add_component(s, k, s->h[k], s->C);
    memcpy(s->P, s->C, s->n * s->n * sizeof *s->P);
    if (LAPACKE_dgetrf(LAPACK_COL_MAJOR, n, n, s->P, n, pivot) || LAPACKE_dgetri(LAPACK_COL_MAJOR, n, s->P, n, pivot))
        return nvc_fail(err, NVC_EDATA, "ar1-reml: the estimated covariance of the noise is singular; take another noise model");
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, cols, n, 1, s->P, n, X, n, 0, iCX, n);
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, cols, cols, n, 1, X, n, iCX, n, 0, G, cols);
    for (size_t j = 0; j < m; j++)
        for (size_t t = 0; t < s->n; t++)
            GiCX[j + t * m] = iCX[t + j * s->n];
    if (LAPACKE_dgesv(LAPACK_COL_MAJOR, cols, n, G, cols, pivot, GiCX, cols))
        return nvc_fail(err, NVC_EDATA, "ar1-reml: the whitened design is singular");
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, n, cols, -1, iCX, n, GiCX, cols, 1, s->P, n);
    return 0;
}

/* dh = H^-1 (expm(tau H) - I) g with tau = exp(level - log|det H|/m); H is symmetric and overwritten. */
static int regularised_step(double *H, const double *gradient, size_t m, double level, double *dh, struct nvc_error *err)
{
    double log_det = 0, *value = dh + m, *along = value + m;
    if (LAPACKE_dsyev(LAPACK_COL_MAJOR, 'V', 'U', (lapack_int)m, H, (lapack_int)m, value))
        return nvc_fail(err, NVC_EBUG, "ar1-reml: eigenvalues did not converge");
    for (size_t k = 0; k < m; k++)
        log_det += log(fabs(value[k]));
    double tau = exp(level - log_det / (double)m);
    for (size_t k = 0; k < m; k++)
        along[k] = cblas_ddot((int)m, H + k * m, 1, gradient, 1) * (value[k] == 0 ? tau : expm1(tau * value[k]) / value[k]);
    cblas_dgemv(CblasColMajor, CblasNoTrans, (int)m, (int)m, 1, H, (int)m, along, 1, 0, dh, 1);
    return 0;
}

/* Fisher scoring of the hyperparameters h from Cy (n x n) and an orthonormal basis X of the whole design. */
static int score(struct scoring *s, const double *Cy, const double *X, size_t m, struct nvc_error *err)
{
    size_t n = s->n, p = s->n_components;
    int size = (int)n, status = 0;
    double *work = nvc_array(2 * n * m + m * m + p * (p + 4), sizeof *work, err);
    lapack_int *pivot = nvc_array(n, sizeof *pivot, err);
    if (!work || !pivot) {
        free(work);
        free(pivot);
        return NVC_ESYS;
    }
    double *H = work + 2 * n * m + m * m, *gradient = H + p * p, *dh = gradient + p;
    double level = 4, before = INFINITY, prior = exp(-8);
    for (size_t k = 0; k < p; k++)
        s->h[k] = k % 2 == 0;
    for (int iteration = 0; iteration < 32; iteration++) {
        status = projector(s, X, m, work, pivot, err);
        if (status)
            break;
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, size, size, size, 1, s->P, size, Cy, size, 0, s->PCy, size);
        for (size_t k = 0; k < p; k++) {
            double *PQ = s->PQ + k * n * n, trace = 0;
            times_component(s, k, PQ);
            for (size_t t = 0; t < n; t++)
                trace += PQ[t + t * n];
            gradient[k] = -(trace - trace_product(PQ, s->PCy, n)) / 2 - prior * s->h[k];
            for (size_t j = 0; j <= k; j++)
                H[j + k * p] = -trace_product(PQ, s->PQ + j * n * n, n) / 2 - (j == k ? prior : 0);
        }
        status = regularised_step(H, gradient, p, level, dh, err);
        if (status)
            break;
        for (size_t k = 0; k < p; k++)
            s->h[k] += dh[k];
        double gain = cblas_ddot((int)p, gradient, 1, dh, 1);
        level = gain > before ? level - 1 : fmin(level + 0.25, 8);
        before = gain;
        if (gain < 0.1)
            break;
    }
    free(work);
    free(pivot);
    return status;
}

/* V scaled to trace n, and W = V^-1/2, small entries of which SPM drops. */
static int square_root(const struct scoring *s, double *V, double *W, struct nvc_error *err)
{
    size_t n = s->n;
    int size = (int)n;
    double trace = 0, *vector = s->C, *value = s->P;
    memset(V, 0, n * n * sizeof *V);
    for (size_t k = 0; k < s->n_components; k++)
        add_component(s, k, s->h[k], V);
    for (size_t t = 0; t < n; t++)
        trace += V[t + t * n];
    cblas_dscal(size * size, (double)n / trace, V, 1);
    memcpy(vector, V, n * n * sizeof *vector);
    if (LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', size, vector, size, value) || !(value[0] > 0))
        return nvc_fail(err, NVC_EDATA, "ar1-reml: the estimated covariance of the noise is not positive; take another noise model");
    for (size_t k = 0; k < n; k++)
        cblas_dscal(size, pow(value[k], -0.25), vector + k * n, 1);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, size, size, size, 1, vector, size, vector, size, 0, W, size);
    for (size_t k = 0; k < n * n; k++)
        if (fabs(W[k]) <= 1e-6)
            W[k] = 0;
    return 0;
}

int nvc_reml_ar1(double *h, double *V, double *W, const double *Cy, const double *X, size_t n, size_t m,
                 const size_t *run_start, size_t n_runs, struct nvc_error *err)
{
    struct scoring s = { .n = n, .n_components = 2 * n_runs, .run_start = run_start, .h = h };
    double *work = nvc_array((3 + s.n_components) * n * n, sizeof *work, err);
    if (!work)
        return NVC_ESYS;
    s.C = work;
    s.P = s.C + n * n;
    s.PCy = s.P + n * n;
    s.PQ = s.PCy + n * n;
    components(s.band);
    int status = score(&s, Cy, X, m, err);
    if (!status)
        status = square_root(&s, V, W, err);
    free(work);
    return status;
}
