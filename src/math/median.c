#include "math/median.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>

double nvc_median(double *v, size_t n) { return n ? gsl_stats_median(v, 1, n) : NAN; }

double nvc_mad(double *v, size_t n, double *median)
{
    double m = nvc_median(v, n);
    for (size_t i = 0; i < n; i++)
        v[i] = fabs(v[i] - m);
    if (median)
        *median = m;
    return nvc_median(v, n);
}
