/* Two samples compared by ranks.  Samples are sorted (nvc_sort); a is the case, b the control sample. */
#ifndef NVC_MODEL_STAT_RANK_H
#define NVC_MODEL_STAT_RANK_H

#include "base/status.h"
#include "model/stat/stat_rank_law.h"

#include <stdbool.h>
#include <stddef.h>

/* Midranks 1 .. n of x[n] (any order) into rank[n]; returns the sum of t^3 - t over groups of t ties, in
 * *ties.  NVC_ESYS. */
int nvc_midranks(const double *x, size_t n, double *rank, double *ties, struct nvc_error *err) NVC_CHECKED;

/* The same for two sorted samples together (b NULL and n0 0: one alone), in linear time: ranks of a, then of
 * b, into rank[n1 + n0].  Returns the sum of t^3 - t. */
double nvc_ranks_of_sorted(const double *a, size_t n1, const double *b, size_t n0, double *rank);

struct nvc_mann_whitney {
    double u; /* of the cases: pairs in which the case is larger, ties counting half */
    double p; /* two-sided: exact (conditional on the ties) when exact, else p_normal_cc */
    bool exact;
    double p_normal, p_normal_cc;        /* tie-corrected normal, without and with continuity correction */
    double rank_biserial;                /* 2 U / (n1 n0) - 1 = Cliff's delta */
    double shift, shift_low, shift_high; /* Hodges-Lehmann: median of all differences, and its interval */
};
/* It tests P(case > control) = 1/2, and equality of medians only where the two laws have the same shape.
 * The interval of the shift takes order statistics of the differences by the law without ties (exact up to
 * NVC_RANK_EXACT, normal beyond); differences are counted, not made, so that large samples cost n log n.  `law`
 * is kept from one test to the next (zero it, release it).  Sources: Mann & Whitney 1947;
 * Hodges & Lehmann 1963, doi:10.1214/aoms/1177704172. */
int nvc_mann_whitney_test(const double *a, size_t n1, const double *b, size_t n0, double level,
                          struct nvc_rank_law *law, struct nvc_mann_whitney *out, struct nvc_error *err) NVC_CHECKED;

/* The k-th smallest (from 1) of the n1 n0 differences a_i - b_j. */
double nvc_kth_difference(const double *a, size_t n1, const double *b, size_t n0, size_t k);

#endif
