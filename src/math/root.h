/* The root of a continuous function of one variable. */
#ifndef NVC_MATH_ROOT_H
#define NVC_MATH_ROOT_H

/* x in [lo, hi] with f(x) = 0, to the last digits of x, by Ridders' method (1979, IEEE Trans. Circuits
 * Syst. 26:979, doi:10.1109/TCS.1979.1084580).  NaN when f has the same sign at both ends or is NaN. */
double nvc_root(double (*f)(double x, const void *with), const void *with, double lo, double hi);

/* The same, moving `hi` away from `lo` (doubling the distance, at most 60 times) until f changes sign. */
double nvc_root_beyond(double (*f)(double x, const void *with), const void *with, double lo, double hi);

#endif
