/* Cochrane-Orcutt regression, many times over one small design: the inner loop of the lag search. */
#include "model/rest/rest_internal.h"

#include "math/vector.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

/* Cholesky of the m x m matrix A (lower part, in place) and solution of A x = b; false when a pivot says
 * that A is singular to working accuracy. */
static bool solve_positive(double *A, double *b, size_t m)
{
    for (size_t j = 0; j < m; j++) {
        double pivot = A[j + m * j];
        for (size_t k = 0; k < j; k++)
            pivot -= A[j + m * k] * A[j + m * k];
        if (!(pivot > 1e-11 * A[j + m * j]))
            return false;
        A[j + m * j] = pivot = sqrt(pivot);
        for (size_t i = j + 1; i < m; i++) {
            double s = A[i + m * j];
            for (size_t k = 0; k < j; k++)
                s -= A[i + m * k] * A[j + m * k];
            A[i + m * j] = s / pivot;
        }
    }
    for (size_t i = 0; i < m; i++) {
        for (size_t k = 0; k < i; k++)
            b[i] -= A[i + m * k] * b[k];
        b[i] /= A[i + m * i];
    }
    for (size_t i = m; i-- > 0;) {
        for (size_t k = i + 1; k < m; k++)
            b[i] -= A[k + m * i] * b[k];
        b[i] /= A[i + m * i];
    }
    return true;
}

/* Least squares with an optional penalty.  The columns are an orthogonalised basis at one lag, so their
 * Gram matrix is well conditioned; where it is not (an FIR bin without events) QR with pivoting takes over. */
static int least_squares(const double *X, const double *y, size_t n, size_t m, const double *penalty,
                         double *beta, double *work, struct nvc_error *err)
{
    double *A = work;
    for (size_t j = 0; j < m; j++) {
        for (size_t i = j; i < m; i++)
            A[i + m * j] = nvc_dot(X + n * i, X + n * j, n) + (penalty ? penalty[i + m * j] : 0);
        beta[j] = nvc_dot(X + n * j, y, n);
    }
    if (solve_positive(A, beta, m))
        return 0;
    double *copy = work + m * m, *rhs = copy + n * m;
    int rank = 0, pivot[256] = { 0 };
    if (m > 256 || penalty)
        return nvc_fail(err, NVC_EDATA, "the design of the resting HRF is singular");
    memcpy(copy, X, n * m * sizeof *copy);
    memcpy(rhs, y, n * sizeof *rhs);
    if (LAPACKE_dgelsy(LAPACK_COL_MAJOR, (int)n, (int)m, 1, copy, (int)n, rhs, (int)(n > m ? n : m), pivot, 1e-10, &rank))
        return nvc_fail(err, NVC_EBUG, "dgelsy refused its arguments");
    memcpy(beta, rhs, m * sizeof *beta);
    return 0;
}

static void residuals(const double *X, const double *y, size_t n, size_t m, const double *beta, double *r)
{
    memcpy(r, y, n * sizeof *r);
    for (size_t j = 0; j < m; j++)
        for (size_t t = 0; t < n; t++)
            r[t] -= X[t + n * j] * beta[j];
}

static double variance_of(const double *r, size_t n)
{
    double mean = 0, ss = 0;
    for (size_t t = 0; t < n; t++)
        mean += r[t];
    mean /= (double)n;
    for (size_t t = 0; t < n; t++)
        ss += (r[t] - mean) * (r[t] - mean);
    return ss / ((double)n - 1);
}

/* Autoregressive coefficients of r[0..n) by least squares on its own past. */
static int autoregression(const double *r, size_t n, size_t p, double *phi, double *work, struct nvc_error *err)
{
    double *lags = work;
    if (p == 1) {
        double below = nvc_dot(r, r, n - 1);
        phi[0] = below > 0 ? nvc_dot(r + 1, r, n - 1) / below : 0;
        return 0;
    }
    for (size_t k = 0; k < p; k++)
        memcpy(lags + (n - p) * k, r + p - 1 - k, (n - p) * sizeof *r);
    return least_squares(lags, r + p, n - p, p, NULL, phi, work + (n - p) * p, err);
}

static double difference(const double *a, const double *b, size_t m)
{
    double most = 0;
    for (size_t j = 0; j < m; j++)
        most = fmax(most, fabs(a[j] - b[j]));
    return most;
}

size_t nvc_rest_regress_work(size_t n, size_t m, int p)
{
    const size_t q = m + (size_t)p + 1;
    return 2 * n * q + q * q + n + 2 * q + (n + q) * (q + 2);
}

int nvc_rest_regress(const double *X, const double *y, size_t n, size_t m, int order, const double *penalty,
                     double *beta, double *variance, double *work, struct nvc_error *err)
{
    enum { PASSES = 20 };
    const size_t p = (size_t)order, k = n - p;
    double *Xw = work, *yw = Xw + k * m, *r = yw + k, *phi = r + n, *next = phi + p, *rest = next + m;
    double largest = 0;
    int status = least_squares(X, y, n, m, penalty, beta, rest, err);
    if (status)
        return status;
    residuals(X, y, n, m, beta, r);
    if (!p) {
        *variance = variance_of(r, n);
        return 0;
    }
    for (size_t j = 0; j < m; j++)
        largest = fmax(largest, fabs(beta[j]));
    const double tolerance = fmin(1e-6, largest / 1000);
    for (int pass = 0; pass < PASSES; pass++) {
        /* The published code drops the last p residuals in the first pass, the first p afterwards. */
        if ((status = autoregression(r, k, p, phi, rest, err)))
            return status;
        for (size_t j = 0; j <= m; j++) {
            const double *x = j < m ? X + n * j : y;
            double *w = j < m ? Xw + k * j : yw;
            for (size_t t = 0; t < k; t++)
                w[t] = x[t + p];
            for (size_t i = 0; i < p; i++)
                for (size_t t = 0; t < k; t++)
                    w[t] -= phi[i] * x[t + p - 1 - i];
        }
        if ((status = least_squares(Xw, yw, k, m, penalty, next, rest, err)))
            return status;
        const double moved = difference(next, beta, m);
        memcpy(beta, next, m * sizeof *beta);
        memcpy(r, y + p, k * sizeof *r);
        for (size_t j = 0; j < m; j++)
            for (size_t t = 0; t < k; t++)
                r[t] -= X[t + p + n * j] * beta[j];
        if (moved < tolerance)
            break;
    }
    *variance = variance_of(r, k);
    return 0;
}
