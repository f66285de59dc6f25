#include "model/stat/stat_shape.h"

#include "base/memory.h"
#include "math/dist.h"
#include "model/stat/stat_sample.h"

#include <math.h>
#include <stdlib.h>

static double polynomial(const double *c, int n, double x)
{
    double sum = 0;
    for (int i = n - 1; i >= 0; i--)
        sum = sum * x + c[i];
    return sum;
}

/* Royston's weights: a[i] for the i-th largest, i < n / 2. */
static void weights(double *a, size_t n)
{
    static const double c1[] = { 0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056 };
    static const double c2[] = { 0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633 };
    size_t half = n / 2;
    double ss = 0, u = 1 / sqrt((double)n);
    if (n == 3) {
        a[0] = M_SQRT1_2;
        return;
    }
    for (size_t i = 0; i < half; i++) {
        a[i] = -nvc_normal_quantile(((double)(i + 1) - 0.375) / ((double)n + 0.25));
        ss += 2 * a[i] * a[i];
    }
    double length = sqrt(ss), first = polynomial(c1, 6, u) + a[0] / length, factor;
    size_t from = n > 5 ? 2 : 1;
    if (n > 5) {
        double second = polynomial(c2, 6, u) + a[1] / length;
        factor = sqrt((ss - 2 * a[0] * a[0] - 2 * a[1] * a[1]) / (1 - 2 * first * first - 2 * second * second));
        a[1] = second;
    } else
        factor = sqrt((ss - 2 * a[0] * a[0]) / (1 - 2 * first * first));
    a[0] = first;
    for (size_t i = from; i < half; i++)
        a[i] /= factor;
}

static double p_of_w(double w, double n)
{
    static const double c3[] = { 0.544, -0.39978, 0.025054, -6.714e-4 },
                        c4[] = { 1.3822, -0.77857, 0.062767, -0.0020322 };
    static const double c5[] = { -1.5861, -0.31082, -0.083751, 0.0038915 }, c6[] = { -0.4803, -0.082676, 0.0030302 };
    double y = log1p(-w), ln = log(n);
    if (n == 3)
        return fmax(0, 1.90985931710274 * (asin(sqrt(w)) - 1.04719755119660));
    if (n <= 11) {
        double gamma = -2.273 + 0.459 * n;
        if (y >= gamma)
            return 1e-99;
        y = -log(gamma - y);
        return nvc_normal_sf((y - polynomial(c3, 4, n)) / exp(polynomial(c4, 4, n)));
    }
    return nvc_normal_sf((y - polynomial(c5, 4, ln)) / exp(polynomial(c6, 3, ln)));
}

int nvc_shapiro_wilk(const double *sorted, size_t n, double *w, double *p, struct nvc_error *err)
{
    double *a = nvc_array(n, sizeof *a, err), top = 0;
    *w = *p = NAN;
    if (!a)
        return NVC_ESYS;
    if (n >= 3 && n <= 5000 && sorted[0] < sorted[n - 1]) {
        weights(a, n);
        for (size_t i = 0; i < n / 2; i++)
            top += a[i] * (sorted[n - 1 - i] - sorted[i]);
        *w = fmin(1, top * top / nvc_sum_squares(sorted, n, nvc_mean(sorted, n)));
        *p = p_of_w(*w, (double)n);
    }
    free(a);
    return 0;
}

int nvc_count_outliers(const double *sorted, size_t n, size_t *outliers, struct nvc_error *err)
{
    double *d = nvc_array(n, sizeof *d, err), median = nvc_quantile(sorted, n, 0.5);
    *outliers = 0;
    if (!d)
        return NVC_ESYS;
    for (size_t i = 0; i < n; i++)
        d[i] = fabs(sorted[i] - median);
    nvc_sort(d, n);
    double limit = 3 * 1.482602218505602 * nvc_quantile(d, n, 0.5);
    for (size_t i = 0; i < n && limit > 0; i++)
        *outliers += d[i] > limit;
    free(d);
    return 0;
}
