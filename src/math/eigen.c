#include "math/eigen.h"

#include "base/memory.h"

#include <cblas.h>
#include <lapacke.h>
#include <limits.h>
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
