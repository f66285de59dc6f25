/* Agreement of repeated measurements. */
#ifndef NVC_MODEL_STAT_ICC_H
#define NVC_MODEL_STAT_ICC_H

#include "base/status.h"

#include <stddef.h>

struct nvc_icc {
    double icc, ci_low, ci_high, f, dof1, dof2, p;
};
/* Intraclass correlations after Shrout & Fleiss (1979, doi:10.1037/0033-2909.86.2.420) and McGraw & Wong
 * (1996, doi:10.1037/1082-989X.1.1.30), whose approximate degrees of freedom make the interval of ICC(2,.). */
enum nvc_icc_kind { NVC_ICC_1_1, NVC_ICC_2_1, NVC_ICC_3_1, NVC_ICC_1_K, NVC_ICC_2_K, NVC_ICC_3_K, NVC_ICC_KINDS };
extern const char *const nvc_icc_names[]; /* "icc_1_1", ... */

struct nvc_agreement {
    size_t n, k;
    struct nvc_icc icc[NVC_ICC_KINDS];
    double ms_rows, ms_columns, ms_error, ms_within;
    double sem_consistency, sem_agreement; /* sqrt(MSE); sqrt(MSE + max(0, MSC - MSE) / n) */
    double sdc_consistency, sdc_agreement; /* smallest detectable change: 1.96 sqrt(2) SEM */
};
/* x: n subjects x k measurements, column-major, complete.  NaN throughout below two of either or without
 * variation. */
struct nvc_agreement nvc_agreement(const double *x, size_t n, size_t k, double level);

struct nvc_split_half {
    double r, sb, sb_low, sb_high; /* correlation of two halves; Spearman-Brown 2 r / (1 + r), interval by Fisher's z */
};
struct nvc_split_half nvc_split_half(const double *a, const double *b, size_t n, double level);

struct nvc_bland_altman {
    double bias, bias_low, bias_high, sd; /* of b - a */
    double lower, lower_low, lower_high;  /* limits of agreement bias -+ 1.96 sd and their intervals */
    double upper, upper_low, upper_high;  /* (Bland & Altman 1999, doi:10.1177/096228029900800204) */
    double slope, slope_p;                /* of the difference on the mean: proportional bias */
};
int nvc_bland_altman(const double *a, const double *b, size_t n, double level, struct nvc_bland_altman *out,
                     struct nvc_error *err) NVC_CHECKED;

#endif
