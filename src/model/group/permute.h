/* Permutation tests of one column of a linear model, for many outcomes at once.
 *
 * Freedman & Lane (1983, doi:10.2307/1391660; Winkler et al. 2014, doi:10.1016/j.neuroimage.2014.01.060): the
 * residuals on the nuisance columns are permuted and the whole model fitted again.  The statistic is
 * studentised by default, since permuting a pooled t is not valid under unequal variances: with nuisance
 * columns beside the constant the HC3 t, else Welch's t (its HC2 form).
 *
 * Exact enumeration, which counts the observed arrangement among all, where the nuisance columns are constant
 * within exchangeability blocks (the constant alone, or the block's own intercepts) and the arrangements are
 * few; else Monte Carlo, p = (1 + #{|t*| >= |t|}) / (1 + B), which with covariates is asymptotic.
 *
 * One permutation of all participants serves every outcome: where values are missing, its order restricted to
 * the rows that are there.  The maximum of |t*| over the family therefore keeps the dependence between
 * outcomes and its p controls the family-wise error.  Replicate b draws from random stream b, so that the
 * results are the same for any number of threads. */
#ifndef NVC_MODEL_PERMUTE_H
#define NVC_MODEL_PERMUTE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nvc_permute_outcome {
    size_t n, m;         /* rows and columns of the model; n 0: left out, its results are NaN */
    const size_t *row;   /* n participants, ascending */
    const double *X, *y; /* n x m (full rank), n: borrowed */
    size_t column;       /* the column that is tested */
    bool in_family;      /* of the maximum */
    bool in_pool;        /* of the mean: replicates of one finding, e.g. in several atlases */
};

/* Outcomes that are made from all the data together (harmonised, say) are made again for every permutation.
 * make: y[j] (n values, rows as in the model) of every outcome, with the residuals of participant from[i] where
 * those of to[i] stood; thread 0 .. threads - 1 has its own room.  False: cannot be made, which counts against
 * the observed arrangement. */
struct nvc_permute_remake {
    void *with;
    bool (*make)(void *with, int thread, const size_t *from, const size_t *to, size_t participants, double *const *y);
};

struct nvc_permute_options {
    size_t replicates; /* Monte Carlo: B */
    uint64_t seed;
    bool pooled;         /* the ordinary t instead of the studentised one */
    bool flip;           /* signs are exchangeable instead of rows: paired differences */
    const double *block; /* per participant, any number per block; NULL: one block */
    size_t enumerate;    /* enumerate up to this many arrangements; 0: never */
    const struct nvc_permute_remake *remake; /* or NULL; excludes flip and enumeration */
    int threads;
};

struct nvc_permute_result {
    double t, p, p_family;
    size_t arrangements; /* B, or how many were enumerated */
    bool exact;
};

/* The outcomes of the pool as one test: their mean t and their largest |t| under the same permutations. */
struct nvc_permute_pool {
    size_t n, arrangements;
    double mean_t, largest_t, p_mean, p_largest; /* NaN without an outcome in the pool */
};

/* results[k]; pool may be NULL; `participants` is one more than the largest row.  NVC_ESYS; NVC_EDATA: rank-deficient. */
int nvc_permute(const struct nvc_permute_outcome *outcomes, size_t k, size_t participants,
                const struct nvc_permute_options *o, struct nvc_permute_result *results, struct nvc_permute_pool *pool,
                struct nvc_error *err) NVC_CHECKED;

#endif
