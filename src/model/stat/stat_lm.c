#include "model/stat/stat_lm.h"

#include "base/memory.h"
#include "math/dist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_lm_release(struct nvc_lm *lm)
{
    free(lm->beta);
    free(lm->V);
    free(lm->residual);
    free(lm->leverage);
    nvc_lsq_release(&lm->basis);
    *lm = (struct nvc_lm){ 0 };
}

int nvc_lm_fit(struct nvc_lm *lm, const double *X, const double *y, size_t n, size_t m, const char *const *names,
               struct nvc_error *err)
{
    *lm = (struct nvc_lm){ .n = n, .m = m };
    if (n <= m)
        return nvc_fail(err, NVC_EDATA, "%zu values for %zu columns; a fit needs more values than columns", n, m);
    int status = nvc_lsq_init(&lm->basis, X, n, m, err);
    if (!status)
        status = nvc_lsq_require(&lm->basis, 1e10, names, err);
    if (!status &&
        (!(lm->beta = nvc_array(m, sizeof *lm->beta, err)) || !(lm->V = nvc_array(m * m, sizeof *lm->V, err)) ||
         !(lm->residual = nvc_array(n, sizeof *lm->residual, err)) ||
         !(lm->leverage = nvc_array(n, sizeof *lm->leverage, err))))
        status = NVC_ESYS;
    if (!status) {
        double scale = 0;
        for (size_t i = 0; i < n; i++)
            scale += y[i] * y[i];
        lm->rss = nvc_lsq_solve(&lm->basis, y, lm->beta, lm->residual);
        if (lm->rss <= 1e-24 * scale) /* an exact fit: what is left is rounding, and no noise to test against */
            lm->rss = 0;
        lm->dof = (double)(n - m);
        lm->sigma = sqrt(lm->rss / lm->dof);
        nvc_lsq_covariance(&lm->basis, lm->V);
        nvc_lsq_leverage(&lm->basis, lm->leverage);
    }
    return status;
}

/* c' V X' diag(e^2 / (1-h)^2) X V c, some rows at a time: row i weighs in c'beta by c'T q_i. */
static double robust_variance(const struct nvc_lm *lm, const double *c)
{
    enum { ROWS = 256 };
    size_t n = lm->n, m = lm->m;
    double variance = 0;
    for (size_t first = 0; first < n; first += ROWS) {
        double weight[ROWS] = { 0 };
        size_t rows = n - first < ROWS ? n - first : ROWS;
        for (size_t k = 0; k < m; k++) {
            double along = 0;
            for (size_t j = 0; j < m; j++)
                along += c[j] * lm->basis.T[j + m * k];
            for (size_t i = 0; i < rows; i++)
                weight[i] += along * lm->basis.Q[first + i + n * k];
        }
        for (size_t i = 0; i < rows; i++) {
            double slack = 1 - lm->leverage[first + i], w = weight[i] * lm->residual[first + i] / slack;
            variance += slack < 1e-10 ? NAN : w * w;
        }
    }
    return variance;
}

struct nvc_estimate nvc_lm_contrast(const struct nvc_lm *lm, const double *c, bool robust, double level)
{
    struct nvc_estimate e = { .dof = lm->dof };
    double variance = robust ? robust_variance(lm, c) : 0;
    for (size_t j = 0; j < lm->m; j++) {
        e.estimate += c[j] * lm->beta[j];
        for (size_t k = 0; k < lm->m && !robust; k++)
            variance += c[j] * c[k] * lm->sigma * lm->sigma * lm->V[j + lm->m * k];
    }
    bool defined = variance > 0 && lm->rss > 0;
    e.se = defined ? sqrt(variance) : NAN;
    double half = e.se * (defined ? nvc_t_critical(level, e.dof) : NAN);
    e.ci_low = e.estimate - half, e.ci_high = e.estimate + half;
    e.t = e.estimate / e.se;
    e.p = nvc_t_two_sided(e.t, e.dof);
    return e;
}

/* Solve A x = b by Cholesky for the few columns of a term; false when A is not positive definite. */
static bool solve_positive(double *A, double *b, size_t k)
{
    for (size_t j = 0; j < k; j++) {
        for (size_t i = 0; i < j; i++)
            A[j + k * j] -= A[j + k * i] * A[j + k * i];
        if (!(A[j + k * j] > 0))
            return false;
        A[j + k * j] = sqrt(A[j + k * j]);
        for (size_t r = j + 1; r < k; r++) {
            for (size_t i = 0; i < j; i++)
                A[r + k * j] -= A[r + k * i] * A[j + k * i];
            A[r + k * j] /= A[j + k * j];
        }
    }
    for (size_t j = 0; j < k; j++) {
        for (size_t i = 0; i < j; i++)
            b[j] -= A[j + k * i] * b[i];
        b[j] /= A[j + k * j];
    }
    return true;
}

int nvc_lm_drop(const struct nvc_lm *lm, const size_t *cols, size_t k, struct nvc_lm_f *out, struct nvc_error *err)
{
    double *A = nvc_array(k * k + k, sizeof *A, err), ss = 0;
    if (!A)
        return NVC_ESYS;
    double *b = A + k * k;
    for (size_t i = 0; i < k; i++) {
        b[i] = lm->beta[cols[i]];
        for (size_t j = 0; j < k; j++)
            A[i + k * j] = lm->V[cols[i] + lm->m * cols[j]];
    }
    bool solved = solve_positive(A, b, k); /* b = L^-1 beta: its square is beta' A^-1 beta */
    for (size_t i = 0; i < k; i++)
        ss += b[i] * b[i];
    free(A);
    if (!solved)
        return nvc_fail(err, NVC_EBUG, "a fitted term has no covariance");
    double f = lm->rss > 0 ? ss / (double)k / (lm->rss / lm->dof) : NAN;
    *out = (struct nvc_lm_f){ f, (double)k, lm->dof, nvc_f_sf(f, (double)k, lm->dof), ss / (ss + lm->rss) };
    return 0;
}
