#include "math/ratio.h"

#include <math.h>

struct nvc_ratio nvc_fieller(double a, double var_a, double b, double var_b, double cov, double t)
{
    const double A = b * b - t * t * var_b, B = a * b - t * t * cov, C = a * a - t * t * var_a, q = a / b;
    const double root = sqrt(fmax(B * B - A * C, 0));
    struct nvc_ratio r = { q, sqrt(var_a + q * q * var_b - 2 * q * cov) / fabs(b), NAN, NAN };
    if (A > 0)
        r.ci_low = (B - root) / A, r.ci_high = (B + root) / A;
    return r;
}
