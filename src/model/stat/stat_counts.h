/* Tables of counts: independence of rows and columns. */
#ifndef NVC_MODEL_STAT_COUNTS_H
#define NVC_MODEL_STAT_COUNTS_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_chi2 {
    double chi2, dof, p, cramers_v, least_expected;
};
/* Pearson's chi-square of count[rows x cols] (column-major); empty rows and columns are left out.  `yates`
 * takes up to 0.5 off each |observed - expected| (2 x 2).  NaN when fewer than two rows or columns are left. */
struct nvc_chi2 nvc_chi2_test(const double *count, size_t rows, size_t cols, bool yates);

struct nvc_fisher {
    double p;                                /* two-sided: tables no more likely than this one */
    double odds_ratio, ci_low, ci_high;      /* conditional maximum likelihood, exact interval */
    double sample_odds_ratio;                /* ad / bc */
};
/* Fisher's exact test of the table a b / c d (row, row). */
struct nvc_fisher nvc_fisher_test(double a, double b, double c, double d, double level);

/* Freeman & Halton's exact p of a table of two rows, first[cols] and second[cols], by enumeration of all
 * tables with its margins (1951, doi:10.1093/biomet/38.1-2.141); NaN when they are more than 10 million. */
double nvc_freeman_halton(const double *first, const double *second, size_t cols);

#endif
