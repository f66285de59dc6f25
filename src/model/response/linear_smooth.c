/* Free heights under a Gaussian process whose variance and length the data choose. */
#include "model/response/linear_internal.h"

#include "base/memory.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTHS = 13 };
static const double shortest_s = 1, longest_s = 8, widest_log = 14; /* of the ratio of variances */

/* L with L L' = the kernel between inner nodes, given 0 at both ends; unit variance before that. */
static int kernel_root(const struct nvc_linear *l, double length_s, double *L, struct nvc_error *err)
{
    const size_t k = l->k;
    const double end = (double)(k + 1), step = l->spec.bin_s / length_s;
    double value[512];
#define NEAR(d) exp(-0.5 * pow((d) * step, 2))
    const double across = NEAR(end), det = 1 - across * across;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++) {
            const double a = (double)i + 1, b = (double)j + 1, a0 = NEAR(a), a1 = NEAR(end - a), b0 = NEAR(b), b1 = NEAR(end - b);
            L[i + k * j] = NEAR(a - b) - (a0 * b0 + a1 * b1 - across * (a0 * b1 + a1 * b0)) / det;
        }
#undef NEAR
    if (LAPACKE_dsyev(LAPACK_COL_MAJOR, 'V', 'U', (int)k, L, (int)k, value))
        return nvc_fail(err, NVC_EDATA, "the smoothness prior of %zu bins has no eigenvectors", k);
    for (size_t j = 0; j < k; j++)
        cblas_dscal((int)k, sqrt(fmax(0, value[j])), L + k * j, 1);
    return 0;
}

struct profile { /* of the restricted likelihood at one length: eigenvalues, squared loadings, z'z, degrees of freedom */
    size_t k;
    const double *value, *load;
    double zz, n;
};

/* -2 log likelihood at a ratio of variances exp(x), the noise variance profiled out. */
static double deviance(const struct profile *p, double x, double *sigma2)
{
    const double ratio = exp(x);
    double log_det = 0, left = p->zz;
    for (size_t i = 0; i < p->k; i++) {
        const double v = fmax(0, p->value[i]);
        log_det += log1p(ratio * v);
        left -= ratio / (1 + ratio * v) * p->load[i] * p->load[i];
    }
    *sigma2 = left / p->n;
    return log_det + p->n * log(*sigma2);
}

static double best_ratio(const struct profile *p, double *least)
{
    double at = 0, sigma2;
    *least = INFINITY;
    for (double x = -widest_log; x <= widest_log; x++) {
        const double v = deviance(p, x, &sigma2);
        if (v < *least)
            *least = v, at = x;
    }
    const double golden = 0.6180339887498949;
    double a = at - 1, b = at + 1;
    for (int i = 0; i < 30; i++) {
        const double c = b - golden * (b - a), d = a + golden * (b - a);
        *(deviance(p, c, &sigma2) < deviance(p, d, &sigma2) ? &b : &a) = deviance(p, c, &sigma2) < deviance(p, d, &sigma2) ? d : c;
    }
    *least = fmin(*least, deviance(p, (a + b) / 2, &sigma2));
    return (a + b) / 2;
}

/* The columns times L, decomposed: U (k x k), eigenvalues, loadings of X'z. */
static int decompose(const struct nvc_linear *l, const double *G, const double *Xz, const double *L, double *U, double *value, double *load,
                     double *work, struct nvc_error *err)
{
    const int k = (int)l->k;
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, k, k, k, 1, G, k, L, k, 0, work, k);
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, k, k, k, 1, L, k, work, k, 0, U, k);
    if (LAPACKE_dsyev(LAPACK_COL_MAJOR, 'V', 'U', k, U, k, value))
        return nvc_fail(err, NVC_EDATA, "the smoothed bins have no eigenvectors");
    cblas_dgemv(CblasColMajor, CblasTrans, k, k, 1, L, k, Xz, 1, 0, work, 1);
    cblas_dgemv(CblasColMajor, CblasTrans, k, k, 1, U, k, work, 1, 0, load, 1);
    return 0;
}

int nvc_linear_smooth(const struct nvc_linear *l, const double *z, double zz, struct nvc_linear_posterior *post, struct nvc_error *err)
{
    const size_t k = l->k;
    const int size = (int)k;
    double *G = nvc_array(5 * k * k + 3 * k, sizeof *G, err), least = INFINITY;
    int status = 0;
    if (!G)
        return NVC_ESYS;
    double *L = G + k * k, *U = L + k * k, *work = U + k * k, *best = work + k * k, *value = best + k * k, *load = value + k, *Xz = load + k;
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, size, size, (int)l->n, 1, l->X, (int)l->n, l->X, (int)l->n, 0, G, size);
    cblas_dgemv(CblasColMajor, CblasTrans, (int)l->n, size, 1, l->X, (int)l->n, z, 1, 0, Xz, 1);
    for (int i = 0; i < LENGTHS && !status; i++) {
        const struct profile p = { k, value, load, zz, (double)(l->n - l->whitener.n_nuisance) };
        double at, sigma2;
        if ((status = kernel_root(l, shortest_s * pow(longest_s / shortest_s, i / (LENGTHS - 1.0)), L, err)) ||
            (status = decompose(l, G, Xz, L, U, value, load, work, err)))
            break;
        const double ratio = exp(best_ratio(&p, &at));
        if (!(at < least))
            continue;
        least = at;
        (void)deviance(&p, log(ratio), &sigma2);
        post->sigma = sqrt(sigma2);
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, size, size, size, 1, L, size, U, size, 0, best, size);
        memset(post->beta, 0, k * sizeof *post->beta);
        for (size_t j = 0; j < k; j++) {
            const double shrink = ratio / (1 + ratio * fmax(0, value[j]));
            cblas_daxpy(size, shrink * load[j], best + k * j, 1, post->beta, 1);
            cblas_dscal(size, post->sigma * sqrt(shrink), best + k * j, 1);
        }
        memcpy(post->root, best, k * k * sizeof *best);
    }
    free(G);
    return status;
}
