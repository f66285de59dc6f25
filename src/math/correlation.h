/* Correlation of pairs, through GSL. */
#ifndef NVC_MATH_CORRELATION_H
#define NVC_MATH_CORRELATION_H

#include <stddef.h>

/* Pearson's r of n pairs; NaN when there are fewer than 2 or one of the two is constant. */
double nvc_pearson(const double *x, const double *y, size_t n);

#endif
