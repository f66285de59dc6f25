#include "math/trend.h"

#include <math.h>

/* The polynomials 1, u, u^2 - (n^2 - 1) / 12 are orthogonal on equidistant points u around 0, so each is projected out in turn. */
double nvc_quadratic_sd(double *y, size_t n)
{
    if (n < 4)
        return NAN;
    double c = ((double)n - 1) / 2, m2 = ((double)n * (double)n - 1) / 12, sse = 0;
    for (int degree = 0; degree < 3; degree++) {
        double dot = 0, norm = 0;
        for (size_t t = 0; t < n; t++) {
            double u = (double)t - c, p = degree == 0 ? 1 : degree == 1 ? u : u * u - m2;
            dot += p * y[t];
            norm += p * p;
        }
        for (size_t t = 0; t < n; t++) {
            double u = (double)t - c, p = degree == 0 ? 1 : degree == 1 ? u : u * u - m2;
            y[t] -= dot / norm * p;
        }
    }
    for (size_t t = 0; t < n; t++)
        sse += y[t] * y[t];
    return sqrt(sse / ((double)n - 3));
}
