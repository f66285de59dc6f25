#include "math/correlation.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>

double nvc_pearson(const double *x, const double *y, size_t n)
{
    return n < 2 ? NAN : gsl_stats_correlation(x, 1, y, 1, n);
}
