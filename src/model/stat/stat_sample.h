/* One sample described, two independent samples compared.  Samples are sorted arrays (nvc_sort), so that
 * results do not depend on the order of the rows; differences are case minus control. */
#ifndef NVC_MODEL_STAT_SAMPLE_H
#define NVC_MODEL_STAT_SAMPLE_H

#include "base/status.h"

#include <stddef.h>

void nvc_sort(double *x, size_t n); /* ascending; no NaN */

struct nvc_sample {
    size_t n;
    double mean, sd;         /* sd with n - 1; NaN below two values */
    double median, q25, q75; /* quantiles of type 7 (Hyndman & Fan 1996, doi:10.1080/00031305.1996.10473566) */
    double min, max, skewness; /* skewness G1 with the correction for n, NaN below three values */
};
struct nvc_sample nvc_sample_describe(const double *sorted, size_t n);
double nvc_quantile(const double *sorted, size_t n, double p);
double nvc_mean(const double *x, size_t n); /* NaN when n is 0 */
double nvc_sum_squares(const double *x, size_t n, double mean);

struct nvc_ttest {
    double diff, se, ci_low, ci_high, t, dof, p, p_less, p_greater;
};
/* All NaN when a sample has fewer than two values or neither varies. */
struct nvc_ttest nvc_welch(const struct nvc_sample *a, const struct nvc_sample *b, double level);
struct nvc_ttest nvc_student(const struct nvc_sample *a, const struct nvc_sample *b, double level);
/* Of one sample against mu (paired differences). */
struct nvc_ttest nvc_one_sample(const struct nvc_sample *a, double mu, double level);

struct nvc_ftest {
    double f, dof1, dof2, p;
};
/* Equality of variances: of absolute deviations from the group medians (Brown & Forsythe 1974,
 * doi:10.1080/01621459.1974.10482955) over `groups` samples, and the ratio of two variances (two-sided p). */
int nvc_brown_forsythe(const double *const *x, const size_t *n, size_t groups, struct nvc_ftest *out,
                       struct nvc_error *err) NVC_CHECKED;
struct nvc_ftest nvc_variance_ratio(const struct nvc_sample *a, const struct nvc_sample *b);

#endif
