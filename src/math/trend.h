/* What is left of a series when its slow trend is taken out. */
#ifndef NVC_MATH_TREND_H
#define NVC_MATH_TREND_H

#include <stddef.h>

/* sd of y[n] about its least-squares parabola, with n - 3 degrees of freedom; NaN when n < 4.  y becomes the residual. */
double nvc_quadratic_sd(double *y, size_t n);

#endif
