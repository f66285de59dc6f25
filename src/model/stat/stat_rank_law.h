/* The exact law of a rank sum, ties and all: the sum of a random subset of given size of integer weights.
 *
 * Subsets are counted by size and sum, item by item (Streitberg & Roehmel 1986), separately for the lower and
 * the upper half of the weights, and the halves are joined only where a tail is asked for: a third of the work
 * at 200 items, and without ties one law serves every split of the same total.  Counts are sums of positive
 * terms, so that small tails keep their digits. */
#ifndef NVC_MODEL_STAT_RANK_LAW_H
#define NVC_MODEL_STAT_RANK_LAW_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* Largest total number for which the exact laws are used. */
enum { NVC_RANK_EXACT = 200 };

/* Subsets of one half by size k <= most and sum; the smallest sum of each size is column 0. */
struct nvc_rank_half {
    size_t n, most, width;
    size_t *least, *reach; /* most + 1: smallest sum, largest less smallest */
    double *count;         /* (most + 1) x width, row-major */
};

struct nvc_rank_law { /* zero it before use, release it after */
    size_t n;         /* weights in all */
    bool untied;      /* they are 1 .. n */
    struct nvc_rank_half lower, upper;
};
/* weight[n] ascending; subsets of up to `most` will be asked for.  NVC_ESYS. */
int nvc_rank_law_init(struct nvc_rank_law *law, const size_t *weight, size_t n, size_t most,
                      struct nvc_error *err) NVC_CHECKED;
/* The law of 1 .. n for subsets of any size; kept when it is that already. */
int nvc_rank_law_untied(struct nvc_rank_law *law, size_t n, struct nvc_error *err) NVC_CHECKED;
void nvc_rank_law_release(struct nvc_rank_law *law);

/* Chance that k random weights sum to at most, or when `from` to at least, this. */
double nvc_rank_law_tail(const struct nvc_rank_law *law, size_t k, size_t sum, bool from);

#endif
