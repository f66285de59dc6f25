/* Eigenvectors of symmetric matrices. */
#ifndef NVC_MATH_EIGEN_H
#define NVC_MATH_EIGEN_H

#include "base/status.h"

#include <stddef.h>

/* The largest eigenvalue of the symmetric n x n matrix A (column-major, upper triangle read, destroyed) and its unit
 * vector v[n] (LAPACK dsyevr).  NVC_ESYS (memory), NVC_EDATA when A is not finite or does not converge. */
int nvc_eigen_largest(double *A, size_t n, double *value, double *v, struct nvc_error *err) NVC_CHECKED;

/* G = Y'Y (m x m), or YY' (n x n) when `rows`, of the n x m matrix Y. */
void nvc_gram(const double *Y, size_t n, size_t m, int rows, double *G);

/* loadings[m]: unit loadings of the first component of Y (n x m), from the smaller of its two Gram
 * matrices; their sum is positive.  Y loadings / sqrt(m) is SPM's eigenvariate.  NVC_ESYS, NVC_EDATA as above. */
int nvc_loadings(const double *Y, size_t n, size_t m, double *loadings, struct nvc_error *err) NVC_CHECKED;

/* A (n x n symmetric, upper triangle read) becomes its eigenvectors as columns; values[n] ascending.  NVC_EDATA as above. */
int nvc_symmetric_eigen(double *A, size_t n, double *values, struct nvc_error *err) NVC_CHECKED;

/* A (n x n symmetric, both triangles) becomes its symmetric square root, eigenvalues below `floor_share` times the largest raised
 * to that.  NVC_ESYS, NVC_EDATA as above. */
int nvc_symmetric_root(double *A, size_t n, double floor_share, struct nvc_error *err) NVC_CHECKED;

#endif
