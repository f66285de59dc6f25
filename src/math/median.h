/* Medians.  Both functions reorder v; NaN among the values is the caller's to leave out. */
#ifndef NVC_MATH_MEDIAN_H
#define NVC_MATH_MEDIAN_H

#include <stddef.h>

/* Median of v[n] (the mean of the middle two when n is even); NaN when n is 0. */
double nvc_median(double *v, size_t n);
/* Median absolute deviation from the median, unscaled; *median may be NULL. */
double nvc_mad(double *v, size_t n, double *median);

#endif
