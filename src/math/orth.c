#include "math/orth.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static double dot(const double *a, const double *b, size_t n)
{
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += a[i] * b[i];
    return s;
}

void nvc_orth(double *X, size_t n, size_t m)
{
    for (size_t j = 1; j < m; j++) {
        double *x = X + n * j, before = sqrt(dot(x, x, n));
        for (int pass = 0; pass < 2; pass++) /* twice is enough (Kahan, Parlett) */
            for (size_t k = 0; k < j; k++) {
                const double *q = X + n * k;
                double qq = dot(q, q, n), along = qq > 0 ? dot(q, x, n) / qq : 0;
                for (size_t i = 0; i < n; i++)
                    x[i] -= along * q[i];
            }
        if (sqrt(dot(x, x, n)) <= 1e-12 * before)
            memset(x, 0, n * sizeof *x);
    }
}
