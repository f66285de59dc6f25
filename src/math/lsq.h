/* Linear least squares by Householder QR with column pivoting (LAPACK dgeqp3), never by normal equations,
 * with what a user must know about the columns: rank, condition, and which of them cannot be told apart.
 *
 * Columns are scaled to unit length before they are factored, so that rank and condition do not depend on
 * units (Belsley, Kuh & Welsch 1980, doi:10.1002/0471725153).  Matrices are column-major.  The results
 * (beta, covariance) are in the units of X. */
#ifndef NVC_MATH_LSQ_H
#define NVC_MATH_LSQ_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* BLAS on the calling thread only: our own threads do the sharing, in a fixed order.  Called once by a
 * command before it computes; harmless to repeat. */
void nvc_blas_single_thread(void);

struct nvc_lsq {
    size_t n, m;       /* rows, columns of X */
    size_t rank;       /* singular values above 1e-12 of the largest */
    double condition;  /* largest over smallest singular value of the scaled columns; infinity when 0 */
    double log_det;    /* log|X'X|; -infinity when deficient */
    double *Q;         /* n x m, orthonormal columns that span X (its first `rank` ones when deficient) */
    double *T;         /* m x m: X T = Q, so beta = T Q'y and (X'X)^-1 = T T'; zero when deficient */
    double *singular;  /* m, of the scaled columns, descending */
    double *V;         /* m x m right singular vectors as columns, of the scaled columns */
    double *scale;     /* m: length of each column of X */
};

/* Factor X (n x m).  NVC_EDATA: fewer rows than columns, or a value that is not finite; NVC_ESYS: memory.
 * A deficient X is no error here: ask rank, or nvc_lsq_require. */
int nvc_lsq_init(struct nvc_lsq *f, const double *X, size_t n, size_t m, struct nvc_error *err) NVC_CHECKED;
void nvc_lsq_release(struct nvc_lsq *f);

/* Columns that take part in what cannot be told apart: a weight above 0.1 of the largest in a right
 * singular vector whose singular value is below 1/limit of the largest.  Returns how many;
 * involved[m] may be NULL. */
size_t nvc_lsq_involved(const struct nvc_lsq *f, double limit, bool *involved);

/* Refuse (NVC_EDATA) a matrix of deficient rank or a condition above `limit`, naming the columns involved:
 * "columns 'face', 'house' and 'constant' are linearly dependent (rank 6 of 7); leave one out". */
int nvc_lsq_require(const struct nvc_lsq *f, double limit, const char *const *names, struct nvc_error *err) NVC_CHECKED;

/* The contrast row c[m] is a combination of rows of X: c'beta does not depend on how beta was chosen. */
bool nvc_lsq_estimable(const struct nvc_lsq *f, const double *c);

/* beta[m] = argmin |y - X beta| and residual[n] = y - X beta; returns the residual sum of squares.  X must
 * have full rank. */
double nvc_lsq_solve(const struct nvc_lsq *f, const double *y, double *beta, double *residual);

/* V (m x m) = (X'X)^-1; X must have full rank. */
void nvc_lsq_covariance(const struct nvc_lsq *f, double *V);

/* Leverage h[n]: diagonal of X (X'X)^-1 X'; sums to m. */
void nvc_lsq_leverage(const struct nvc_lsq *f, double *h);

#endif
