/* AR(1) by one Yule-Walker step.  With W = I - rho L the whitened inner products are polynomials in rho, so
 * that no series is whitened. */
#include "model/glm/glm_internal.h"

#include "base/memory.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct nvc_glm_ar1 {
    double *neighbours; /* n x m: (L + L')Q within runs */
    double *lagged;     /* m x m: Q'(L + L')Q */
    double *last;       /* m x m: sum over runs of q q', q the row of Q at the last volume */
};

void nvc_glm_ar1_free(struct nvc_glm_ar1 *a)
{
    if (a)
        free(a->neighbours);
    free(a);
}

int nvc_glm_ar1_new(struct nvc_glm *g, struct nvc_error *err)
{
    size_t n = g->n, m = g->m;
    struct nvc_glm_ar1 *a = g->ar1 = nvc_array(1, sizeof *a, err);
    if (!a || !(a->neighbours = nvc_array(n * m + 2 * m * m, sizeof *a->neighbours, err)))
        return NVC_ESYS;
    a->lagged = a->neighbours + n * m;
    a->last = a->lagged + m * m;
    const double *Q = g->f.Q;
    for (size_t r = 0; r < g->n_runs; r++) {
        size_t first = g->run_start[r], last = g->run_start[r + 1] - 1;
        for (size_t j = 0; j < m; j++)
            for (size_t t = first; t <= last; t++)
                a->neighbours[t + j * n] = (t > first ? Q[t - 1 + j * n] : 0) + (t < last ? Q[t + 1 + j * n] : 0);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < m; j++)
                a->last[i + j * m] += Q[last + i * n] * Q[last + j * n];
    }
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, (int)m, (int)m, (int)n, 1, Q, (int)n, a->neighbours, (int)n, 0,
                a->lagged, (int)m);
    return 0;
}

/* Mean-free lag products of the residuals of a lane, and the residuals at the ends of runs squared. */
static double yule_walker(const struct nvc_glm *g, const double *r, double *square, double *lagged, double *ends)
{
    double mean = 0, centred = 0, product = 0;
    *square = *lagged = *ends = 0;
    for (size_t t = 0; t < g->n; t++)
        mean += r[t * NVC_LANES] / (double)g->n;
    for (size_t run = 0; run < g->n_runs; run++)
        for (size_t t = g->run_start[run]; t < g->run_start[run + 1]; t++) {
            double here = r[t * NVC_LANES];
            *square += here * here;
            centred += (here - mean) * (here - mean);
            if (t + 1 == g->run_start[run + 1]) {
                *ends += here * here;
                continue;
            }
            *lagged += here * r[(t + 1) * NVC_LANES];
            product += (here - mean) * (r[(t + 1) * NVC_LANES] - mean);
        }
    return product / (double)(g->n - g->n_runs) / (centred / (double)g->n);
}

/* G = Q'W'WQ as a Cholesky factor and p = Q'W'W r solved with it: G^-1 p.  Returns p'G^-1 p. */
static double solve_lane(const struct nvc_glm *g, const double *r, double rho, double *G, double *p, double *shift)
{
    const struct nvc_glm_ar1 *a = g->ar1;
    size_t m = g->m;
    int cols = (int)m;
    for (size_t j = 0; j < m; j++) {
        p[j] = -rho * cblas_ddot((int)g->n, a->neighbours + j * g->n, 1, r, NVC_LANES);
        for (size_t run = 0; run < g->n_runs; run++) {
            size_t last = g->run_start[run + 1] - 1;
            p[j] -= rho * rho * g->f.Q[last + j * g->n] * r[last * NVC_LANES];
        }
        for (size_t i = 0; i < m; i++)
            G[i + j * m] = (i == j) * (1 + rho * rho) - rho * a->lagged[i + j * m] - rho * rho * a->last[i + j * m];
    }
    memcpy(shift, p, m * sizeof *p);
    if (LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', cols, G, cols))
        return NAN;
    cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, cols, G, cols, shift, 1);
    double explained = cblas_ddot(cols, shift, 1, shift, 1);
    cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, cols, G, cols, shift, 1);
    return explained;
}

void nvc_glm_lane_ar1(const struct nvc_glm *g, struct nvc_glm_work *w, struct nvc_glm_fit *fit, size_t lane, size_t v)
{
    size_t m = g->m;
    int cols = (int)m;
    double square, lagged, ends, *G = w->lane, *p = G + m * m, *theta = p + m, *half = theta + m;
    double rho = yule_walker(g, w->Y + lane, &square, &lagged, &ends);
    double rss = (1 + rho * rho) * square - 2 * rho * lagged - rho * rho * ends;
    rss -= solve_lane(g, w->Y + lane, rho, G, p, theta);
    double sigma2 = rss / g->sigma_dof;
    for (size_t j = 0; j < m; j++)
        theta[j] += w->theta[j * NVC_LANES + lane];
    fit->ar[v] = rho;
    fit->rss[v] = rss;
    fit->sigma[v] = sqrt(sigma2 / (1 - rho * rho)); /* of the noise itself, not of its innovations */
    for (size_t k = 0; k < g->n_effects; k++) {
        memcpy(half, g->H + k * m, m * sizeof *half);
        cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, cols, G, cols, half, 1);
        nvc_glm_store(g, fit, v, k, cblas_ddot(cols, g->H + k * m, 1, theta, 1), sigma2 * cblas_ddot(cols, half, 1, half, 1));
    }
    for (size_t k = 0; k < g->n_tests; k++) {
        size_t r = g->tests[k].n_rows;
        double *C = w->test + r * (r + 2), *a = half, *b = half + m;
        for (size_t i = 0; i < r; i++) {
            memcpy(a, g->H + (g->tests[k].first + i) * m, m * sizeof *a);
            cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, cols, G, cols, a, 1);
            for (size_t j = 0; j <= i; j++) {
                memcpy(b, g->H + (g->tests[k].first + j) * m, m * sizeof *b);
                cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, cols, G, cols, b, 1);
                C[i * r + j] = C[j * r + i] = cblas_ddot(cols, a, 1, b, 1);
            }
        }
        nvc_glm_store_test(g, w, fit, v, k, C, sigma2);
    }
}
