#include "math/eigen.h"

#include "base/memory.h"

#include <cblas.h>
#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

int nvc_eigen_largest(double *A, size_t n, double *value, double *v, struct nvc_error *err)
{
    if (!n || n > INT_MAX)
        return nvc_fail(err, NVC_EBUG, "eigenvalues of a matrix of order %zu", n);
    lapack_int order = (lapack_int)n, found = 0, support[2];
    double *values = nvc_array(n, sizeof *values, err);
    if (!values)
        return (int)err->status;
    lapack_int info = LAPACKE_dsyevr(LAPACK_COL_MAJOR, 'V', 'I', 'U', order, A, order, 0, 0, order, order, 0, &found, values,
                                     v, order, support);
    *value = values[0];
    free(values);
    if (info == LAPACK_WORK_MEMORY_ERROR)
        return nvc_fail(err, NVC_ESYS, "out of memory for the eigenvalues of a matrix of order %zu", n);
    if (info || found != 1)
        return nvc_fail(err, NVC_EDATA, "no eigenvalue found (LAPACK dsyevr %d): are all numbers finite?", (int)info);
    return 0;
}

void nvc_gram(const double *Y, size_t n, size_t m, int rows, double *G)
{
    int order = (int)(rows ? n : m), inner = (int)(rows ? m : n);
    cblas_dsyrk(CblasColMajor, CblasUpper, rows ? CblasNoTrans : CblasTrans, order, inner, 1, Y, (int)n, 0, G, order);
}

int nvc_symmetric_eigen(double *A, size_t n, double *values, struct nvc_error *err)
{
    if (LAPACKE_dsyev(LAPACK_COL_MAJOR, 'V', 'U', (int)n, A, (int)n, values))
        return nvc_fail(err, NVC_EDATA, "a symmetric matrix of %zu rows has no eigenvectors", n);
    return 0;
}

int nvc_symmetric_root(double *A, size_t n, double floor_share, struct nvc_error *err)
{
    double *w = nvc_array(n + n * n, sizeof *w, err), *V = w ? w + n : NULL;
    int status = w ? nvc_symmetric_eigen(A, n, w, err) : NVC_ESYS;
    if (status) {
        free(w);
        return status;
    }
    for (size_t k = 0; k < n; k++) {
        const double fourth = pow(fmax(w[k], floor_share * w[n - 1]), 0.25);
        for (size_t i = 0; i < n; i++)
            V[i + n * k] = A[i + n * k] * fourth;
    }
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, (int)n, (int)n, (int)n, 1, V, (int)n, V, (int)n, 0, A, (int)n);
    free(w);
    return 0;
}

int nvc_loadings(const double *Y, size_t n, size_t m, double *loadings, struct nvc_error *err)
{
    size_t order = n < m ? n : m;
    double *G = nvc_array(order * order, sizeof *G, err), *v = G ? nvc_array(order, sizeof *v, err) : NULL;
    double value = 0, sum = 0, norm = 0;
    int status = v ? 0 : (int)err->status;
    if (!status) {
        nvc_gram(Y, n, m, n < m, G);
        status = nvc_eigen_largest(G, order, &value, v, err);
    }
    for (size_t i = 0; !status && i < m; i++) {
        loadings[i] = n < m ? 0 : v[i];
        for (size_t t = 0; n < m && t < n; t++)
            loadings[i] += Y[t + n * i] * v[t];
        sum += loadings[i];
        norm += loadings[i] * loadings[i];
    }
    for (size_t i = 0; !status && i < m; i++)
        loadings[i] *= (sum < 0 ? -1 : 1) / sqrt(norm);
    free(G);
    free(v);
    return status;
}
