/* SPM12's covariance of serially correlated noise by restricted maximum likelihood (spm_Ce.m, spm_reml.m), to
 * the letter where a letter shows in the results: components by forward differences, thresholds, the step of
 * Fisher scoring.  Friston and others 2002, doi:10.1006/nimg.2002.1091. */
#ifndef NVC_MODEL_REML_H
#define NVC_MODEL_REML_H

#include "base/status.h"

#include <stddef.h>

/* Per run two components, Q(a) -+ a dQ/da with Q = toeplitz(a^lag) at a = .2.  Cy (n x n, symmetric) is the
 * mean outer product of series scaled to unit noise, X (n x m) an orthonormal basis of the whole design,
 * run_start has n_runs + 1 entries.  Gives the hyperparameters h[2 n_runs], V (n x n, trace n) and
 * W = V^-1/2, entries up to 1e-6 set to 0.  NVC_EDATA: the estimate is no covariance; NVC_ESYS: memory. */
int nvc_reml_ar1(double *h, double *V, double *W, const double *Cy, const double *X, size_t n, size_t m,
                 const size_t *run_start, size_t n_runs, struct nvc_error *err) NVC_CHECKED;

#endif
