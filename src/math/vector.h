/* Sums over short vectors in the innermost loops: four partial sums in a fixed order, which the compiler
 * keeps in one register, so that results do not depend on how it vectorises. */
#ifndef NVC_MATH_VECTOR_H
#define NVC_MATH_VECTOR_H

#include <stddef.h>

static inline double nvc_dot(const double *a, const double *b, size_t n)
{
    double s[4] = { 0 };
    size_t t = 0;
    for (; t + 4 <= n; t += 4)
        for (size_t k = 0; k < 4; k++)
            s[k] += a[t + k] * b[t + k];
    for (; t < n; t++)
        s[0] += a[t] * b[t];
    return (s[0] + s[1]) + (s[2] + s[3]);
}

/* a -= c b */
static inline void nvc_subtract(double *a, double c, const double *b, size_t n)
{
    for (size_t t = 0; t < n; t++)
        a[t] -= c * b[t];
}

#endif
