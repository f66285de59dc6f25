/* Do the assumptions hold?  Normality of a sample and values far out: columns beside a test, never a gate. */
#ifndef NVC_MODEL_STAT_SHAPE_H
#define NVC_MODEL_STAT_SHAPE_H

#include "base/status.h"

#include <stddef.h>

/* Shapiro & Wilk's W and its p by Royston's approximation (1995, AS R94, doi:10.2307/2986146), 3 to 5000
 * sorted values that vary; NaN otherwise. */
int nvc_shapiro_wilk(const double *sorted, size_t n, double *w, double *p, struct nvc_error *err) NVC_CHECKED;

/* How many values lie further than 3 scaled median absolute deviations (1.4826 MAD) from the median; 0 when
 * the deviation is 0. */
int nvc_count_outliers(const double *sorted, size_t n, size_t *outliers, struct nvc_error *err) NVC_CHECKED;

#endif
