#include "math/lsq.h"

#include "base/memory.h"
#include "base/text.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double rank_tolerance = 1e-12;

void nvc_blas_single_thread(void)
{
    openblas_set_num_threads(1);
}

void nvc_lsq_release(struct nvc_lsq *f)
{
    free(f->Q);
    free(f->T);
    free(f->singular);
    free(f->V);
    free(f->scale);
    *f = (struct nvc_lsq){ 0 };
}

static int check_input(const double *X, size_t n, size_t m, struct nvc_error *err)
{
    if (m == 0 || n < m)
        return nvc_fail(err, NVC_EDATA, "%zu rows cannot determine %zu columns", n, m);
    for (size_t k = 0; k < n * m; k++)
        if (!isfinite(X[k]))
            return nvc_fail(err, NVC_EDATA, "row %zu of column %zu is not a finite number", k % n + 1, k / n + 1);
    return 0;
}

/* Copy X into Q, each column divided by a power of two near its length: exact, where division by the length
 * itself would cost digits of an ill-conditioned problem. */
static void copy_scaled(struct nvc_lsq *f, const double *X, double *power)
{
    for (size_t j = 0; j < f->m; j++) {
        int e = 0;
        f->scale[j] = cblas_dnrm2((int)f->n, X + j * f->n, 1);
        frexp(f->scale[j], &e);
        power[j] = f->scale[j] > 0 ? ldexp(1, e) : 1;
        for (size_t i = 0; i < f->n; i++)
            f->Q[i + j * f->n] = X[i + j * f->n] / power[j];
    }
}

/* Singular values and right vectors of the unit-length columns from the triangle R (in pivoted order). */
static int singular_values(struct nvc_lsq *f, const double *R, const lapack_int *pivot, struct nvc_error *err)
{
    size_t m = f->m;
    double *work = nvc_array(2 * m * m + m, sizeof *work, err);
    if (!work)
        return (int)err->status;
    double *A = work, *Vt = work + m * m;
    for (size_t j = 0; j < m; j++) {
        double length = cblas_dnrm2((int)j + 1, R + j * m, 1);
        for (size_t i = 0; i <= j; i++)
            A[i + j * m] = length > 0 ? R[i + j * m] / length : 0;
    }
    lapack_int info = LAPACKE_dgesvd(LAPACK_COL_MAJOR, 'N', 'S', (lapack_int)m, (lapack_int)m, A, (lapack_int)m, f->singular,
                                     NULL, 1, Vt, (lapack_int)m, Vt + m * m);
    for (size_t j = 0; j < m; j++)
        for (size_t k = 0; k < m; k++)
            f->V[(size_t)pivot[j] - 1 + k * m] = Vt[k + j * m];
    free(work);
    if (info == LAPACK_WORK_MEMORY_ERROR)
        return nvc_fail(err, NVC_ESYS, "out of memory for the singular values of a matrix of order %zu", m);
    if (info)
        return nvc_fail(err, NVC_EBUG, "singular value decomposition did not converge (%d)", (int)info);
    f->rank = 0;
    while (f->rank < m && f->singular[f->rank] > rank_tolerance * f->singular[0])
        f->rank++;
    f->condition = f->singular[m - 1] > 0 ? f->singular[0] / f->singular[m - 1] : INFINITY;
    return 0;
}

/* T = D^-1 P R^-1, from X D^-1 P = Q R; and the determinant. */
static void invert_triangle(struct nvc_lsq *f, double *R, const lapack_int *pivot, const double *power)
{
    size_t m = f->m;
    f->log_det = f->rank < m ? -INFINITY : 0;
    if (f->rank < m)
        return;
    for (size_t j = 0; j < m; j++)
        f->log_det += 2 * log(fabs(R[j + j * m]) * power[j]);
    LAPACKE_dtrtri(LAPACK_COL_MAJOR, 'U', 'N', (lapack_int)m, R, (lapack_int)m);
    for (size_t i = 0; i < m; i++)
        for (size_t j = i; j < m; j++)
            f->T[(size_t)pivot[i] - 1 + j * m] = R[i + j * m] / power[pivot[i] - 1];
}

int nvc_lsq_init(struct nvc_lsq *f, const double *X, size_t n, size_t m, struct nvc_error *err)
{
    *f = (struct nvc_lsq){ .n = n, .m = m };
    double *R = NULL, *work = NULL;
    lapack_int *pivot = NULL;
    int status = check_input(X, n, m, err);
    if (status)
        return status;
    if (!(f->Q = nvc_array(n * m, sizeof(double), err)) || !(f->T = nvc_array(m * m, sizeof(double), err)) ||
        !(f->singular = nvc_array(m, sizeof(double), err)) || !(f->V = nvc_array(m * m, sizeof(double), err)) ||
        !(f->scale = nvc_array(m, sizeof(double), err)) || !(R = nvc_array(m * m, sizeof(double), err)) ||
        !(work = nvc_array(2 * m, sizeof(double), err)) || !(pivot = nvc_array(m, sizeof *pivot, err))) {
        status = (int)err->status;
        goto out;
    }
    double *tau = work, *power = work + m;
    lapack_int rows = (lapack_int)n, cols = (lapack_int)m;
    copy_scaled(f, X, power);
    lapack_int info = LAPACKE_dgeqp3(LAPACK_COL_MAJOR, rows, cols, f->Q, rows, pivot, tau);
    for (size_t j = 0; j < m; j++)
        memcpy(R + j * m, f->Q + j * n, (j + 1) * sizeof *R);
    if (!info)
        info = LAPACKE_dorgqr(LAPACK_COL_MAJOR, rows, cols, cols, f->Q, rows, tau);
    if (info) {
        status = nvc_fail(err, NVC_ESYS, "LAPACK has no memory (%d)", (int)info);
        goto out;
    }
    status = singular_values(f, R, pivot, err);
    if (!status)
        invert_triangle(f, R, pivot, power);
out:
    free(R);
    free(work);
    free(pivot);
    if (status)
        nvc_lsq_release(f);
    return status;
}

size_t nvc_lsq_involved(const struct nvc_lsq *f, double limit, bool *involved)
{
    size_t count = 0;
    for (size_t j = 0; j < f->m; j++) {
        bool in = false;
        for (size_t k = 0; k < f->m && !in; k++) {
            if (f->singular[k] * limit > f->singular[0])
                continue;
            const double *v = f->V + k * f->m;
            in = fabs(v[j]) > 0.1 * fabs(v[cblas_idamax((int)f->m, v, 1)]);
        }
        if (involved)
            involved[j] = in;
        count += in;
    }
    return count;
}

static int list_names(struct nvc_text *t, const bool *involved, size_t count, size_t m, const char *const *names,
                      struct nvc_error *err)
{
    size_t seen = 0;
    int status = 0;
    for (size_t j = 0; j < m && !status; j++) {
        if (!involved[j])
            continue;
        const char *gap = seen == 0 ? "" : seen + 1 == count ? " and " : ", ";
        seen++;
        if (seen <= 12 || seen == count)
            status = nvc_text_printf(t, err, "%s'%s'", gap, names[j]);
        else if (seen == 13)
            status = nvc_text_puts(t, ", ...", err);
    }
    return status;
}

int nvc_lsq_require(const struct nvc_lsq *f, double limit, const char *const *names, struct nvc_error *err)
{
    bool deficient = f->rank < f->m;
    if (!deficient && f->condition <= limit)
        return 0;
    struct nvc_text list = { 0 };
    bool *involved = nvc_array(f->m, sizeof *involved, err);
    if (!involved)
        return (int)err->status;
    size_t count = nvc_lsq_involved(f, deficient ? 1 / rank_tolerance : limit, involved);
    int status = list_names(&list, involved, count, f->m, names, err);
    free(involved);
    if (!status && count == 1)
        status = nvc_fail(err, NVC_EDATA, "column %s is zero; leave it out", list.data);
    else if (!status && deficient)
        status = nvc_fail(err, NVC_EDATA, "columns %s are linearly dependent (rank %zu of %zu); leave one of them out",
                          list.data, f->rank, f->m);
    else if (!status)
        status = nvc_fail(err, NVC_EDATA, "columns %s can hardly be told apart (condition number %.3g, at most %.3g); "
                          "leave one of them out", list.data, f->condition, limit);
    nvc_text_release(&list);
    return status;
}

bool nvc_lsq_estimable(const struct nvc_lsq *f, const double *c)
{
    /* c in units of the scaled columns must be orthogonal to the null space. */
    double length = 0;
    for (size_t j = 0; j < f->m; j++)
        length = hypot(length, f->scale[j] > 0 ? c[j] / f->scale[j] : c[j]);
    for (size_t k = f->rank; k < f->m; k++) {
        double dot = 0;
        for (size_t j = 0; j < f->m; j++)
            dot += f->V[j + k * f->m] * (f->scale[j] > 0 ? c[j] / f->scale[j] : c[j]);
        if (fabs(dot) > 1e-8 * length)
            return false;
    }
    return true;
}

double nvc_lsq_solve(const struct nvc_lsq *f, const double *y, double *beta, double *residual)
{
    int n = (int)f->n, m = (int)f->m;
    memset(beta, 0, f->m * sizeof *beta);
    memcpy(residual, y, f->n * sizeof *residual);
    for (size_t k = 0; k < f->m; k++) { /* as modified Gram-Schmidt: each projection from what the others left */
        double c = cblas_ddot(n, f->Q + k * f->n, 1, residual, 1);
        cblas_daxpy(n, -c, f->Q + k * f->n, 1, residual, 1);
        cblas_daxpy(m, c, f->T + k * f->m, 1, beta, 1);
    }
    return cblas_ddot(n, residual, 1, residual, 1);
}

void nvc_lsq_covariance(const struct nvc_lsq *f, double *V)
{
    int m = (int)f->m;
    cblas_dsyrk(CblasColMajor, CblasUpper, CblasNoTrans, m, m, 1, f->T, m, 0, V, m);
    for (size_t j = 0; j < f->m; j++)
        for (size_t i = 0; i < j; i++)
            V[j + i * f->m] = V[i + j * f->m];
}

void nvc_lsq_leverage(const struct nvc_lsq *f, double *h)
{
    for (size_t i = 0; i < f->n; i++) {
        h[i] = 0;
        for (size_t k = 0; k < f->rank; k++)
            h[i] += f->Q[i + k * f->n] * f->Q[i + k * f->n];
    }
}
