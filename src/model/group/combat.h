/* Harmonisation of sites by empirical Bayes (Johnson, Li & Rabinovic 2007, doi:10.1093/biostatistics/kxj037),
 * step by step as sva::ComBat computes it: pooled variance over N (where any value is missing: over N - 1, as
 * there), the grand mean weighted by the sizes of the batches, the same rule of convergence.
 *
 * What it adjusts away is estimated from the same data: the site belongs into the model afterwards, too, and
 * permutations repeat it (combat_permute.h). */
#ifndef NVC_MODEL_COMBAT_H
#define NVC_MODEL_COMBAT_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum nvc_combat_prior { NVC_COMBAT_PARAMETRIC, NVC_COMBAT_NONPARAMETRIC };

struct nvc_combat_options {
    enum nvc_combat_prior prior;
    bool mean_only;
    size_t reference;       /* batch that stays as it is; SIZE_MAX: none */
};

/* y: n samples x J features, column-major, NaN where missing, adjusted in place.  batch[n]: 0 .. batches-1.
 * X: n x m covariates to preserve, without a constant (m may be 0), complete.  Every batch needs two samples
 * (mean_only: one).  NVC_EDATA: fewer than three features, a batch too small, covariates and batches that
 * cannot be told apart. */
int nvc_combat(double *y, size_t n, size_t J, const size_t *batch, size_t batches, const double *X, size_t m,
               const struct nvc_combat_options *o, struct nvc_error *err) NVC_CHECKED;

#endif
