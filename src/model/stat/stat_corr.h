/* Correlation of two variables: Pearson, Spearman, Kendall, and partial correlation. */
#ifndef NVC_MODEL_STAT_CORR_H
#define NVC_MODEL_STAT_CORR_H

#include "base/status.h"

#include <stddef.h>

struct nvc_correlation {
    size_t n;
    double r, t, dof, p;   /* t NaN for Kendall, whose p is normal with ties */
    double ci_low, ci_high;
    double fisher_low, fisher_high; /* Spearman: the interval with se 1 / sqrt(n - 3) beside the default */
};

/* Pearson: interval by Fisher's z.  All NaN below three pairs (interval: below four) or without variation. */
struct nvc_correlation nvc_corr_pearson(const double *x, const double *y, size_t n, double level);

/* Spearman on midranks: p by t; interval by Fisher's z with se sqrt((1 + r^2/2) / (n - 3)) (Bonett & Wright
 * 2000, doi:10.1007/BF02294183). */
int nvc_corr_spearman(const double *x, const double *y, size_t n, double level, struct nvc_correlation *out,
                 struct nvc_error *err) NVC_CHECKED;

/* Kendall's tau-b in n log n (Knight 1966); p by the tie-corrected normal; interval by Fisher's z with se
 * sqrt(0.437 / (n - 4)) (Fieller, Hartley & Pearson 1957). */
int nvc_corr_kendall(const double *x, const double *y, size_t n, double level, struct nvc_correlation *out,
                struct nvc_error *err) NVC_CHECKED;

/* Partial: correlation of the residuals of x and y on the columns of C (n x k, the constant among them), with
 * n - 1 - k degrees of freedom and the interval's se 1 / sqrt(n - k - 2).  NVC_EDATA: C rank-deficient. */
int nvc_corr_partial(const double *x, const double *y, const double *C, size_t n, size_t k, double level,
                struct nvc_correlation *out, struct nvc_error *err) NVC_CHECKED;

#endif
